package test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

// told returns the events so far, and forgets them.
func (a *app) told() []sessions.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	events := a.events
	a.events = nil
	return events
}

// wantEvent checks that there was one event, and what it says.
func wantEvent(t *testing.T, a *app, e sessions.Event) {
	t.Helper()
	events := a.told()
	if len(events) != 1 {
		t.Errorf("events %v, want one, %v", events, e.Kind)
		return
	}
	got := events[0]
	want(t, "kind", got.Kind, e.Kind)
	want(t, "id", got.ID, e.ID)
	want(t, "subject", got.Subject, e.Subject)
	if !errors.Is(got.Err, e.Err) {
		t.Errorf("error %v, want %v", got.Err, e.Err)
	}
}

func TestR65_EventsOfALife(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	wantEvent(t, a, sessions.Event{Kind: sessions.EventCreated, ID: id})

	b.visit(a, signIn("ann"))
	renewed := a.id(b.token())
	wantEvent(t, a, sessions.Event{Kind: sessions.EventRenewed, ID: renewed, Subject: "ann"})

	b.visit(a, count)
	b.visit(a, read)
	want(t, "events of reads and writes", len(a.told()), 0)

	tok := b.token()
	b.visit(a, signOut)
	wantEvent(t, a, sessions.Event{Kind: sessions.EventDestroyed, ID: renewed, Subject: "ann"})

	a.see(tok)
	wantEvent(t, a, sessions.Event{Kind: sessions.EventExpired, ID: renewed, Err: sessions.ErrNotFound})

	c := a.browser(count)
	c.get()
	id = a.id(c.token())
	a.told()
	c.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") })
	want(t, "events of an emptied session", len(a.told()), 0)

	c.visit(a, signIn("bob"))
	wantEvent(t, a, sessions.Event{Kind: sessions.EventRenewed, ID: id, Subject: "bob"})
	if err := a.Revoke(t.Context(), id); err != nil {
		t.Error(err)
	}
	wantEvent(t, a, sessions.Event{Kind: sessions.EventDestroyed, ID: id, Subject: "bob"})
}

func TestR65_EventsOfBadTokens(t *testing.T) {
	a := newApp(t, sessions.Options{})
	visitor := func() string { b := a.browser(count); b.get(); return b.token() }
	one, two := visitor(), visitor()
	id := a.id(one)
	a.told()

	a.see("nonsense")
	wantEvent(t, a, sessions.Event{Kind: sessions.EventRejected, Err: sessions.ErrNotFound})
	a.see(one[:24] + two[24:])
	wantEvent(t, a, sessions.Event{Kind: sessions.EventRejected, ID: id, Err: sessions.ErrNotFound})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "__Host-id="+one+"; __Host-id="+two)
	want(t, "a visitor with two cookies", text(a.browser(whoami).do(r)), `200 "" 0`)
	if events := a.told(); len(events) != 1 || events[0].Kind != sessions.EventRejected || events[0].Err == nil {
		t.Errorf("two cookies: %v", events)
	}
	spoil(t, a, id)
	a.see(one)
	wantEvent(t, a, sessions.Event{Kind: sessions.EventCorrupt, ID: id, Err: sessions.ErrCorrupt})
}

func TestR65_EventsOfFailures(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	id := a.id(b.token())
	a.told()

	a.store.Fault = failing("load", faultstore.Before)
	b.visit(a, read)
	wantEvent(t, a, sessions.Event{Kind: sessions.EventUnavailable, ID: id, Err: faultstore.ErrDown})
	a.store.Fault = failing("delete", faultstore.Before)
	b.visit(a, signOut)
	if events := a.told(); len(events) == 0 || events[0].Kind != sessions.EventUnavailable || events[0].Subject != "ann" {
		t.Errorf("failed logout: %v", events)
	}
	a.store.Fault = nil

	b.visit(a, signIn("bob"))
	id = a.id(b.token())
	a.told()
	b.visit(a, meanwhile(func() {
		if err := a.Revoke(t.Context(), id); err != nil {
			t.Error(err)
		}
		a.told()
	}, count))
	wantEvent(t, a, sessions.Event{Kind: sessions.EventGone, ID: id, Subject: "bob", Err: sessions.ErrNotFound})
}

func TestR65_EventOfUnsavedChanges(t *testing.T) {
	late := func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_, _ = fmt.Fprint(w, "hello")
		_ = counter.Set(s, 2)
		_ = s.SetSubject("ann")
	}
	a := newApp(t, sessions.Options{})
	want(t, "a new session's reply", text(a.browser(count).visit(a, late)), "200 hello")
	wantEvent(t, a, sessions.Event{Kind: sessions.EventUnsaved, Err: sessions.ErrHeadersSent})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	a.told()
	want(t, "reply", text(b.visit(a, late)), "200 hello")
	wantEvent(t, a, sessions.Event{Kind: sessions.EventUnsaved, ID: id, Err: sessions.ErrHeadersSent})
	want(t, "the session", a.see(b.token()), `200 "" 1`)
}

