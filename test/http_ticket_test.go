package test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// withTickets are options of a script's manager whose streams take tickets.
func withTickets() sessions.Options {
	return sessions.Options{Transports: []sessions.Transport{sessions.Bearer(), sessions.Ticket("ticket")}}
}

// ticketOf returns a ticket for the session of a token.
func (a *app) ticketOf(t *testing.T, tok string, life time.Duration) string {
	t.Helper()
	s, err := a.Open(t.Context(), tok)
	want(t, "open", err, nil)
	ticket, err := s.NewTicket(t.Context(), life)
	want(t, "ticket", err, nil)
	return ticket
}

// stream opens an EventSource with a ticket.
func (a *app) stream(page handler, ticket string) *http.Response {
	r := httptest.NewRequest("GET", "https://example.com/events?ticket="+ticket, nil)
	r.Header.Set("Accept", "text/event-stream")
	w := httptest.NewRecorder()
	a.Handler(sessions.HandlerFunc(page)).ServeHTTP(w, r)
	return w.Result()
}

// TestR128_TicketOpensOneStream: the stream reads and writes the session, gets
// no token, and the ticket is worth nothing afterwards.
func TestR128_TicketOpensOneStream(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, both(count, signIn("ann"))).Header.Get(answerHeader)
	ticket := a.ticketOf(t, tok, 10*time.Second)
	want(t, "the ticket is not the token", ticket == tok, false)
	want(t, "the ticket as a token", text(runScript(a, whoami, "Authorization", "Bearer "+ticket)), `200 "" 0`)

	resp := a.stream(both(count, whoami), ticket)
	want(t, "the stream", text(resp), `200 "ann" 2`)
	wantTokenHeader(t, "the stream", resp, answerHeader, false)
	want(t, "the stream: Vary", resp.Header.Get("Vary"), "Authorization")
	a.kinds()
	want(t, "the same ticket again", text(a.stream(whoami, ticket)), `200 "" 0`)
	want(t, "the same ticket again: events", a.kinds(), "rejected")
	want(t, "the session", text(runScript(a, whoami, "Authorization", "Bearer "+tok)), `200 "ann" 2`)

	s, err := a.Open(t.Context(), tok)
	want(t, "open", err, nil)
	for key := range s.Keys() {
		want(t, "a key that is left", key, "counter")
	}
	want(t, "rubbish", text(a.stream(whoami, "rubbish")), `200 "" 0`)
	want(t, "no ticket", text(a.stream(whoami, "")), `200 "" 0`)
}

// TestR128_TicketGetsNoToken: nothing in a stream can make a token, which the
// client of a ticket could not keep.
func TestR128_TicketGetsNoToken(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	resp := a.stream(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "SetSubject", errors.Is(s.SetSubject("eve"), sessions.ErrHeadersSent), true)
	}, a.ticketOf(t, tok, time.Second))
	want(t, "login in a stream", resp.StatusCode >= 500, true)
	want(t, "the session", text(runScript(a, whoami, "Authorization", "Bearer "+tok)), `200 "ann" 0`)
	want(t, "a logout in a stream", text(a.stream(signOut, a.ticketOf(t, tok, time.Second))), "200 bye")
	want(t, "records", a.kept(), 0)
}

// TestR128_TicketIsForStreamsOnly: a link with somebody else's ticket signs
// nobody in.
func TestR128_TicketIsForStreamsOnly(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	ticket := a.ticketOf(t, tok, time.Minute)
	open := func(method string, lines ...string) string {
		r := httptest.NewRequest(method, "https://example.com/?ticket="+ticket, nil)
		for i := 0; i < len(lines); i += 2 {
			r.Header[lines[i]] = []string{lines[i+1]}
		}
		w := httptest.NewRecorder()
		a.Handler(sessions.HandlerFunc(whoami)).ServeHTTP(w, r)
		return text(w.Result())
	}
	want(t, "a link", open("GET", "Accept", "text/html,*/*"), `200 "" 0`)
	want(t, "a form", open("POST", "Accept", "text/event-stream"), `200 "" 0`)
	want(t, "a WebSocket", open("GET", "Upgrade", "WebSocket"), `200 "ann" 0`)
	ticket = a.ticketOf(t, tok, time.Minute)
	want(t, "a WebSocket over HTTP/2", open("CONNECT", ":protocol", "websocket"), `200 "ann" 0`)
}

