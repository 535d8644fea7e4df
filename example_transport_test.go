package sessions_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleOptions_transports() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}, // pages and scripts
	})
	h := manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		fmt.Fprint(w, "visit ", n)
	}))

	// A page has the session's cookie.
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	cookie := w.Result().Cookies()[0]
	fmt.Println(w.Body, "by", cookie.Name)

	// A script with the same token uses the same session.
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+cookie.Value)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Body, "by Authorization")
	// Output:
	// visit 1 by __Host-id
	// visit 2 by Authorization
}

func ExampleBearer() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Bearer()},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.SetSubject("ann") // the password has been verified
	}))
	mux.HandleFunc("GET /me", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		fmt.Fprint(w, s.Subject())
	}))
	h := manager.Handler(mux)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
	token := w.Header().Get("X-Session-Token")

	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Body, len(w.Result().Cookies()))
	// Output: ann 0
}

func ExampleHeader() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Header("X-Session-Token")},
	})
	h := manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		fmt.Fprint(w, "visit ", n)
	}))

	token := "" // the application stores what a response brings
	for range 2 {
		r := httptest.NewRequest("GET", "/", nil)
		if token != "" {
			r.Header.Set("X-Session-Token", token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if brought := w.Header().Values("X-Session-Token"); len(brought) > 0 {
			token = brought[0] // if empty, the session has ended
		}
		fmt.Println(w.Body)
	}
	// Output:
	// visit 1
	// visit 2
}

func ExampleTicket() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Bearer(), sessions.Ticket("ticket")},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.SetSubject("ann") // the password has been verified
	}))
	mux.HandleFunc("POST /ticket", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		ticket, err := s.NewTicket(r.Context(), 10*time.Second)
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		fmt.Fprint(w, ticket)
	}))
	mux.HandleFunc("GET /events", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		fmt.Fprintf(w, "data: hello %q\n", s.Subject())
	}))
	server := httptest.NewServer(manager.Handler(mux))
	defer server.Close()
	do := func(method, path, header, value string) (*http.Response, string) {
		r, _ := http.NewRequest(method, server.URL+path, nil)
		r.Header.Set(header, value)
		resp, _ := http.DefaultClient.Do(r)
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return resp, string(body)
	}

	resp, _ := do("POST", "/login", "Accept", "*/*")
	_, ticket := do("POST", "/ticket", "Authorization", "Bearer "+resp.Header.Get("X-Session-Token"))

	// new EventSource("/events?ticket=" + ticket)
	for range 2 {
		_, events := do("GET", "/events?ticket="+ticket, "Accept", "text/event-stream")
		fmt.Print(events)
	}
	// Output:
	// data: hello "ann"
	// data: hello ""
}

func ExampleSession_TakeReply() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()},
	})
	h := manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.SetSubject("ann") // the password has been verified
		reply, err := s.TakeReply(r.Context())
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"token": reply.Token()})
	}))

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
	var answer struct{ Token string }
	_ = json.NewDecoder(w.Body).Decode(&answer)
	fmt.Println("a token:", answer.Token != "", "cookies:", len(w.Result().Cookies()))
	// Output: a token: true cookies: 0
}

func ExampleTransport() {
	fmt.Println(sessions.Cookie(), sessions.Bearer(), sessions.Header("X-Session-Token"))
	// Output: cookie bearer header X-Session-Token
}
