package respond_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/respond"
)

// route is one way for a handler to begin a response.
type route struct {
	name   string
	status int
	run    func(w *respond.Writer) error
	body   string
	// silent says that the route writes nothing that could fail.
	silent bool
}

func routes(t *testing.T) []route {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return []route{
		{"WriteHeader", http.StatusTeapot, func(w *respond.Writer) error {
			w.WriteHeader(http.StatusTeapot)
			_, err := w.Write([]byte(secret))
			return err
		}, secret, false},
		{"WriteHeaderOnly", http.StatusNoContent, func(w *respond.Writer) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}, "", true},
		{"Write", http.StatusOK, func(w *respond.Writer) error {
			_, err := w.Write([]byte(secret))
			return err
		}, secret, false},
		{"WriteString", http.StatusOK, func(w *respond.Writer) error {
			_, err := io.WriteString(w, secret)
			return err
		}, secret, false},
		{"ReadFrom", http.StatusOK, func(w *respond.Writer) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			// Hides the file's own WriteTo, so that io.Copy takes ReadFrom.
			_, err = io.Copy(w, struct{ io.Reader }{f})
			return err
		}, secret, false},
		{"File", http.StatusOK, func(w *respond.Writer) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, f)
			return err
		}, secret, false},
		{"Flusher", http.StatusOK, func(w *respond.Writer) error {
			http.ResponseWriter(w).(http.Flusher).Flush()
			_, err := io.WriteString(w, secret)
			return err
		}, secret, false},
		{"ControllerFlush", http.StatusOK, func(w *respond.Writer) error {
			return http.NewResponseController(w).Flush()
		}, "", false},
		{"Return", http.StatusOK, func(*respond.Writer) error { return nil }, "", true},
	}
}

// eachRoute runs f for every route and version of HTTP.
func eachRoute(t *testing.T, f func(t *testing.T, major int, r route)) {
	t.Helper()
	for _, major := range []int{1, 2} {
		for _, r := range routes(t) {
			t.Run(fmt.Sprintf("HTTP%d/%s", major, r.name), func(t *testing.T) { f(t, major, r) })
		}
	}
}

