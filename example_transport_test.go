package sessions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

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

func ExampleTransport() {
	fmt.Println(sessions.Cookie(), sessions.Bearer(), sessions.Header("X-Session-Token"))
	// Output: cookie bearer header X-Session-Token
}
