package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

// Outage kills a database by stop while visitors write, and brings it back by
// start. The store is opened once.
func Outage(t *testing.T, open func(t *testing.T) store.Store, stop, start func()) {
	if err := CheckOutage(t.Context(), open(t), stop, start); err != nil {
		t.Error(err)
	}
}

// CheckOutage returns what does not hold: while the database is down, visitors
// get 503 and pages without a session are served; afterwards it works again,
// and every change that was answered by 200 is there. Requests whose time for
// saving is longer than the outage do not notice it.
func CheckOutage(ctx context.Context, st store.Store, stop, start func()) error {
	const answered, refused = 200, 24 // replies of a kind to wait for; the second are two of each kind from each client
	hasty := &hasty{Store: st}
	s, err := open(hasty, time.Second) // each write that is refused takes as long
	if err != nil {
		return err
	}
	defer s.close()
	unhurried, err := open(hasty, patience)
	if err != nil {
		return err
	}
	defer unhurried.close()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tr := newTrial(ctx, []string{s.url})
	defer tr.close()
	waiters := newWaiters(ctx, unhurried.url)
	defer waiters.tr.close()

	b := tr.browser()
	who := tr.subject()
	tr.want("login", b.do("count", "login:"+who), "200 hello")
	if err := errors.Join(tr.err(), waiters.tr.err()); err != nil {
		return err
	}
	o := &outage{
		tr: tr, replies: make(map[string]int), keys: make(map[string][2]int),
		news: make(chan struct{}, 1), over: make(chan struct{}),
	}
	var clients sync.WaitGroup
	for i := range 4 {
		c := b.copy()
		clients.Go(func() { o.write(c, fmt.Sprint("key-", i)) })
	}
	o.await("200", answered)
	hasty.falls(true) // first, so that no call before the outage waits for longer
	stop()
	waiters.release()
	o.await("503", refused)
	tr.want("a page without a session", b.send(ctx, "/public", nil), "200 welcome")
	tr.want("a page with one", b.do("who"), "503 Service Unavailable")
	tr.want("a logout", b.copy().do("logout"), "503 Service Unavailable")
	start()
	hasty.falls(false)
	o.await("200", answered)
	close(o.over)
	clients.Wait()
	o.check(b, who)
	waiters.check()
	return errors.Join(tr.err(), waiters.tr.err())
}

// outage gathers what visitors were told.
type outage struct {
	tr   *trial
	news chan struct{} // a reply was noted
	over chan struct{}

	mu       sync.Mutex
	replies  map[string]int    // by status
	counted  int               // increments that were acknowledged
	unknown  int               // those that may have happened
	keys     map[string][2]int // by key the last number that was acknowledged, and the last that was sent
	visitors []*browser        // whose first visit was acknowledged
}

// write goes on until the outage is over: it counts, sets a key of the same
// session, and makes a session of its own, all in turn.
func (o *outage) write(c *browser, key string) {
	for n := 1; ; n++ {
		o.note(c.do("count"), func(ok bool) {
			if ok {
				o.counted++
			} else {
				o.unknown++
			}
		})
		o.note(c.do(fmt.Sprintf("set:%s:%d", key, n)), func(ok bool) {
			last := o.keys[key]
			if last[1] = n; ok {
				last[0] = n
			}
			o.keys[key] = last
		})
		visitor := o.tr.browser()
		o.note(visitor.do("count"), func(ok bool) {
			if ok {
				o.visitors = append(o.visitors, visitor)
			}
		})
		select {
		case <-o.over:
			return
		case <-o.tr.ctx.Done():
			return
		default:
		}
	}
}

// note books a reply.
func (o *outage) note(reply string, book func(ok bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tr.ctx.Err() != nil {
		return // await reports it
	}
	status, _, _ := strings.Cut(reply, " ")
	if status != "200" && status != "503" {
		o.tr.fail(fmt.Errorf("a write is answered by %q", reply))
	}
	book(status == "200")
	o.replies[status]++
	select {
	case o.news <- struct{}{}:
	default: // await has not seen the last one yet
	}
}

// seen returns how many replies had a status.
func (o *outage) seen(status string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.replies[status]
}

// await waits for n more replies of one status, while the writers go on.
func (o *outage) await(status string, n int) {
	for enough := o.seen(status) + n; o.seen(status) < enough; {
		select {
		case <-o.news:
		case <-o.tr.ctx.Done():
			o.tr.fail(errors.New("too few replies of " + status))
			return
		}
	}
}

// check looks for everything that was acknowledged.
func (o *outage) check(b *browser, who string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var got string
	var n int
	if _, err := fmt.Sscanf(b.do("who"), "200 %q %d", &got, &n); err != nil {
		o.tr.fail(fmt.Errorf("the session after the outage: %w", err))
	}
	o.tr.want("subject", got, who)
	if low, high := o.counted+1, o.counted+o.unknown+1; n < low || n > high {
		o.tr.fail(fmt.Errorf("counted %d, want %d to %d", n, low, high))
	}
	for key, last := range o.keys {
		var n int
		if _, err := fmt.Sscanf(b.do("get:"+key), "200 %d", &n); err != nil || n < last[0] || n > last[1] {
			o.tr.fail(fmt.Errorf("%s is %d, %v; want %d to %d", key, n, err, last[0], last[1]))
		}
	}
	for i, visitor := range o.visitors {
		o.tr.want(fmt.Sprint("new session ", i), visitor.do("who"), `200 "" 1`)
	}
}

// hasty waits only a moment for a store that is down, so that an outage without
// any answer takes seconds to see and not minutes.
type hasty struct {
	store.Store
	calls sync.RWMutex // held by those that wait for as long as they like
	down  bool
}

// falls sets whether the store is down. It returns when no call waits for longer
// than a moment.
func (h *hasty) falls(down bool) {
	h.calls.Lock()
	defer h.calls.Unlock()
	h.down = down
}

func (h *hasty) do(ctx context.Context, f func(context.Context) error) error {
	h.calls.RLock()
	if !h.down {
		defer h.calls.RUnlock()
		return f(ctx)
	}
	h.calls.RUnlock()
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	return f(ctx)
}

func (h *hasty) Create(ctx context.Context, r store.Record) error {
	return h.do(ctx, func(ctx context.Context) error { return h.Store.Create(ctx, r) })
}

func (h *hasty) Load(ctx context.Context, id string) (r store.Record, err error) {
	err = h.do(ctx, func(ctx context.Context) error { r, err = h.Store.Load(ctx, id); return err })
	return r, err
}

func (h *hasty) Save(ctx context.Context, r store.Record) error {
	return h.do(ctx, func(ctx context.Context) error { return h.Store.Save(ctx, r) })
}

func (h *hasty) Delete(ctx context.Context, id string) error {
	return h.do(ctx, func(ctx context.Context) error { return h.Store.Delete(ctx, id) })
}