// TestR128_TicketIsOver: after its life, with its session, and with the
// session's privileges.
func TestR128_TicketIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, withTickets())
		tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
		ticket := a.ticketOf(t, tok, 10*time.Second)
		time.Sleep(10 * time.Second)
		a.kinds()
		want(t, "after ten seconds", text(a.stream(whoami, ticket)), `200 "" 0`)
		want(t, "after ten seconds: events", a.kinds(), "rejected")

		for range 3 {
			a.ticketOf(t, tok, time.Second)
			time.Sleep(time.Second)
		}
		a.ticketOf(t, tok, time.Second)
		s, err := a.Open(t.Context(), tok)
		want(t, "open", err, nil)
		want(t, "tickets that are kept", s.Len(), 1)

		ticket = a.ticketOf(t, tok, time.Minute)
		newer := runScript(a, signIn("ann"), "Authorization", "Bearer "+tok).Header.Get(answerHeader)
		want(t, "after another login", text(a.stream(whoami, ticket)), `200 "" 0`)

		ticket = a.ticketOf(t, newer, time.Minute)
		want(t, "a renewal", text(runScript(a, renewing, "Authorization", "Bearer "+newer)), "200 renewed")
		want(t, "after a renewal", text(a.stream(whoami, ticket)), `200 "ann" 0`)

		ticket = a.ticketOf(t, newer, time.Minute)
		want(t, "logout", a.RevokeAll(t.Context(), "ann"), nil)
		a.kinds()
		want(t, "after the logout", text(a.stream(whoami, ticket)), `200 "" 0`)
		want(t, "after the logout: events", a.kinds(), "expired")
	})
}

// TestR128_ParallelStreamsShareNoTicket: of many that bring one ticket, one
// gets the session.
func TestR128_ParallelStreamsShareNoTicket(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	ticket := a.ticketOf(t, tok, time.Minute)
	answers := make([]string, 16)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = text(a.stream(whoami, ticket)) })
	}
	wg.Wait()
	want(t, "streams of ann", strings.Count(fmt.Sprint(answers), "ann"), 1)
}

// TestR128_StoreFailsAtATicket: nobody becomes anonymous.
func TestR128_StoreFailsAtATicket(t *testing.T) {
	for _, op := range []string{"load", "save"} {
		a := newApp(t, sessions.Options{
			Transports:  withTickets().Transports,
			LoadTimeout: time.Millisecond, SaveTimeout: 2 * time.Millisecond,
		})
		tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
		ticket := a.ticketOf(t, tok, time.Minute)
		a.store.Fault = func(_ int, o string) faultstore.Fault {
			if o == op {
				return faultstore.Before
			}
			return faultstore.None
		}
		want(t, op, a.stream(whoami, ticket).StatusCode, 503)
	}
}

// TestR128_TicketRefused: a life that is no moment, a session without a record,
// and options whose tickets nobody could get.
func TestR128_TicketRefused(t *testing.T) {
	a := newApp(t, withTickets())
	tok := runScript(a, signIn("ann")).Header.Get(answerHeader)
	s, err := a.Open(t.Context(), tok)
	want(t, "open", err, nil)
	for _, life := range []time.Duration{-1, 0, time.Minute + 1} {
		_, err := s.NewTicket(t.Context(), life)
		want(t, fmt.Sprint(life), err != nil && strings.Contains(err.Error(), "10 * time.Second"), true)
	}
	runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, err := s.NewTicket(r.Context(), time.Second)
		want(t, "a session without anything", errors.Is(err, sessions.ErrNotFound), true)
	})
	runScript(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "SetSubject", s.SetSubject("bob"), nil)
		ticket, err := s.NewTicket(r.Context(), time.Second)
		want(t, "with the login", err, nil)
		want(t, "its stream", text(a.stream(whoami, ticket)), `200 "bob" 0`)
	})
	for _, transports := range [][]sessions.Transport{
		{sessions.Ticket("ticket")},
		{sessions.Bearer(), sessions.Ticket("")},
		{sessions.Bearer(), sessions.Ticket("a b")},
		{sessions.Bearer(), sessions.Ticket("t"), sessions.Ticket("t")},
	} {
		_, err := sessions.New(a.store, sessions.Options{Transports: transports})
		want(t, fmt.Sprint(transports), err != nil, true)
	}
}
