// Events streams messages to a script of another origin, as server-sent events.
//
//	go run ./examples/frameworks/events [-addr host:port] [-origin https://app.example.com]
//
// The script logs in for a bearer token. An EventSource cannot send it in a
// header, and no token belongs in a URL, so the script gets a one-time ticket
// for each stream:
//
//	const {token} = await post("/login", {name, password})
//	const {ticket} = await post("/ticket", {}, token)
//	const stream = new EventSource(api + "/events?ticket=" + ticket)
//	stream.onerror = () => stream.close() // then open another one, with a new ticket
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

type app struct {
	auth *login.Manager[demo.Account, demo.Credentials]
	feed demo.Feed[string] // by the name of the user
}

func main() {
	origin := flag.String("origin", "http://localhost:3000", "origin of the pages whose scripts may log in")
	demo.Serve(func() (http.Handler, error) { return site(*origin) })
}

func site(origin string) (http.Handler, error) {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Bearer(), sessions.Ticket("ticket")},
	})
	if err != nil {
		return nil, err
	}
	trusted := http.NewCrossOriginProtection()
	if err := trusted.AddTrustedOrigin(origin); err != nil {
		return nil, err
	}
	a := new(app)
	a.auth, err = login.New(manager, demo.Accounts{}, login.Options{HashKeys: demo.HashKeys(), CrossOrigin: trusted})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /login", a.handler(a.login))
	mux.Handle("POST /ticket", a.auth.RequireLogin(a.handler(a.ticket)))
	mux.Handle("POST /messages", a.auth.RequireLogin(a.handler(a.send)))
	mux.Handle("POST /logout", a.handler(a.logout))
	mux.Handle("GET /events", a.auth.RequireLogin(a.handler(a.stream)))
	return allow(origin, a.auth.Handler(mux)), nil
}

// allow lets scripts of an origin send requests and read the answers (CORS).
// Without credentials, for no cookie is needed.
func allow(origin string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) handler(f func(http.ResponseWriter, *http.Request, *sessions.Session) error) http.Handler {
	return sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if err := f(w, r, s); err != nil {
			a.auth.Error(w, r, err)
		}
	})
}

// body decodes a request's JSON of up to 4 KiB.
func body[T any](w http.ResponseWriter, r *http.Request) (v T, ok bool) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&v); err != nil {
		http.Error(w, "The body is not the JSON that it should be.", http.StatusBadRequest)
		return v, false
	}
	return v, true
}

func (a *app) login(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	c, ok := body[demo.Credentials](w, r)
	if !ok {
		return nil
	}
	u, err := a.auth.Authenticate(r.Context(), c)
	if err != nil {
		return err
	}
	if err := a.auth.Login(r.Context(), u, login.Details{}); err != nil {
		return err
	}
	reply, err := s.TakeReply(r.Context()) // the token goes into the body instead of a header
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(map[string]string{"token": reply.Token()})
}

func (a *app) ticket(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	ticket, err := s.NewTicket(r.Context(), 10*time.Second)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(map[string]string{"ticket": ticket})
}

func (a *app) send(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	text, ok := body[string](w, r)
	if ok {
		a.feed.Publish(s.Subject(), text)
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

func (a *app) logout(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	user := s.Subject()
	if err := a.auth.Logout(r.Context()); err != nil {
		return err
	}
	a.feed.Publish(user, "") // streams notice
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stream sends the user's messages until the session ends. Messages of other
// processes, and logouts there, need a feed that processes share.
func (a *app) stream(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	messages := a.feed.Subscribe(ctx, s.Subject())
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for text := ""; ; {
		if _, ok, err := a.auth.Fresh(ctx); err != nil || !ok {
			return nil // the client opens another one, or learns that it is signed out
		}
		if text != "" {
			line, _ := json.Marshal(text) // one line, whatever the text is
			_, _ = fmt.Fprintf(w, "data: %s\n\n", line)
		}
		if err := out.Flush(); err != nil {
			return nil // the client has gone
		}
		select {
		case text = <-messages:
		case <-time.After(5 * time.Second):
			text = "" // looks again whether the user is signed in
		case <-ctx.Done():
			return nil
		}
	}
}