func TestR31_EveryRouteCallsTheHookOnceBeforeTheFirstByte(t *testing.T) {
	eachRoute(t, func(t *testing.T, major int, r route) {
		h := &hooks{}
		srv := serve(t, major, wrap(h, func(w *respond.Writer, _ *http.Request) {
			if w.Begun() || w.Status() != 0 {
				t.Errorf("begun %t with status %d before the handler wrote", w.Begun(), w.Status())
			}
			w.Header().Set("X-Handler", "set")
			if err := r.run(w); err != nil {
				t.Errorf("handler: %v", err)
			}
			w.Finish()
			w.Finish()
			if !w.Begun() || w.Status() != r.status || w.Hijacked() {
				t.Errorf("begun %t with status %d, hijacked %t", w.Begun(), w.Status(), w.Hijacked())
			}
		}))
		resp, body := get(t, srv, major)
		h.begun(t, r.status)
		if resp.StatusCode != r.status || body != r.body {
			t.Errorf("got %d %q, want %d %q", resp.StatusCode, body, r.status, r.body)
		}
		for name, want := range map[string]string{"Set-Cookie": "hook=1", "X-Handler": "set", "X-Request-Id": "outer"} {
			if got := resp.Header.Values(name); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

func TestR31_HookComesBeforeTheUnderlyingWriter(t *testing.T) {
	for _, r := range routes(t) {
		t.Run(r.name, func(t *testing.T) {
			s := newSpy()
			h := &spyHooks{spy: s}
			var w respond.Writer
			w.Init(s, h)
			_ = r.run(&w) // the spy cannot flush
			w.Finish()
			h.begun(t, r.status)
			if s.events[0] != "Begin" {
				t.Errorf("events %q, want Begin first", s.events)
			}
		})
	}
}

func TestR31_HeadKeepsTheCookie(t *testing.T) {
	for _, major := range []int{1, 2} {
		h := &hooks{}
		srv := serve(t, major, wrap(h, func(w *respond.Writer, _ *http.Request) {
			_, _ = io.WriteString(w, secret)
		}))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, body := do(t, srv, major, req)
		h.begun(t, http.StatusOK)
		if body != "" || resp.Header.Get("Set-Cookie") != "hook=1" {
			t.Errorf("got %q with %v", body, resp.Header)
		}
	}
}

func TestReadFromUsesTheUnderlyingReaderFrom(t *testing.T) {
	s := newSpy()
	var w respond.Writer
	w.Init(spyReaderFrom{s}, &spyHooks{spy: s})
	if n, err := w.ReadFrom(strings.NewReader("abc")); n != 3 || err != nil {
		t.Errorf("ReadFrom() = %d, %v", n, err)
	}
	if want := []string{"Begin", "ReadFrom"}; !slices.Equal(s.events, want) {
		t.Errorf("events %q, want %q", s.events, want)
	}
}

func TestReadFromWithNothingLeavesTheStatusOpen(t *testing.T) {
	h := &hooks{}
	srv := serve(t, 1, wrap(h, func(w *respond.Writer, _ *http.Request) {
		if _, err := w.ReadFrom(strings.NewReader("")); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusNotFound)
		if w.Status() != http.StatusNotFound {
			t.Errorf("Status() = %d", w.Status())
		}
	}))
	resp, _ := get(t, srv, 1)
	h.begun(t, http.StatusOK)
	if resp.StatusCode != http.StatusNotFound || resp.Header.Get("Set-Cookie") != "hook=1" {
		t.Errorf("got %d with %v", resp.StatusCode, resp.Header)
	}
}

func TestFinishLeavesTheHeaderToTheServer(t *testing.T) {
	s := newSpy()
	h := &spyHooks{spy: s}
	var w respond.Writer
	w.Init(s, h)
	w.Finish()
	if want := []string{"Begin"}; !slices.Equal(s.events, want) {
		t.Errorf("events %q, want %q", s.events, want)
	}
}

func TestSecondWriteHeaderIsPassedOn(t *testing.T) {
	s := newSpy()
	h := &spyHooks{spy: s}
	var w respond.Writer
	w.Init(s, h)
	w.WriteHeader(http.StatusAccepted)
	w.WriteHeader(http.StatusNotFound)
	h.begun(t, http.StatusAccepted)
	if want := []string{"Begin", "WriteHeader", "WriteHeader"}; !slices.Equal(s.events, want) {
		t.Errorf("events %q, want %q", s.events, want)
	}
	if w.Status() != http.StatusAccepted {
		t.Errorf("Status() = %d", w.Status())
	}
}

func TestInvalidStatusPanicsAndDoesNotBegin(t *testing.T) {
	for _, status := range []int{-1, 0, 99, 1000} {
		h := &hooks{}
		var w respond.Writer
		w.Init(newSpy(), h)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("WriteHeader(%d) does not panic", status)
				}
			}()
			w.WriteHeader(status)
		}()
		h.begun(t)
	}
}

func TestTrailersSetAfterTheBodyArrive(t *testing.T) {
	for _, major := range []int{1, 2} {
		srv := serve(t, major, wrap(&hooks{}, func(w *respond.Writer, _ *http.Request) {
			_, _ = io.WriteString(w, "body")
			w.Flush()
			w.Header().Set(http.TrailerPrefix+"X-Sum", "7")
		}))
		resp, _ := get(t, srv, major)
		if got := resp.Trailer.Get("X-Sum"); got != "7" {
			t.Errorf("HTTP/%d: trailer %q, want 7", major, got)
		}
	}
}

func TestWritingAllocatesNothing(t *testing.T) {
	s, h := quiet{http.Header{}}, quietHooks{}
	var under http.ResponseWriter = s
	var hook respond.Hooks = h
	body := []byte("body")
	var w respond.Writer
	allocs := testing.AllocsPerRun(100, func() {
		w.Init(under, hook)
		_ = w.Header()
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
		w.Finish()
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want 0", allocs)
	}
}

// quiet and quietHooks do nothing at all.
type (
	quiet      struct{ header http.Header }
	quietHooks struct{}
)

func (q quiet) Header() http.Header                { return q.header }
func (quiet) WriteHeader(int)                      {}
func (quiet) Write(p []byte) (int, error)          { return len(p), nil }
func (quietHooks) Begin(int, http.Header) error    { return nil }
func (quietHooks) Fail(http.ResponseWriter, error) {}
func (quietHooks) Carried()                        {}
func (quietHooks) Carry() http.Header              { return nil }
