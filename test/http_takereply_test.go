package test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// handOver is the login of a script: its body has the token.
func handOver(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	if err := s.SetSubject("ann"); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply, err := s.TakeReply(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = fmt.Fprint(w, reply.Token())
}

// TestR129_HandlerTellsTheTokenItself: and the response says nothing.
func TestR129_HandlerTellsTheTokenItself(t *testing.T) {
	for name, opts := range map[string]sessions.Options{
		"cookie first": {Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}},
		"persistent":   {Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}, Persistent: true},
		"header first": {Transports: []sessions.Transport{sessions.Header("X-Auth"), sessions.Bearer()}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, opts)
			resp := runScript(a, handOver)
			want(t, "status", resp.StatusCode, 200)
			wantTokenHeader(t, "login", resp, answerHeader, false)
			wantTokenHeader(t, "login", resp, "X-Auth", false)
			tok := text(resp)[len("200 "):]
			resp = runScript(a, whoami, "Authorization", "Bearer "+tok)
			want(t, "the token", text(resp), `200 "ann" 0`)
			wantTokenHeader(t, "the token", resp, answerHeader, false)

			resp = runScript(a, handOver, "Authorization", "Bearer "+tok)
			wantTokenHeader(t, "login again", resp, answerHeader, false)
			newer := text(resp)[len("200 "):]
			want(t, "the newer token", text(runScript(a, whoami, "Authorization", "Bearer "+newer)), `200 "ann" 0`)
			want(t, "the token before", runScript(a, count, "Authorization", "Bearer "+tok).StatusCode, 409)
		})
	}
	t.Run("changes after it", func(t *testing.T) {
		for what, change := range map[string]func(*sessions.Session) error{
			"a value": func(s *sessions.Session) error { return counter.Set(s, 1) },
			"an expiry": func(s *sessions.Session) error {
				s.SetExpiry(sessions.Remember(time.Hour, 2*time.Hour))
				return nil
			},
			"a save without changes, and a value": func(s *sessions.Session) error {
				return errors.Join(s.Save(t.Context()), counter.Set(s, 1))
			},
		} {
			a := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}})
			var tok string
			resp := runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				s.SetExpiry(sessions.Remember(time.Hour, year))
				want(t, "SetSubject", s.SetSubject("ann"), nil)
				reply, err := s.TakeReply(r.Context())
				want(t, "TakeReply", err, nil)
				tok = reply.Token()
				want(t, what, change(s), nil)
			})
			wantTokenHeader(t, what, resp, answerHeader, false)
			want(t, what+": the token", runScript(a, count, "Authorization", "Bearer "+tok).StatusCode, 200)
		}
	})
	t.Run("another token after it", func(t *testing.T) {
		a := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
		var taken string
		resp := runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "SetSubject", s.SetSubject("ann"), nil)
			reply, err := s.TakeReply(r.Context())
			want(t, "TakeReply", err, nil)
			taken = reply.Token()
			want(t, "SetSubject again", s.SetSubject("bob"), nil)
		})
		newer := wantTokenHeader(t, "login again", resp, answerHeader, true)
		want(t, "it is another one", newer != "" && newer != taken, true)
	})
	t.Run("logout", func(t *testing.T) {
		a := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
		tok := text(runScript(a, handOver))[len("200 "):]
		resp := runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			s.Destroy()
			reply, err := s.TakeReply(r.Context())
			want(t, "TakeReply", err, nil)
			want(t, "action", reply.Action(), sessions.Clear)
		}, "Authorization", "Bearer "+tok)
		wantTokenHeader(t, "logout", resp, answerHeader, false)
		want(t, "records", a.kept(), 0)
	})
}

// TestR129_NoScriptSeesTheTokenOfACookie: and no token is given that the client
// could not send back.
func TestR129_NoScriptSeesTheTokenOfACookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}})
	b.visit(a, count)
	resp := b.visit(a, handOver)
	want(t, "the request brought a cookie", resp.StatusCode, 400)

	a, b = fresh(t, sessions.Options{})
	want(t, "cookies alone", b.visit(a, handOver).StatusCode, 400)

	a = newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
	runScript(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		w.WriteHeader(200)
		_, err := s.TakeReply(r.Context())
		want(t, "after the first byte", errors.Is(err, sessions.ErrHeadersSent), true)
	})
	tok := text(runScript(a, handOver))[len("200 "):]
	s, err := a.Open(t.Context(), tok)
	want(t, "open", err, nil)
	_, err = s.TakeReply(t.Context())
	want(t, "outside of a request", errors.Is(err, sessions.ErrHeadersSent), true)
}

// TestR129_StoreFailsAtTakeReply: there is no token then.
func TestR129_StoreFailsAtTakeReply(t *testing.T) {
	a := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}, LoadTimeout: time.Millisecond, SaveTimeout: 2 * time.Millisecond})
	a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
	runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Set", counter.Set(s, 1), nil)
		reply, err := s.TakeReply(r.Context())
		want(t, "TakeReply", errors.Is(err, sessions.ErrUnavailable), true)
		want(t, "token", reply.Token(), "")
	})
}

// TestR130_ExplicitToken: only a token that a program has put into a header
// needs no check of the request's origin.
func TestR130_ExplicitToken(t *testing.T) {
	m := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer(), sessions.Ticket("ticket")}})
	tok := text(runScript(m, handOver))[len("200 "):]
	for _, c := range []struct {
		what     string
		explicit bool
		lines    []string
	}{
		{"no token", false, nil},
		{"cookie", false, []string{"Cookie", "__Host-id=" + tok}},
		{"bearer", true, []string{"Authorization", "Bearer " + tok}},
		{"both", false, []string{"Authorization", "Bearer " + tok, "Cookie", "__Host-id=" + tok}},
		{"a cookie and rubbish", false, []string{"Authorization", "Bearer x", "Cookie", "__Host-id=" + tok}},
		{"basic", false, []string{"Authorization", "Basic " + tok}},
		{"ticket", false, []string{"Accept", "text/event-stream"}},
	} {
		r := httptest.NewRequest("GET", "https://example.com/?ticket="+tok, nil)
		for i := 0; i < len(c.lines); i += 2 {
			r.Header.Add(c.lines[i], c.lines[i+1])
		}
		want(t, c.what, m.ExplicitToken(r), c.explicit)
	}
	for _, name := range []string{"accept-language", "Range", "Referer", "Sec-Token", "Last-Event-ID"} { // which browsers send for pages of other sites
		_, err := sessions.New(m.store, sessions.Options{Transports: []sessions.Transport{sessions.Header(name)}})
		want(t, name, err != nil, true)
	}
	bearer := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
	want(t, "bearer only, and no token", bearer.ExplicitToken(httptest.NewRequest("GET", "/", nil)), false)
}
