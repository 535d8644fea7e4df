package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// withoutName returns the lines of a response's header that has no name: those
// would be a token for nobody, and break what the client reads.
func withoutName(resp *http.Response) int { return len(resp.Header[""]) }

// TestR128_NoSessionBeginsWithATicket: its token would reach nobody.
func TestR128_NoSessionBeginsWithATicket(t *testing.T) {
	a := newApp(t, withTickets())
	resp := a.stream(count, "rubbish")
	want(t, "a ticket that opens nothing", text(resp), "200 1")
	want(t, "a ticket that opens nothing: header", withoutName(resp), 0)
	want(t, "a ticket that opens nothing: records", a.kept(), 0)
	want(t, "a ticket that opens nothing: events", a.kinds(), "rejected refused")

	resp = a.stream(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Set", counter.Set(s, 1), nil)
		err := s.Save(r.Context())
		want(t, "Save", errors.Is(err, sessions.ErrRefused), true)
		want(t, "Save: status", sessions.StatusCode(err), http.StatusForbidden)
	}, "rubbish")
	want(t, "Save: header", withoutName(resp), 0)

	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	a.kinds()
	resp = a.stream(both(signOut, count), a.ticketOf(t, tok, time.Second))
	want(t, "after a logout", text(resp), "200 1")
	want(t, "after a logout: header", withoutName(resp), 0)
	want(t, "after a logout: records", a.kept(), 0)
	want(t, "after a logout: events", a.kinds(), "destroyed refused")
}

// TestR128_LogoutInASocketOfATicket: there is no token to remove, so nothing
// must travel with the head that the handler writes.
func TestR128_LogoutInASocketOfATicket(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	r := httptest.NewRequest("GET", "https://example.com/?ticket="+a.ticketOf(t, tok, time.Second), nil)
	r.Header.Set("Upgrade", "websocket")
	a.kinds()
	a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.Destroy()
		_, _, err := http.NewResponseController(w).Hijack()
		want(t, "Hijack", err, nil)
	})).ServeHTTP(hijackable{httptest.NewRecorder()}, r)
	want(t, "events", a.kinds(), "destroyed")
}

// TestR128_NoCacheKeepsThePageOfATicket: its URL would show it again.
func TestR128_NoCacheKeepsThePageOfATicket(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	page := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		w.Header().Set("Cache-Control", "max-age=60")
		whoami(w, r, s)
	}
	want(t, "with a ticket", a.stream(page, a.ticketOf(t, tok, time.Second)).Header.Get("Cache-Control"), "no-store")
	want(t, "without", a.stream(page, "").Header.Get("Cache-Control"), "max-age=60")
}

// TestR128_TicketsBeforeTokens: the order of the transports changes nothing for
// requests with a token, and for servers that are not net/http.
func TestR128_TicketsBeforeTokens(t *testing.T) {
	a := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Ticket("ticket"), sessions.Bearer()}})
	ctx, x := a.Begin(t.Context(), "")
	s, err := sessions.Load(ctx)
	want(t, "Load", err, nil)
	want(t, "SetSubject", s.SetSubject("ann"), nil)
	reply, err := x.Commit(ctx)
	want(t, "Commit", err, nil)

	ctx, x = a.Begin(t.Context(), reply.Token())
	s, err = sessions.Load(ctx)
	want(t, "Load with the token", err, nil)
	want(t, "subject", s.Subject(), "ann")
	_, err = x.Discard()
	want(t, "Discard", err, nil)
	want(t, "events", a.kinds(), "created")

	want(t, "a ticket", text(a.stream(whoami, a.ticketOf(t, reply.Token(), time.Second))), `200 "ann" 0`)
	want(t, "a script", text(runScript(a, whoami, "Authorization", "Bearer "+reply.Token())), `200 "ann" 0`)
}

// lagging is a store that keeps the record that was first loaded in memory.
type lagging struct {
	store.Store
	mu   sync.Mutex
	kept *store.Record
}

func (s *lagging) Load(ctx context.Context, id string) (store.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		r, err := s.Store.Load(ctx, id)
		if err != nil {
			return r, err
		}
		s.kept = &r
	}
	return *s.kept, nil
}

// Refresh asks past what is kept.
func (s *lagging) Refresh(ctx context.Context, id string) (store.Record, error) {
	return s.Store.Load(ctx, id)
}

// TestR128_TicketOfAnotherProcess: this one has kept a record from before the
// ticket was made.
func TestR128_TicketOfAnotherProcess(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	m, err := sessions.New(&lagging{Store: a.store}, withTickets())
	want(t, "New", err, nil)
	other := &app{Manager: m, t: t, store: a.store}
	want(t, "the other process", text(runScript(other, whoami, "Authorization", "Bearer "+tok)), `200 "ann" 0`)

	ticket := a.ticketOf(t, tok, time.Minute)
	want(t, "the ticket", text(other.stream(whoami, ticket)), `200 "ann" 0`)
	want(t, "the ticket again", text(other.stream(whoami, ticket)), `200 "" 0`)
	want(t, "the ticket again, here", text(a.stream(whoami, ticket)), `200 "" 0`)

	ticket = a.ticketOf(t, tok, time.Minute)
	want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
	want(t, "after a logout", text(other.stream(whoami, ticket)), `200 "" 0`)
}
