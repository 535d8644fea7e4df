package sessions_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// sink is a response writer that costs nothing.
type sink struct{ h http.Header }

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

var body = []byte("ok")

// bench serves a page over and over, with the cookie of a session that a
// first page has made. Every round gets a fresh shallow copy of the request.
func bench(b *testing.B, first, page func(http.ResponseWriter, *http.Request, *sessions.Session)) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	if first != nil {
		w := httptest.NewRecorder()
		m.Handler(sessions.HandlerFunc(first)).ServeHTTP(w, r)
		r.AddCookie(w.Result().Cookies()[0])
	}
	serve(b, r, m.Handler(sessions.HandlerFunc(page)))
}

func serve(b *testing.B, r *http.Request, h http.Handler) {
	w := &sink{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		copied := *r
		h.ServeHTTP(w, &copied)
	}
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }

// BenchmarkHandWritten is what a middleware costs at least: a context value
// and a wrapped writer.
func BenchmarkHandWritten(b *testing.B) {
	serve(b, httptest.NewRequest("GET", "/", nil), handWritten(http.HandlerFunc(hello)))
}

// handWritten is not inlined: the compiler would see through it to hello, and
// spare it an allocation that no real program is spared.
//
//go:noinline
func handWritten(next http.Handler) http.Handler {
	type key struct{}
	type wrapped struct{ http.ResponseWriter }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ww := &wrapped{ResponseWriter: w}
		next.ServeHTTP(ww, r.WithContext(context.WithValue(r.Context(), key{}, ww)))
	})
}

func BenchmarkUntouched(b *testing.B) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "__Host-id=AZqrs7rGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	serve(b, r, m.Handler(http.HandlerFunc(hello)))
}

func BenchmarkNoCookie(b *testing.B) {
	bench(b, nil, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if n, err := Counter.Get(s); n != 0 || err != nil {
			b.Fatal(n, err)
		}
		_, _ = w.Write(body)
	})
}

func BenchmarkReadOneKey(b *testing.B) {
	bench(b, one, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if n, err := Counter.Get(s); n != 1 || err != nil {
			b.Fatal(n, err)
		}
		_, _ = w.Write(body)
	})
}

func BenchmarkIncrement(b *testing.B) {
	bench(b, one, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if _, err := Counter.Update(s, func(n int) int { return n + 1 }); err != nil {
			b.Fatal(err)
		}
		_, _ = w.Write(body)
	})
}

func one(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = Counter.Set(s, 1) }

func fifty(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	for i := range 50 {
		_ = s.Set(fmt.Sprintf("key-%02d", i), i)
	}
}

func BenchmarkReadOneOfFifty(b *testing.B) {
	const k = sessions.Key[int]("key-25")
	bench(b, fifty, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if n, err := k.Get(s); n != 25 || err != nil {
			b.Fatal(n, err)
		}
		_, _ = w.Write(body)
	})
}

func BenchmarkWriteOneOfFifty(b *testing.B) {
	const k = sessions.Key[int]("key-25")
	n := 0
	bench(b, fifty, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		n++
		if err := k.Set(s, n); err != nil {
			b.Fatal(err)
		}
		_, _ = w.Write(body)
	})
}

type visitor struct {
	Name  string
	Views int
	Tags  []string
}

const visitorKey = sessions.Key[visitor]("visitor")

func visit(w http.ResponseWriter, _ *http.Request, t *sessions.Typed[visitor]) {
	t.Data.Name, t.Data.Views = "Ann", t.Data.Views+1
	_, _ = w.Write(body)
}

func BenchmarkStruct(b *testing.B) {
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		b.Run(codec.Name(), func(b *testing.B) {
			m, err := sessions.New(new(memstore.Store), sessions.Options{Codec: codec})
			if err != nil {
				b.Fatal(err)
			}
			h := m.Handler(visitorKey.HandlerFunc(visit))
			r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
			h.ServeHTTP(w, r)
			r.AddCookie(w.Result().Cookies()[0])
			serve(b, r, h)
		})
	}
}
