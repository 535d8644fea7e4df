// Websocket counts the messages of a visitor, over coder/websocket and over
// gorilla/websocket.
//
//	go run ./examples/frameworks/websocket [-addr host:port]
//
// The cookie of a new visitor comes with the upgrade. Afterwards no token can
// follow, but values can be changed; Session.Save stores them at once, and says
// when the session has ended elsewhere. Both libraries check the Origin header,
// which no other check does for a GET request.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func main() {
	demo.Serve(func() (http.Handler, error) {
		manager, err := newManager()
		if err != nil {
			return nil, err
		}
		return site(manager), nil
	})
}

func newManager() (*sessions.Manager, error) {
	return sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	})
}

func site(manager *sessions.Manager) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /coder", connecting(serveCoder))
	mux.Handle("GET /gorilla", connecting(serveGorilla))
	mux.Handle("POST /logout", sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.Destroy()
	}))
	return http.NewCrossOriginProtection().Handler(manager.Handler(mux))
}

// connecting counts the connection, which gives a new visitor a session.
func connecting(serve func(http.ResponseWriter, *http.Request, *sessions.Session)) http.Handler {
	return sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if _, err := Counter.Update(s, func(n int) int { return n + 1 }); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		serve(w, r, s)
	})
}

// count counts a message and stores that. The error is sessions.ErrNotFound
// after a logout.
func count(ctx context.Context, s *sessions.Session) ([]byte, error) {
	if _, err := Counter.Update(s, func(n int) int { return n + 1 }); err != nil {
		return nil, err
	}
	if err := s.Save(ctx); err != nil {
		return nil, err
	}
	n, err := Counter.Get(s) // with what other connections have counted
	return fmt.Append(nil, n), err
}

// reason says why a connection ends, and hides the error.
func reason(err error) string {
	if errors.Is(err, sessions.ErrNotFound) {
		return "signed out"
	}
	return "try again later"
}

func serveCoder(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	conn, err := coder.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return // the client has gone
		}
		reply, err := count(ctx, s)
		if err != nil {
			_ = conn.Close(coder.StatusPolicyViolation, reason(err))
			return
		}
		if err := conn.Write(ctx, coder.MessageText, reply); err != nil {
			return
		}
	}
}

func serveGorilla(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.Close() }()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return // the client has gone
		}
		reply, err := count(r.Context(), s)
		if err != nil {
			_ = conn.WriteMessage(gorilla.CloseMessage, gorilla.FormatCloseMessage(gorilla.ClosePolicyViolation, reason(err)))
			return
		}
		if err := conn.WriteMessage(gorilla.TextMessage, reply); err != nil {
			return
		}
	}
}
