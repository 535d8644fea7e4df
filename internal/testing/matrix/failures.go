package matrix

import (
	"context"
	"net/http"
	"strings"
)

// failures are requests that do not end well.
var failures = []play{
	{scenario: Rejected, run: func(tr *trial) {
		tr.act(count)
		v := tr.visitor()
		for _, counted := range []string{`200 1 ""`, `200 2 ""`} {
			tr.failing(v, "/reject", http.StatusUnprocessableEntity, "rejected")
			tr.want("after it", v.get("/read").text(), counted)
		}
	}},
	{scenario: Failed, run: func(tr *trial) { tr.drops("/fail", http.StatusBadGateway, "failed") }},
	{scenario: FailedLogout, run: func(tr *trial) { tr.logout("/fail", http.StatusBadGateway, "failed") }},
	{scenario: PanicInside, layers: []Layer{Sessions, Recover}, run: panics},
	{scenario: PanicOutside, layers: []Layer{Recover, Sessions}, run: panics},
	{scenario: ClientLeaves, run: func(tr *trial) {
		tr.leaves("/wait", tr.release)
	}},
	{scenario: ContextEnds, run: func(tr *trial) {
		tr.leaves("/gone", func() {})
	}},
	{scenario: DownBefore, run: func(tr *trial) { tr.outage("/count", "load") }},
	{scenario: DownDuring, run: func(tr *trial) { tr.outage("/save", "create save") }},
	{scenario: DownAfter, run: func(tr *trial) { tr.outage("/count", "create save") }},
}

// failing fetches a page that the framework's error answers.
func (tr *trial) failing(v *visitor, path string, status int, text string) reply {
	r := v.get(path)
	tr.holds(path+": got "+r.text(), r.status() == status && strings.Contains(r.body, text))
	return r
}

// drops checks that a page's changes are dropped.
func (tr *trial) drops(path string, status int, text string) {
	tr.act(signIn)
	stranger := tr.visitor()
	tr.want("Set-Cookie of a new visitor", tr.failing(stranger, path, status, text).setCookie(), "")
	v := tr.known()
	token := v.token()
	tr.want("Set-Cookie of a known visitor", tr.failing(v, path, status, text).setCookie(), "")
	tr.holds("the token has changed", v.token() == token)
	tr.want("after it", v.get("/read").text(), `200 1 ""`)
	tr.want("the next visit", v.get("/count").text(), "200 2")
}

// logout checks that a page's logout stands.
func (tr *trial) logout(path string, status int, text string) {
	tr.act(destroy)
	v := tr.known()
	token := v.token()
	tr.failing(v, path, status, text)
	tr.holds("the browser keeps its cookie after the logout", v.token() == "")
	tr.want("the session", tr.as(token).get("/read").text(), `200 0 ""`)
}

func panics(tr *trial) {
	tr.drops("/panic", http.StatusInternalServerError, "")
	tr.logout("/panic", http.StatusInternalServerError, "")
}

// leaves checks that a page's changes are saved, though its client goes away
// while its handler waits.
func (tr *trial) leaves(path string, then func()) {
	v := tr.known()
	ctx, cancel := context.WithCancel(tr.ctx)
	left := make(chan struct{})
	go func() {
		defer close(left)
		v.send(ctx, http.MethodPost, path) // whose reply nobody gets
	}()
	tr.receive("the handler does not wait", tr.setup.entered)
	cancel()
	<-left
	then()
	tr.receive("nothing is saved", tr.store.saved)
	tr.want("after it", v.get("/read").text(), `200 2 ""`)
}

// outage checks that a page is an error while store operations fail.
func (tr *trial) outage(path, operations string) {
	up := func(context.Context) error { tr.store.down.Store(""); return nil }
	tr.act(up) // after a Save that failed: what the handler changed is still lost
	visitors := map[string]*visitor{"a known visitor": tr.known()}
	if operations != "load" { // which a new visitor costs none of
		visitors["a new visitor"] = tr.visitor()
	}
	for name, v := range visitors {
		tr.store.down.Store(operations)
		r := v.get(path)
		_ = up(tr.ctx)
		tr.holds(name+" got "+r.text(), r.status() == http.StatusServiceUnavailable)
		tr.holds("the body is the handler's", r.body != "2" && r.body != "1")
		tr.want("Set-Cookie for "+name, r.setCookie(), "")
	}
	tr.want("after the outage", visitors["a known visitor"].get("/count").text(), "200 2")
}
