package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// errCall is the error of a call that failed.
var errCall = errors.New("call failed")

// call is an interceptor of an RPC framework: it carries the token in the
// metadata of a call, and saves unless the call fails.
func (a *app) call(token string, f func(ctx context.Context, s *sessions.Session) error) (sessions.Reply, error) {
	ctx, x := a.Begin(context.Background(), token)
	defer x.Discard()
	s, err := sessions.Load(ctx)
	if err == nil {
		err = f(ctx, s)
	}
	if err != nil {
		return sessions.Reply{}, err
	}
	return x.Commit(ctx)
}

// TestR85_ExchangeWithoutHTTP: the reply says what the client must do with its
// token.
func TestR85_ExchangeWithoutHTTP(t *testing.T) {
	login := func(_ context.Context, s *sessions.Session) error {
		return errors.Join(counter.Set(s, 1), s.SetSubject("ann"))
	}
	a := newApp(t, sessions.Options{})
	reply, err := a.call("", login)
	want(t, "login: error", err, nil)
	want(t, "login: action", reply.Action(), sessions.Set)
	want(t, "login: MaxAge", reply.MaxAge(), 0)
	tok := reply.Token()
	want(t, "login: the session", a.see(tok), `200 "ann" 1`)

	reply, err = a.call(tok, func(ctx context.Context, s *sessions.Session) error {
		want(t, "subject", s.Subject(), "ann")
		again, err := a.Load(ctx)
		want(t, "Manager.Load has the same session", again == s, true)
		return err
	})
	want(t, "read: error", err, nil)
	want(t, "read: action", reply.Action(), sessions.Keep)
	want(t, "read: token", reply.Token(), "")

	_, err = a.call(tok, func(_ context.Context, s *sessions.Session) error {
		return errors.Join(counter.Set(s, 2), s.Renew(), errCall)
	})
	want(t, "a call that fails: error", errors.Is(err, errCall), true)
	want(t, "a call that fails: the session", a.see(tok), `200 "ann" 1`)

	reply, err = a.call(tok, func(_ context.Context, s *sessions.Session) error { return s.Renew() })
	want(t, "renewal: error", err, nil)
	want(t, "renewal: action", reply.Action(), sessions.Set)
	want(t, "renewal: the token is new", reply.Token() != tok, true)
	newer := reply.Token()
	want(t, "renewal: the session", a.see(newer), `200 "ann" 1`)

	reply, err = a.call(newer, func(_ context.Context, s *sessions.Session) error { s.Destroy(); return nil })
	want(t, "logout: error", err, nil)
	want(t, "logout: action", reply.Action(), sessions.Clear)
	want(t, "logout: token", reply.Token(), "")
	want(t, "records", a.kept(), 0)

	a.store.Ops()
	ctx, x := a.Begin(t.Context(), newer)
	reply, err = x.Commit(ctx)
	want(t, "a call that loads nothing: error", err, nil)
	want(t, "a call that loads nothing: action", reply.Action(), sessions.Keep)
	want(t, "a call that loads nothing: store calls", a.store.Ops(), "")
}