func TestR65_EventOfConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{SaveTimeout: 50 * time.Millisecond})
		mem := new(memstore.Store)
		a.store.Store = mem
		b := a.browser(both(count, signIn("ann")))
		b.get()
		id := a.id(b.token())
		s, err := a.Open(t.Context(), b.token())
		if err != nil {
			t.Fatal(err)
		}
		a.told()
		a.store.Store = &contested{Store: mem, id: id}
		_ = counter.Set(s, 2)
		_ = s.Save(t.Context())
		wantEvent(t, a, sessions.Event{Kind: sessions.EventConflict, ID: id, Subject: "ann", Err: sessions.ErrConflict})
	})
}

func TestEvent_LogValue(t *testing.T) {
	for name, c := range map[string]struct {
		event sessions.Event
		json  string
	}{
		"all fields": {
			sessions.Event{Kind: sessions.EventRenewed, ID: "new", Subject: "ann", Err: errors.New("why")},
			`{"kind":"renewed","id":"new","subject":"ann","error":"why"}`,
		},
		"kind only": {sessions.Event{Kind: sessions.EventRejected}, `{"kind":"rejected"}`},
	} {
		var buf bytes.Buffer
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "event", c.event)
		var line struct{ Event json.RawMessage }
		if err := json.Unmarshal(buf.Bytes(), &line); err != nil {
			t.Error(err)
		}
		want(t, name, string(line.Event), c.json)
	}
}

// TestR64_NoTokenInEventsOrLogs does a bit of everything, and looks for what
// a thief could use.
func TestR64_NoTokenInEventsOrLogs(t *testing.T) {
	var out strings.Builder
	tokens := map[string]bool{}
	a := newApp(t, sessions.Options{})
	log := logged(func() {
		b := a.browser(count)
		for i := range 300 {
			page := []handler{count, signIn("ann"), renewing, read, signOut, signIn("bob"), count}[i%7]
			if i%10 == 9 {
				a.store.Fault = failing([]string{"load", "save", "create", "delete"}[i/10%4], faultstore.Before)
			}
			b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				_, _ = fmt.Fprintf(&out, "%v %+v %#v %s %q\n", s, s, s, s, s)
				_, _ = fmt.Fprintf(&out, "%v %+v\n", r.Context(), a.Manager)
				slog.Info("request", "session", s, "context", fmt.Sprint(r.Context()))
				page(w, r, s)
			})
			a.store.Fault = nil
			tok := b.token()
			if tok == "" {
				continue
			}
			tokens[tok] = true
			if _, err := a.Open(context.Background(), tok[:47]+"!"); err != nil {
				_, _ = fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
			}
			if i%50 == 49 {
				spoil(t, a, a.id(tok))
			}
		}
		for _, e := range a.told() {
			_, _ = fmt.Fprintf(&out, "%v %+v %#v %v\n", e, e, e, e.Err)
			slog.Info("event", "event", e)
			j, _ := json.Marshal(e)
			_, _ = out.Write(j)
		}
	})
	all := out.String() + log
	if len(tokens) < 20 || len(all) < 10_000 {
		t.Fatalf("%d tokens, %d bytes: too few to show anything", len(tokens), len(all))
	}
	for tok := range tokens {
		raw, err := base64.RawURLEncoding.DecodeString(tok)
		if err != nil || len(raw) != 36 {
			t.Fatalf("token %q: %v", tok, err)
		}
		secret := raw[16:]
		for name, form := range map[string]string{
			"token": tok, "part of a token": tok[24:], "hex": hex.EncodeToString(secret), "HEX": fmt.Sprintf("%X", secret),
			"base64": base64.StdEncoding.EncodeToString(secret), "bytes": string(secret), "numbers": strings.Trim(fmt.Sprint(secret), "[]"),
		} {
			if strings.Contains(all, form) {
				t.Errorf("the %s of %s is there", name, tok)
			}
		}
	}
}

// TestR65_ParallelSavesTellTheirOwnEvents: one of them begins the session, and
// each event is told once. It needs -race to fail reliably.
func TestR65_ParallelSavesTellTheirOwnEvents(t *testing.T) {
	a := newApp(t, sessions.Options{})
	for range 500 {
		a.browser(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			var saves sync.WaitGroup
			for range 4 {
				saves.Go(func() {
					_ = counter.Set(s, 1)
					_ = s.Renew()
					_ = s.Save(r.Context())
				})
			}
			saves.Wait()
		}).get()
		created, renewed := 0, 0
		for kind := range strings.FieldsSeq(a.kinds()) {
			switch kind {
			case "created":
				created++
			case "renewed":
				renewed++
			default:
				t.Errorf("event %q", kind)
			}
		}
		if created != 1 || renewed > 4 {
			t.Errorf("%d sessions created, %d renewed", created, renewed)
		}
	}
}
