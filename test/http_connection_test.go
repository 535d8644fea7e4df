package test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// TestR35_EventStream: the client reads the first event, with the cookie,
// while the handler goes on; what it does then is saved at the end.
func TestR35_EventStream(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		a := newApp(t, sessions.Options{})
		seen := make(chan struct{})
		server, client := serveTLS(t, a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			w.Header().Set("Content-Type", "text/event-stream")
			_ = counter.Set(s, 1)
			p := open(t, personKey, s)
			_, _ = io.WriteString(w, "data: 1\n\n")
			w.(http.Flusher).Flush()
			<-seen
			_ = counter.Set(s, 2)
			p.Data.Name = "Ann"
			_, _ = io.WriteString(w, "data: 2\n\n")
			flush(t, w)
		})), http2)
		resp, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body := bufio.NewReader(resp.Body)
		line, _ := body.ReadString('\n')
		want(t, "first event", line, "data: 1\n")
		want(t, "cookies", len(resp.Cookies()), 1)
		tok := resp.Cookies()[0].Value
		want(t, "saved at the first flush", a.see(tok), `200 "" 1`)
		close(seen)
		rest, err := io.ReadAll(body)
		want(t, "rest", string(rest), "\ndata: 2\n\n")
		want(t, "error", err, nil)
		_ = resp.Body.Close()
		server.Close() // waits for the handler
		want(t, "saved at the end", a.see(tok), `200 "" 2`)
		want(t, "events", a.kinds(), "created")
	}
}

func TestR35_AbortUnsavedSparesWhatIsSaved(t *testing.T) {
	var late func(s *sessions.Session)
	a := newApp(t, sessions.Options{AbortUnsaved: true})
	mux := http.NewServeMux()
	mux.Handle("/count", sessions.HandlerFunc(count))
	mux.Handle("/stream", sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_, _ = io.WriteString(w, "part")
		flush(t, w)
		late(s)
	}))
	for _, http2 := range []bool{false, true} {
		server, client := serveTLS(t, a.Handler(mux), http2)
		stream := func() error {
			resp, err := client.Get(server.URL + "/stream")
			if err != nil {
				return err
			}
			defer func() { _ = resp.Body.Close() }()
			_, err = io.ReadAll(resp.Body)
			return err
		}
		late = func(s *sessions.Session) { _ = counter.Set(s, 9) }
		want(t, "a new session: aborted", stream() != nil, true)
		want(t, "a session", fetch(t, client, server.URL+"/count"), "200 1")
		want(t, "its counter: error", stream(), nil)
		want(t, "its counter", fetch(t, client, server.URL+"/count"), "200 10")
		late = func(s *sessions.Session) { s.SetSubject("ann") }
		want(t, "a login: aborted", stream() != nil, true)
		late = func(s *sessions.Session) { s.Destroy() }
		want(t, "a logout: error", stream(), nil)
		want(t, "after the logout", fetch(t, client, server.URL+"/count"), "200 1")
	}
}

// TestR38_TimeoutHandlerOutside: it has answered 503 when the handler comes to
// its end, so the client never hears of what the handler did.
func TestR38_TimeoutHandlerOutside(t *testing.T) {
	for name, tc := range map[string]struct {
		opts sessions.Options
		page handler
		want string
	}{
		"a write":              {sessions.Options{}, count, `200 "ann" 1`},
		"a login":              {sessions.Options{}, both(count, signIn("bob")), `200 "ann" 1`},
		"a renewal":            {sessions.Options{}, renewing, `200 "ann" 1`},
		"a logout":             {sessions.Options{}, signOut, `200 "" 0`},
		"a write, SaveOnError": {sessions.Options{SaveOnError: true}, count, `200 "ann" 1`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, tc.opts)
				b.visit(a, both(count, signIn("ann")))
				tok := b.token()
				release, done := make(chan struct{}), make(chan struct{})
				slow := a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					<-release
					tc.page(w, r, s)
				}))
				b.h = http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer close(done)
					slow.ServeHTTP(w, r)
				}), time.Second, "slow")
				resp := b.do(httptest.NewRequest("POST", "/", nil))
				want(t, "reply", text(resp), "503 slow")
				want(t, "Set-Cookie", cookieLine(resp), "")
				close(release)
				<-done
				want(t, "the session", a.see(tok), tc.want)
			})
		})
	}
	a, b := fresh(t, sessions.Options{})
	b.h = http.TimeoutHandler(a.Handler(sessions.HandlerFunc(count)), time.Minute, "slow")
	want(t, "in time", b.get(), "200 1")
	want(t, "in time, again", b.get(), "200 2")
}

// TestR33_HijackOverHTTP2 cannot be, and leaves the response as it is.
func TestR33_HijackOverHTTP2(t *testing.T) {
	a := newApp(t, sessions.Options{})
	server, client := serveTLS(t, a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, err := counter.Update(s, func(n int) int { return n + 1 })
		want(t, "Update", err, nil)
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: %v, want http.ErrNotSupported", err)
		}
		read(w, r, s)
	})), true)
	want(t, "first", fetch(t, client, server.URL), "200 1")
	want(t, "second", fetch(t, client, server.URL), "200 2")
}

// TestR35_SocketKeepsItsSession: a handler that has hijacked its connection
// saves as it goes, and learns of a logout elsewhere.
func TestR35_SocketKeepsItsSession(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	tok, id := b.token(), a.id(b.token())
	type step struct{}
	steps, saved := make(chan step), make(chan error)
	server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, end, err := switching(t, w, false)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = end() }()
		want(t, "Renew on a socket", errors.Is(s.Renew(), sessions.ErrHeadersSent), true)
		for range steps {
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
			saved <- s.Save(r.Context())
		}
	})))
	defer server.Close()
	resp := upgrade(t, server, tok)
	defer func() { _ = resp.Body.Close() }()
	for _, counted := range []string{`200 "" 2`, `200 "" 3`} {
		steps <- step{}
		want(t, "Save", <-saved, nil)
		want(t, "seen by others", a.see(tok), counted)
	}
	b.visit(a, count)
	steps <- step{}
	want(t, "Save after another's write", <-saved, nil)
	want(t, "both count", a.see(tok), `200 "" 5`)
	if err := a.Revoke(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	steps <- step{}
	want(t, "Save after a logout is ErrNotFound", errors.Is(<-saved, sessions.ErrNotFound), true)
	close(steps)
	_, _ = io.ReadAll(resp.Body)
	want(t, "the session", a.see(tok), `200 "" 0`)
}

func TestRefreshedCookieRefusesNoHijack(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, expiring(sessions.Remember(time.Hour, year)))
	r, err := a.store.Store.Load(t.Context(), a.id(b.token()))
	want(t, "Load", err, nil)
	r.Expires = time.Now().Add(time.Minute) // as if it had not been used for long
	want(t, "Save", a.store.Store.Save(t.Context(), r), nil)
	server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, _ *sessions.Session) {
		_, end, err := switching(t, w, false)
		if err != nil {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		_ = end()
	})))
	defer server.Close()
	want(t, "status", upgrade(t, server, b.token()).StatusCode, http.StatusSwitchingProtocols)
}
