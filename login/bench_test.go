package login_test

import (
	"net/http"
	"testing"

	"github.com/gosessions/sessions/login"
)

// sink is a response writer that costs nothing.
type sink struct{ h http.Header }

func (s sink) Header() http.Header         { return s.h }
func (s sink) WriteHeader(int)             {}
func (s sink) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkHandler is what a page costs within sessions alone, and within a
// login that it does not ask, or asks.
func BenchmarkHandler(b *testing.B) {
	a := newApp(b, login.Options{})
	ann := a.browser()
	annSignedIn(ann)
	public := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	private := a.RequireLogin(public)
	for name, h := range map[string]http.Handler{
		"sessions alone": a.sessions.Handler(public), "not asked": a.Handler(public), "asked": a.Handler(private),
	} {
		b.Run(name, func(b *testing.B) {
			r := get("/")
			r.AddCookie(&http.Cookie{Name: "__Host-id", Value: ann.token()})
			w := sink{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				copied := *r
				h.ServeHTTP(w, &copied)
				a.store.Ops()
				a.users.Asked()
			}
		})
	}
}
