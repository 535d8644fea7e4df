package matrix

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"sync"
)

// responses are the ways in which a handler answers.
var responses = []play{
	{scenario: Text, run: func(tr *trial) {
		v := tr.visitor()
		for _, counted := range []string{"200 1", "200 2", "200 3"} {
			before := v.token()
			r := v.get("/count")
			tr.want("reply", r.text(), counted)
			tr.want("Vary", r.header("Vary"), "Cookie")
			if before != "" {
				tr.want("Set-Cookie of a known visitor", r.setCookie(), "")
				continue
			}
			tr.want("Set-Cookie", r.setCookie(), "id=TOKEN; Path=/; HttpOnly; SameSite=Lax")
			tr.want("Cache-Control", r.header("Cache-Control"), "no-store")
		}
	}},
	{scenario: Parallel, run: func(tr *trial) {
		var visitors []*visitor
		var wg sync.WaitGroup
		var replies [4][10]int
		for i := range replies {
			v := tr.known()
			visitors = append(visitors, v)
			for j := range replies[i] {
				wg.Go(func() { replies[i][j] = v.get("/count").status() })
			}
		}
		wg.Wait()
		for i, v := range visitors {
			for _, status := range replies[i] {
				tr.want("a visit", http.StatusText(status), "OK")
			}
			tr.want("after them", v.get("/read").text(), `200 11 ""`)
		}
	}},
	{scenario: Unused, run: func(tr *trial) {
		v := tr.known()
		tr.store.Ops()
		r := v.get("/free")
		tr.want("reply", r.text(), "200 free")
		tr.want("store operations", tr.store.Ops(), "")
		tr.want("Set-Cookie", r.setCookie(), "")
		tr.want("Vary", r.header("Vary"), "Cookie")
	}},
	{scenario: Redirect, run: func(tr *trial) {
		v := tr.visitor()
		r := v.get("/redirect")
		tr.holds("no 303", r.status() == http.StatusSeeOther)
		tr.want("Location", r.header("Location"), "/read")
		tr.want("after it", v.get("/read").text(), `200 1 ""`)
	}},
	{scenario: JSON, run: func(tr *trial) {
		v := tr.visitor()
		for _, counted := range []string{"1", "2"} {
			r := v.get("/json")
			tr.want("reply", r.text(), `200 {"visits":`+counted+`}`)
			tr.holds("no JSON", strings.HasPrefix(r.header("Content-Type"), "application/json"))
		}
	}},
	{scenario: File, run: func(tr *trial) {
		v := tr.visitor()
		for _, counted := range []string{`200 1 ""`, `200 2 ""`} {
			tr.want("reply", v.get("/file").text(), "200 text of the file")
			tr.want("after it", v.get("/read").text(), counted)
		}
	}},
	{scenario: Head, run: func(tr *trial) {
		v := tr.visitor()
		tr.want("reply", v.send(tr.ctx, http.MethodHead, "/count").text(), "200 ")
		tr.want("after it", v.get("/count").text(), "200 2")
		tr.want("reply to a known visitor", v.send(tr.ctx, http.MethodHead, "/count").text(), "200 ")
		tr.want("after that", v.get("/count").text(), "200 4")
	}},
	{scenario: NotModified, run: func(tr *trial) {
		modified := tr.visitor().get("/file").header("Last-Modified")
		v := tr.visitor()
		for _, counted := range []string{`200 1 ""`, `200 2 ""`} {
			r := v.send(tr.ctx, http.MethodGet, "/file", "If-Modified-Since", modified)
			tr.want("reply", r.text(), "304 ")
			tr.want("after it", v.get("/read").text(), counted)
		}
	}},
	{scenario: Stream, run: func(tr *trial) { tr.streams("/stream") }},
	{scenario: Events, run: func(tr *trial) { tr.streams("/events") }},
	{scenario: SocketNew, run: func(tr *trial) {
		v := tr.visitor()
		tr.talk(v, "2", "3")
		tr.holds("the upgrade carries no cookie", v.token() != "")
		tr.want("after it", v.get("/read").text(), `200 3 ""`)
	}},
	{scenario: SocketKnown, run: func(tr *trial) {
		v := tr.known()
		token := v.token()
		tr.talk(v, "3", "4")
		tr.holds("the token has changed", v.token() == token)
		tr.want("after it", v.get("/read").text(), `200 4 ""`)
	}},
}

// streams checks the streams of a new visitor and of a known one.
func (tr *trial) streams(path string) {
	v := tr.visitor()
	tr.stream(v, path, "1", "2")
	tr.want("after it", v.get("/read").text(), `200 2 ""`)
	tr.stream(v, path, "3", "4")
	tr.want("after the second", v.get("/read").text(), `200 4 ""`)
}

// stream reads a line, while the handler waits, and then another one. In
// between, the visitor has the cookie already.
func (tr *trial) stream(v *visitor, path string, lines ...string) {
	resp, err := v.begin(tr.ctx, http.MethodGet, path)
	if err != nil {
		tr.fail(path, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if path == "/events" {
		tr.holds("no text/event-stream", strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream"))
	}
	body := bufio.NewScanner(resp.Body)
	next := func() string {
		for body.Scan() {
			// Between the numbers are blank lines, and other fields of events.
			if line := strings.TrimSpace(strings.TrimPrefix(body.Text(), "data:")); line != "" && !strings.Contains(line, ":") {
				return line
			}
		}
		return "nothing"
	}
	tr.want("the first line", next(), lines[0])
	tr.want("in between", v.get("/read").text(), "200 "+lines[0]+` ""`)
	tr.receive("the handler does not wait", tr.setup.entered)
	tr.release()
	tr.want("the second line", next(), lines[1])
	tr.want("then", next(), "nothing")
	tr.fail("the body", body.Err())
}

// talk sends a message over a WebSocket for each reply that it expects.
func (tr *trial) talk(v *visitor, replies ...string) {
	ctx, cancel := context.WithCancel(tr.ctx)
	defer cancel()
	s, err := v.dial(ctx, "/socket")
	if err != nil {
		tr.fail("the upgrade", err)
		return
	}
	defer s.close()
	for _, reply := range replies {
		got, err := s.ask("more")
		tr.fail("a message", err)
		tr.want("the reply", got, reply)
		if err != nil {
			return
		}
	}
}
