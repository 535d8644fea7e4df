package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// greet is a handler that wants a session.
func greet(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	if s.IsNew() {
		_ = s.Set("seen", true)
		_, _ = fmt.Fprintln(w, "Hello.")
		return
	}
	_, _ = fmt.Fprintln(w, "Hello again.")
}

func ExampleHandlerFunc() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.Handle("GET /hello", sessions.HandlerFunc(greet))
	visit := browse(manager.Handler(mux))
	fmt.Print(visit("/hello"), visit("/hello"))
	// Output:
	// Hello.
	// Hello again.
}

func ExampleManager_Handler() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	// Forms of other sites are turned away before their cookies are looked at.
	h := http.NewCrossOriginProtection().Handler(manager.Handler(sessions.HandlerFunc(greet)))

	post := func(from string) int {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Sec-Fetch-Site", from) // browsers do
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	fmt.Println(post("same-origin"), post("cross-site"))
	// Output: 200 403
}

// downStore is a store that cannot be reached.
type downStore struct{ store.Store }

var errDown = errors.New("connection refused")

func (downStore) Create(context.Context, store.Record) error { return errDown }
func (downStore) Load(context.Context, string) (store.Record, error) {
	return store.Record{}, errDown
}

func ExampleOptions_errorHandler() {
	manager, _ := sessions.New(downStore{}, sessions.Options{
		OnEvent: func(context.Context, sessions.Event) {}, // or the problem is logged
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, sessions.ErrUnavailable) {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = fmt.Fprintln(w, "We are having a break. Try again soon.")
				return
			}
			sessions.DefaultErrorHandler(w, r, err)
		},
	})
	visit := browse(manager.Handler(sessions.HandlerFunc(greet))) // who says hello, and cannot remember it
	fmt.Print(visit("/"))
	// Output: We are having a break. Try again soon.
}

func ExampleDefaultErrorHandler() {
	for _, err := range []error{sessions.ErrUnavailable, sessions.ErrConflict, sessions.ErrNotFound, sessions.ErrNoSession} {
		w := httptest.NewRecorder()
		sessions.DefaultErrorHandler(w, httptest.NewRequest("GET", "/", nil), err)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Retry-After"))
	}
	// Output:
	// 503 "5"
	// 503 "5"
	// 409 ""
	// 500 ""
}

func ExampleOptions_saveOnError() {
	failing := sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		http.Error(w, fmt.Sprint("failure ", n), http.StatusInternalServerError)
	})
	for _, save := range []bool{false, true} {
		manager, _ := sessions.New(new(memstore.Store), sessions.Options{SaveOnError: save})
		visit := browse(manager.Handler(failing))
		fmt.Print(visit("/"), visit("/"))
	}
	// Output:
	// failure 1
	// failure 1
	// failure 1
	// failure 2
}

func ExampleEventKind() {
	// Log what needs somebody's attention, and count the rest.
	inSession(sessions.Options{OnEvent: func(_ context.Context, e sessions.Event) {
		switch e.Kind {
		case sessions.EventUnavailable, sessions.EventCorrupt, sessions.EventConflict,
			sessions.EventUnsaved, sessions.EventFailed:
			fmt.Println("problem:", e.Err)
		default:
			fmt.Println("count:", e.Kind)
		}
	}}, func(ctx context.Context, s *sessions.Session) {
		_ = Counter.Set(s, 1)
		_ = s.Save(ctx)
		s.Destroy()
	})
	// Output:
	// count: created
	// count: destroyed
}

func Example_errors() {
	say := func(err error) string {
		switch {
		case err == nil:
			return "saved"
		case errors.Is(err, sessions.ErrTooLarge):
			return "that is too much"
		case errors.Is(err, sessions.ErrNotFound):
			return "you were logged out meanwhile"
		case errors.Is(err, sessions.ErrConflict), errors.Is(err, sessions.ErrUnavailable):
			return "try again later"
		case errors.Is(err, sessions.ErrHeadersSent), errors.Is(err, sessions.ErrNoSession):
			return "this is a mistake in the program"
		}
		return err.Error()
	}
	ctx := context.Background()
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{MaxBytes: 100})
	s, _ := manager.Open(ctx, cookieOf(manager, func(s *sessions.Session) { s.SetSubject("ann") }).Value)

	fmt.Println(say(s.Set("note", strings.Repeat("blah ", 100))))
	fmt.Println(say(s.Renew())) // there is no response that could carry a cookie
	fmt.Println(say(s.Save(ctx)))
	_ = manager.RevokeAll(ctx, "ann")
	_ = s.Set("note", "short")
	fmt.Println(say(s.Save(ctx)))
	// Output:
	// that is too much
	// this is a mistake in the program
	// saved
	// you were logged out meanwhile
}
