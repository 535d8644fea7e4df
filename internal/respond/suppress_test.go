package respond_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/respond"
)

func TestR34_SuppressedResponseIsReplacedByTheErrorPage(t *testing.T) {
	eachRoute(t, func(t *testing.T, major int, r route) {
		h := &hooks{fail: errStore}
		srv := serve(t, major, wrap(h, func(w *respond.Writer, _ *http.Request) {
			held := w.Header()
			held.Set("Content-Type", "application/x-handler")
			held.Set("Content-Length", "11")
			held.Set("Set-Cookie", "handler=1")
			held.Set("X-Handler", "set")
			held.Set("X-Request-Id", "handler")
			held.Set("Trailer", "X-Declared")
			if err := r.run(w); !r.silent && !errors.Is(err, errStore) {
				t.Errorf("handler gets %v, want %v", err, errStore)
			}
			if r.name == "Return" {
				return
			}
			// Whatever comes after must not get through either.
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, secret)
			w.Header().Set(http.TrailerPrefix+"X-Late", secret)
			held.Set(http.TrailerPrefix+"X-Held", secret)
			held.Set("X-Declared", secret)
		}))
		resp, body := get(t, srv, major)
		h.begun(t, r.status)
		h.failed(t)
		if resp.StatusCode != http.StatusServiceUnavailable || body != "error page\n" {
			t.Errorf("got %d %q, want the error page", resp.StatusCode, body)
		}
		if got := resp.Header.Get("X-Request-Id"); got != "outer" {
			t.Errorf("X-Request-Id %q, want that of the outer middleware", got)
		}
		if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
			t.Errorf("Content-Type %q, want that of the error page", got)
		}
		for _, name := range []string{"Set-Cookie", "X-Handler", "Trailer"} {
			if got := resp.Header.Values(name); len(got) > 0 {
				t.Errorf("%s: %q arrives", name, got)
			}
		}
		if len(resp.Trailer) > 0 {
			t.Errorf("trailers %v arrive", resp.Trailer)
		}
	})
}

func TestR34_EveryMethodReportsTheSuppression(t *testing.T) {
	h := &hooks{fail: errStore}
	rec := httptest.NewRecorder()
	var w respond.Writer
	w.Init(rec, h)
	w.WriteHeader(http.StatusOK)
	src := strings.NewReader(secret)
	for name, call := range map[string]func() (int64, error){
		"Write":       func() (int64, error) { n, err := w.Write([]byte(secret)); return int64(n), err },
		"WriteString": func() (int64, error) { n, err := w.WriteString(secret); return int64(n), err },
		"ReadFrom":    func() (int64, error) { return w.ReadFrom(src) },
		"FlushError":  func() (int64, error) { return 0, w.FlushError() },
		"Hijack":      func() (int64, error) { _, _, err := w.Hijack(); return 0, err },
	} {
		if n, err := call(); n != 0 || !errors.Is(err, errStore) {
			t.Errorf("%s returns %d, %v; want 0, %v", name, n, err, errStore)
		}
	}
	w.Flush()
	w.Finish()
	if src.Len() != len(secret) {
		t.Error("ReadFrom drained its source")
	}
	if !w.Begun() || w.Status() != http.StatusOK || w.Hijacked() {
		t.Errorf("begun %t, status %d, hijacked %t", w.Begun(), w.Status(), w.Hijacked())
	}
	if rec.Code != http.StatusServiceUnavailable || rec.Body.String() != "error page\n" {
		t.Errorf("got %d %q", rec.Code, rec.Body)
	}
	h.begun(t, http.StatusOK)
	h.failed(t)
}

func TestR34_FailFindsTheHeadersOfBefore(t *testing.T) {
	for name, outer := range map[string]http.Header{
		"none": {},
		"some": {"X-List": {"a", "b"}, "Date": nil},
	} {
		for _, touch := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				s := newSpy()
				s.header = outer.Clone()
				h := &seeing{}
				var w respond.Writer
				w.Init(s, h)
				if touch {
					w.Header().Add("X-List", "c")
					w.Header()["X-List"][0] = "changed"
					w.Header().Set("X-Handler", "set")
				}
				_, _ = w.Write(nil)
				if !reflect.DeepEqual(h.seen, outer) {
					t.Errorf("Fail finds %v, want %v", h.seen, outer)
				}
			})
		}
	}
}

func TestR34_NothingReachesTheUnderlyingWriterAfterASuppression(t *testing.T) {
	s := newSpy()
	var w respond.Writer
	w.Init(s, &seeing{})
	w.WriteHeader(http.StatusOK)
	w.WriteHeader(http.StatusEarlyHints)
	w.WriteHeader(http.StatusOK)
	w.Header().Set("X-Handler", "set")
	if got := w.Header().Get("X-Handler"); got != "set" {
		t.Errorf("the handler reads back %q", got)
	}
	_, _ = w.Write([]byte(secret))
	w.Finish()
	if len(s.events) > 0 || len(s.header) > 0 {
		t.Errorf("events %q, headers %v", s.events, s.header)
	}
}

func TestR34_TrailersOfOuterMiddlewareSurvive(t *testing.T) {
	const trailer = http.TrailerPrefix + "X-Outer"
	s := newSpy()
	s.header.Set(trailer, "1")
	var w respond.Writer
	w.Init(s, &hooks{fail: errStore})
	held := w.Header()
	_, _ = w.Write(nil)
	held.Set(http.TrailerPrefix+"X-Held", secret)
	w.Finish()
	if s.header.Get(trailer) != "1" || s.header.Get(http.TrailerPrefix+"X-Held") != "" {
		t.Errorf("trailers are %v", s.header)
	}
}

// seeing fails and notes the headers that Fail finds.
type seeing struct{ seen http.Header }

func (*seeing) Begin(_ int, h http.Header) error {
	h.Set("Set-Cookie", "hook=1")
	return errStore
}
func (s *seeing) Fail(w http.ResponseWriter, _ error) { s.seen = w.Header().Clone() }
func (*seeing) Carried()                              {}
func (*seeing) Carry() http.Header                    { return http.Header{"Set-Cookie": {"hook=1"}} }
