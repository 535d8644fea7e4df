package login_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// AppUser is a user of the example.
type AppUser struct{ Name string }

func (m AppUser) UserID() string        { return m.Name }
func (AppUser) SessionAuthHash() []byte { return nil }

// AppLogin is what a mobile application sends.
type AppLogin struct{ Name, Password string }

// AppUsers is the backend of the example.
type AppUsers struct{}

func (AppUsers) Authenticate(_ context.Context, c AppLogin) (AppUser, error) {
	if c.Name != "ann" || c.Password != "secret" { // yours are hashed: see Passwords
		return AppUser{}, login.ErrCredentials
	}
	return AppUser{c.Name}, nil
}

func (AppUsers) User(_ context.Context, id string) (AppUser, error) { return AppUser{id}, nil }

// A mobile application logs in with JSON, and opens a stream with a ticket.
func Example_scripts() {
	st := new(memstore.Store)
	manager, err := sessions.New(st, sessions.Options{
		Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer(), sessions.Ticket("ticket")},
	})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := login.New(manager, AppUsers{}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}}) // yours is random
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/login", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		var c AppLogin
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&c); err != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		u, err := auth.Authenticate(r.Context(), c)
		if err == nil {
			err = auth.Login(r.Context(), u, login.Details{Device: "mobile application"})
		}
		var reply sessions.Reply
		if err == nil {
			reply, err = s.TakeReply(r.Context())
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"token": reply.Token()})
	}))
	mux.HandleFunc("POST /ticket", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		ticket, err := s.NewTicket(r.Context(), 10*time.Second)
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		fmt.Fprint(w, ticket)
	}))
	mux.HandleFunc("GET /events", auth.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, u AppUser) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: hello %s\n\n", u.Name)
	}))
	server := httptest.NewServer(auth.Handler(mux))
	defer server.Close()

	// The application.
	do := func(method, path, body string, header ...string) string {
		r, _ := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, _ := io.ReadAll(resp.Body)
		return string(answer)
	}
	fmt.Print(do("POST", "/api/login", `{"name": "ann", "password": "guess"}`))
	var got struct{ Token string }
	_ = json.Unmarshal([]byte(do("POST", "/api/login", `{"name": "ann", "password": "secret"}`)), &got)
	ticket := do("POST", "/ticket", "", "Authorization", "Bearer "+got.Token)
	fmt.Print(do("GET", "/events?ticket="+ticket, "", "Accept", "text/event-stream"))
	fmt.Print(do("GET", "/events?ticket="+ticket, "", "Accept", "text/event-stream"))
	// Output:
	// Unauthorized
	// data: hello ann
	//
	// Unauthorized
}
