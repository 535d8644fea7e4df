package scenario

import (
	"context"
	"fmt"
	"sync"
)

// waiters are requests that have loaded their sessions before an outage and
// save them during it, with more time for that than the outage lasts.
type waiters struct {
	tr  *trial
	all []*waiter
	end sync.WaitGroup
}

// waiter is a request, and what must be so after it.
type waiter struct {
	do      string
	b       *browser
	before  *browser // has the cookie of before
	held    *held
	reply   string
	want    string // the reply
	who     string // with the cookie of after
	already string // with that of before
}

// newWaiters sends the requests, whose handlers wait.
func newWaiters(ctx context.Context, url string) *waiters {
	w := &waiters{tr: newTrial(ctx, []string{url})}
	one, two := `200 "" 1`, `200 "" 2`
	ann := w.tr.subject()
	for _, v := range []waiter{
		{do: "count", want: "200 2", who: two, already: two},
		{do: "renew", want: "200 renewed", who: one, already: one},
		{do: "login:" + ann, want: "200 hello", who: fmt.Sprintf("200 %q 1", ann), already: nobody},
		{do: "logout", want: "200 bye", who: nobody, already: nobody},
	} {
		v.b = w.tr.browser()
		w.tr.want("before the outage", v.b.do("count"), "200 1")
		v.before = v.b.copy()
		w.add(v)
	}
	w.add(waiter{do: "count", b: w.tr.browser(), before: w.tr.browser(), want: "200 1", who: one, already: nobody})
	victim := w.tr.browser()
	w.tr.want("before the outage", victim.do("count"), "200 1")
	w.add(waiter{do: "revoke:" + victim.id(), b: w.tr.browser(), before: victim, want: "200 revoked", who: nobody, already: nobody})
	return w
}

func (w *waiters) add(v waiter) {
	v.held = v.b.hold(v.do)
	w.all = append(w.all, &v)
}

// release lets the handlers go on.
func (w *waiters) release() {
	for _, v := range w.all {
		w.end.Go(func() { v.reply = v.held.release() })
	}
}

// check waits for the replies.
func (w *waiters) check() {
	w.end.Wait()
	for _, v := range w.all {
		what := v.do + " during an outage that is shorter than its time"
		w.tr.want(what, v.reply, v.want)
		w.tr.want("the cookie before "+what, v.before.do("who"), v.already)
		w.tr.want("the cookie after "+what, v.b.do("who"), v.who)
	}
}
