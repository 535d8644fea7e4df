package matrix

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// arrangements are orders of middleware.
var arrangements = []play{
	{scenario: TimeoutInside, layers: []Layer{Sessions, Timeout}, run: timesOut},
	{scenario: TimeoutOutside, layers: []Layer{Timeout, Sessions}, run: timesOut},
	{scenario: CompressInside, layers: []Layer{Sessions, Compress}, run: compresses},
	{scenario: CompressOutside, layers: []Layer{Compress, Sessions}, run: compresses},
	{scenario: Twice, layers: []Layer{Sessions, Sessions}, run: func(tr *trial) {
		v := tr.visitor()
		r := v.get("/count")
		tr.want("the first visit", r.text(), "200 1")
		tr.holds("more or less than one cookie", r.cookies() == 1)
		tr.store.Ops()
		tr.want("the second visit", v.get("/count").text(), "200 2")
		tr.want("store operations", tr.store.Ops(), "load save")
	}},
	{scenario: Group, group: []Layer{Sessions}, run: func(tr *trial) {
		v := tr.visitor()
		for _, counted := range []string{"200 1", "200 2", "200 3"} {
			tr.want("in the group", v.get("/group/count").text(), counted)
		}
		r := v.get("/free")
		tr.want("outside", r.text(), "200 free")
		tr.want("Vary outside", r.header("Vary"), "")
		tr.holds("a session outside of the group", v.get("/count").status() >= http.StatusInternalServerError)
	}},
	{scenario: TwoManagers, layers: []Layer{Second, Sessions}, run: func(tr *trial) {
		v := tr.visitor()
		r := v.get("/both")
		tr.want("the first visit", r.text(), "200 1 1")
		tr.holds("not two cookies", r.cookies() == 2)
		tr.want("the second visit", v.get("/both").text(), "200 2 2")
		second := v.cookie("second")
		v.post("/destroy")
		tr.holds("the browser keeps the inner cookie after the logout", v.token() == "")
		tr.holds("the outer cookie has changed", v.cookie("second") == second)
		tr.want("the third visit", v.get("/both").text(), "200 1 3")
	}},
}

// timeouts are what frameworks answer when the time is over.
var timeouts = []int{http.StatusRequestTimeout, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// timesOut fetches a page that takes too long from another app with the same
// sessions. The first app gives its handlers so much time that no machine is
// too slow.
func timesOut(tr *trial) {
	v := tr.known()
	short := *tr.setup
	short.Timeout = 20 * time.Millisecond
	patient := tr.url
	tr.url = tr.start(&short)
	r := v.get("/slow")
	tr.url = patient
	tr.holds("got "+r.text(), slices.Contains(timeouts, r.status()))
	tr.want("Set-Cookie", r.setCookie(), "")
	tr.want("after it", v.get("/read").text(), `200 1 ""`)
	tr.want("in time", v.get("/count").text(), "200 2")
}

func compresses(tr *trial) {
	v := tr.visitor()
	for _, counted := range []string{"1", "2"} {
		r := v.send(tr.ctx, http.MethodGet, "/long", "Accept-Encoding", "gzip")
		body, err := unzip(r)
		tr.fail("the body", err)
		tr.want("the body", body, counted+"\n"+long)
		tr.holds("no Vary: Cookie", strings.Contains(r.header("Vary"), "Cookie"))
	}
	tr.want("the session", v.get("/read").text(), `200 2 ""`)
}
