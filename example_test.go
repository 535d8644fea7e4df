package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// browse sends requests such as "GET /" from one browser and prints the
// responses.
func browse(h http.Handler, requests ...string) {
	server := httptest.NewTLSServer(h)
	defer server.Close()
	browser := server.Client()
	browser.Jar, _ = cookiejar.New(nil)
	for _, request := range requests {
		method, path, _ := strings.Cut(request, " ")
		r, _ := http.NewRequest(method, server.URL+path, nil)
		resp, err := browser.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, _ = io.Copy(os.Stdout, resp.Body)
		_ = resp.Body.Close()
	}
}

const Counter = sessions.Key[int]("counter")

func Example() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "visit", n)
	}))
	browse(manager.Handler(mux), "GET /", "GET /", "GET /")
	// Output:
	// visit 1
	// visit 2
	// visit 3
}

// greet is a handler that needs a session.
func greet(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	if s.IsNew() {
		_ = s.Set("seen", true)
		fmt.Fprintln(w, "Hello.")
		return
	}
	fmt.Fprintln(w, "Hello again.")
}

func ExampleHandlerFunc() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", sessions.HandlerFunc(greet)) // chi: r.Get("/hello", …)
	browse(manager.Handler(mux), "GET /hello", "GET /hello")
	// Output:
	// Hello.
	// Hello again.
}

func ExampleManager_Handler() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	// Posts from other sites are refused before their cookies are looked at.
	h := http.NewCrossOriginProtection().Handler(manager.Handler(sessions.HandlerFunc(greet)))

	for _, site := range []string{"same-origin", "cross-site"} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Sec-Fetch-Site", site) // set by browsers
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(site, w.Code)
	}
	// Output:
	// same-origin 200
	// cross-site 403
}

type Visitor struct {
	Name  string
	Views int
}

const VisitorKey = sessions.Key[Visitor]("visitor")

func ExampleKey_HandlerFunc() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := VisitorKey.HandlerFunc(func(w http.ResponseWriter, r *http.Request, v *sessions.Typed[Visitor]) {
		v.Data.Views++
		if name := r.URL.Query().Get("name"); name != "" {
			v.Data.Name = name
		}
		fmt.Fprintf(w, "%+v\n", v.Data)
	})
	browse(manager.Handler(page), "GET /", "GET /?name=Ann", "GET /")
	// Output:
	// {Name: Views:1}
	// {Name:Ann Views:2}
	// {Name:Ann Views:3}
}

func ExampleKey_Take() {
	const Flash = sessions.Key[string]("flash")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /save", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = Flash.Set(s, "Saved.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}))
	mux.HandleFunc("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		message, ok, _ := Flash.Take(s)
		fmt.Fprintf(w, "%q %t\n", message, ok)
	}))
	browse(manager.Handler(mux), "POST /save", "GET /")
	// Output:
	// "Saved." true
	// "" false
}

func ExampleSession_SetSubject() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		// The password has been verified.
		if err := s.SetSubject("ann"); err != nil {
			manager.Error(w, r, err)
		}
	}))
	mux.HandleFunc("POST /logout", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.Destroy()
	}))
	mux.HandleFunc("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		fmt.Fprintf(w, "%q\n", s.Subject())
	}))
	browse(manager.Handler(mux), "POST /login", "GET /", "POST /logout", "GET /")
	// Output:
	// "ann"
	// ""
}

func ExampleLoad() {
	// A handler that does not fit sessions.HandlerFunc, such as a framework's.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(r.Context())
		if err != nil { // the store is down, or the request did not pass Manager.Handler
			manager.Error(w, r, err)
			return
		}
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		fmt.Fprintln(w, n)
	})
	browse(manager.Handler(page), "GET /")
	// Output: 1
}

func ExampleManager_Load() {
	// Two managers in one chain. Each has its own cookie.
	carts, _ := sessions.New(new(memstore.Store), sessions.Options{
		Cookie:   sessions.CookieOptions{Name: "__Host-cart"},
		Lifetime: 30 * 24 * time.Hour,
	})
	logins, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cart, _ := carts.Load(r.Context())
		_ = Counter.Set(cart, 3)
		login, _ := logins.Load(r.Context())
		fmt.Fprintln(w, cart.Len(), login.Len())
	})
	browse(carts.Handler(logins.Handler(page)), "GET /")
	// Output: 1 0
}

// downStore is a store that cannot be reached.
type downStore struct{ store.Store }

func (downStore) Create(context.Context, store.Record) error {
	return errors.New("connection refused")
}

func (downStore) Load(context.Context, string) (store.Record, error) {
	return store.Record{}, errors.New("connection refused")
}

func ExampleManager_Error() {
	manager, _ := sessions.New(downStore{}, sessions.Options{
		SaveTimeout: 100 * time.Millisecond,                   // of all tries; the default is 5 seconds
		OnEvent:     func(context.Context, sessions.Event) {}, // by default, problems are logged
	})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(r.Context())
		if err == nil {
			_ = Counter.Set(s, 1)
			err = s.Save(r.Context()) // before the handler says that it is saved
		}
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		fmt.Fprintln(w, "Saved.")
	})
	browse(manager.Handler(page), "GET /")
	// Output: Service Unavailable
}

func ExampleOptions_errorHandler() {
	manager, _ := sessions.New(downStore{}, sessions.Options{
		SaveTimeout: 100 * time.Millisecond,                   // of all tries; the default is 5 seconds
		OnEvent:     func(context.Context, sessions.Event) {}, // by default, problems are logged
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, sessions.ErrUnavailable) {
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprintln(w, "We are having a break. Try again soon.")
				return
			}
			sessions.DefaultErrorHandler(w, r, err)
		},
	})
	// The page is not shown, because what it says could not be saved.
	browse(manager.Handler(sessions.HandlerFunc(greet)), "GET /")
	// Output: We are having a break. Try again soon.
}

func ExampleOptions_saveOnError() {
	failing := sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		http.Error(w, fmt.Sprint("failure ", n), http.StatusInternalServerError)
	})
	for _, save := range []bool{false, true} {
		manager, _ := sessions.New(new(memstore.Store), sessions.Options{SaveOnError: save})
		browse(manager.Handler(failing), "GET /", "GET /")
	}
	// Output:
	// failure 1
	// failure 1
	// failure 1
	// failure 2
}