// TestR85_Discard drops what was not saved, but ends what was destroyed.
func TestR85_Discard(t *testing.T) {
	a := newApp(t, sessions.Options{})
	tok := a.login("ann")
	begin := func(token string) (context.Context, *sessions.Exchange, *sessions.Session) {
		ctx, x := a.Begin(t.Context(), token)
		s, err := sessions.Load(ctx)
		want(t, "Load", err, nil)
		return ctx, x, s
	}
	ctx, x, s := begin(tok)
	want(t, "Set", counter.Set(s, 7), nil)
	reply, err := x.Discard()
	want(t, "Discard", err, nil)
	want(t, "action", reply.Action(), sessions.Keep)
	want(t, "the session", a.see(tok), `200 "ann" 0`)
	for what, err := range map[string]error{
		"Set": counter.Set(s, 8), "Renew": s.Renew(), "SetSubject": s.SetSubject("bob"), "Load": func() error { _, err := sessions.Load(ctx); return err }(),
	} {
		want(t, what+" after Discard is ErrNoSession", errors.Is(err, sessions.ErrNoSession), true)
	}

	ctx, x, s = begin(tok)
	want(t, "Renew", s.Renew(), nil)
	want(t, "Save", s.Save(ctx), nil)
	want(t, "Set", counter.Set(s, 9), nil)
	reply, err = x.Discard()
	want(t, "Discard after a Save", err, nil)
	want(t, "action after a Save", reply.Action(), sessions.Set)
	newer := reply.Token()
	want(t, "the saved session", a.see(newer), `200 "ann" 0`)

	_, x, s = begin(newer)
	s.Destroy()
	reply, err = x.Discard()
	want(t, "Discard after Destroy", err, nil)
	want(t, "action after Destroy", reply.Action(), sessions.Clear)
	want(t, "records", a.kept(), 0)
}

// TestR85_RespondAfterDiscard tells the client what a handler that panicked has
// done, and saves nothing of it.
func TestR85_RespondAfterDiscard(t *testing.T) {
	for _, opts := range []sessions.Options{{}, {SaveOnError: true}} {
		a := newApp(t, opts)
		tok := a.login("ann")
		panicked := func(token string, f func(context.Context, *sessions.Session)) http.Header {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/", nil)
			r.AddCookie(&http.Cookie{Name: "__Host-id", Value: token})
			ctx, x := a.BeginRequest(r)
			s, err := sessions.Load(ctx)
			want(t, "Load", err, nil)
			f(ctx, s)
			_, err = x.Discard()
			want(t, "Discard", err, nil)
			h := make(http.Header)
			want(t, "Respond", x.Respond(ctx, http.StatusInternalServerError, h), nil)
			return h
		}
		h := panicked(tok, func(_ context.Context, s *sessions.Session) {
			want(t, "Set", counter.Set(s, 7), nil)
		})
		want(t, "after Set: Set-Cookie", len(h["Set-Cookie"]), 0)
		want(t, "after Set: Vary", h.Get("Vary"), "Cookie")
		want(t, "after Set: the session", a.see(tok), `200 "ann" 0`)

		h = panicked(tok, func(ctx context.Context, s *sessions.Session) {
			want(t, "Renew", s.Renew(), nil)
			want(t, "Save", s.Save(ctx), nil)
			want(t, "Set", counter.Set(s, 7), nil)
		})
		cookie, err := http.ParseSetCookie(h.Get("Set-Cookie"))
		want(t, "after Save: the cookie", err, nil)
		want(t, "after Save: the token is new", cookie.Value != tok, true)
		want(t, "after Save: the session", a.see(cookie.Value), `200 "ann" 0`)

		h = panicked(cookie.Value, func(_ context.Context, s *sessions.Session) { s.Destroy() })
		want(t, "after Destroy: the cookie is removed", strings.Contains(h.Get("Set-Cookie"), "Max-Age=0"), true)
		want(t, "records", a.kept(), 0)
	}
}

// TestR85_Stream commits before its first message and at its end.
func TestR85_Stream(t *testing.T) {
	a := newApp(t, sessions.Options{})
	tok := a.login("ann")
	ctx, x := a.Begin(t.Context(), tok)
	s, err := sessions.Load(ctx)
	want(t, "Load", err, nil)
	want(t, "Set", counter.Set(s, 1), nil)
	reply, err := x.Commit(ctx)
	want(t, "Commit", err, nil)
	want(t, "action", reply.Action(), sessions.Keep)
	want(t, "at the first message", a.see(tok), `200 "ann" 1`)
	want(t, "Renew after Commit", s.Renew(), error(sessions.ErrHeadersSent))
	want(t, "Set after Commit", counter.Set(s, 2), nil)
	reply, err = x.Commit(ctx)
	want(t, "the late Commit", err, nil)
	want(t, "its action", reply.Action(), sessions.Keep)
	want(t, "at the end", a.see(tok), `200 "ann" 2`)
	a.kinds()
	want(t, "Set without a Commit", counter.Set(s, 3), nil)
	_, err = x.Discard()
	want(t, "Discard", err, nil)
	want(t, "events", a.kinds(), "unsaved")
	want(t, "after Discard", a.see(tok), `200 "ann" 2`)

	ctx, x = a.Begin(t.Context(), tok)
	s, _ = sessions.Load(ctx)
	_, _ = x.Commit(ctx)
	want(t, "SetSubject after Commit", s.SetSubject("bob"), error(sessions.ErrHeadersSent))
	_, err = x.Commit(ctx)
	want(t, "the Commit after that is ErrHeadersSent", errors.Is(err, sessions.ErrHeadersSent), true)
	_, _ = x.Discard()
	want(t, "the session", a.see(tok), `200 "ann" 2`)
}

// TestR85_DeadlineThatHasPassed: whoever set it has answered already.
func TestR85_DeadlineThatHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		tok := a.login("ann")
		parent, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ctx, x := a.Begin(parent, tok)
		s, err := sessions.Load(ctx)
		want(t, "Load", err, nil)
		want(t, "Set", counter.Set(s, 1), nil)
		want(t, "Renew", s.Renew(), nil)
		<-time.After(2 * time.Second)
		reply, err := x.Commit(ctx)
		want(t, "the error matches DeadlineExceeded", errors.Is(err, context.DeadlineExceeded), true)
		want(t, "action", reply.Action(), sessions.Keep)
		_, _ = x.Discard()
		want(t, "the session", a.see(tok), `200 "ann" 0`)
	})
}

// TestR85_ReplyMaxAge is that of the cookie.
func TestR85_ReplyMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{Persistent: true, Lifetime: 6 * time.Hour})
		reply, err := a.call("", func(_ context.Context, s *sessions.Session) error { return s.SetSubject("ann") })
		want(t, "error", err, nil)
		want(t, "MaxAge", reply.MaxAge(), 6*time.Hour)
		<-time.After(30 * time.Minute)
		reply, err = a.call(reply.Token(), func(_ context.Context, s *sessions.Session) error { return s.Renew() })
		want(t, "renewal: error", err, nil)
		want(t, "renewal: MaxAge", reply.MaxAge(), 5*time.Hour+30*time.Minute)
	})
}

// TestR85_NothingPrintsTheToken, that which came or that which is sent.
func TestR85_NothingPrintsTheToken(t *testing.T) {
	a := newApp(t, sessions.Options{})
	tok := a.login("ann")
	ctx, x := a.Begin(t.Context(), tok)
	s, err := sessions.Load(ctx)
	want(t, "Load", err, nil)
	want(t, "Renew", s.Renew(), nil)
	reply, err := x.Commit(ctx)
	want(t, "Commit", err, nil)
	type exported struct {
		Exchange *sessions.Exchange
		Reply    sessions.Reply
		Session  *sessions.Session
	}
	type hidden struct { // fmt cannot ask unexported fields how to print them
		exchange *sessions.Exchange
		reply    sessions.Reply
		replies  []sessions.Reply
		pointer  *sessions.Reply
	}
	var out strings.Builder
	for _, v := range []any{
		reply, &reply, x, ctx, exported{x, reply, s}, &exported{x, reply, s},
		hidden{x, reply, []sessions.Reply{reply}, &reply}, &hidden{x, reply, nil, nil}, []any{x, reply}, map[string]any{"x": x, "r": reply},
	} {
		_, _ = fmt.Fprintf(&out, "%v %+v %#v %s\n", v, v, v, v)
	}
	for name, token := range map[string]string{"brought": tok, "sent": reply.Token()} {
		if token == "" {
			t.Errorf("no token was %s", name)
		}
		for _, form := range forms([]byte(token)) {
			if strings.Contains(out.String(), form) {
				t.Errorf("printed the token that was %s: %s", name, out.String())
			}
		}
	}
}
