package respond_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/gosessions/sessions/internal/respond"
)

// hijackers are the ways for a handler to hijack.
var hijackers = map[string]func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error){
	"assertion": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) { return w.(http.Hijacker).Hijack() },
	"controller": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
		return http.NewResponseController(w).Hijack()
	},
}

func TestR33_HijackWithoutPendingHeaders(t *testing.T) {
	for name, hijack := range hijackers {
		t.Run(name, func(t *testing.T) {
			h := &hooks{}
			srv := serve(t, 1, wrap(h, func(w *respond.Writer, _ *http.Request) {
				conn, rw, err := hijack(w)
				if err != nil {
					t.Errorf("Hijack: %v", err)
					return
				}
				defer conn.Close()
				_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw")
				_ = rw.Flush()
				w.Finish()
				if _, err := io.WriteString(w, secret); !errors.Is(err, http.ErrHijacked) {
					t.Errorf("Write after Hijack: %v, want ErrHijacked", err)
				}
				if !w.Hijacked() || !w.Begun() || w.Status() != http.StatusSwitchingProtocols {
					t.Errorf("hijacked %t, begun %t, status %d", w.Hijacked(), w.Begun(), w.Status())
				}
			}))
			_, body := get(t, srv, 1)
			h.begun(t, http.StatusSwitchingProtocols)
			if body != "raw" {
				t.Errorf("body %q, want raw", body)
			}
		})
	}
}

func TestR33_SwitchingProtocolsCarriesTheCookie(t *testing.T) {
	for name, hijack := range hijackers {
		t.Run(name, func(t *testing.T) {
			h := &hooks{pending: true}
			srv := serve(t, 1, wrap(h, func(w *respond.Writer, _ *http.Request) {
				w.Header().Set("Connection", "Upgrade")
				w.Header().Set("Upgrade", "echo")
				w.WriteHeader(http.StatusSwitchingProtocols)
				conn, rw, err := hijack(w)
				if err != nil {
					t.Errorf("Hijack: %v", err)
					return
				}
				defer conn.Close()
				line, _ := rw.ReadString('\n')
				_, _ = rw.WriteString(line)
				_ = rw.Flush()
				if !w.Hijacked() || w.Status() != http.StatusSwitchingProtocols {
					t.Errorf("hijacked %t, status %d", w.Hijacked(), w.Status())
				}
			}))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Connection", "Upgrade")
			req.Header.Set("Upgrade", "echo")
			resp, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Set-Cookie") != "hook=1" {
				t.Errorf("got %d with %v", resp.StatusCode, resp.Header)
			}
			conn, ok := resp.Body.(io.ReadWriteCloser)
			if !ok {
				t.Fatal("the body is not a connection")
			}
			if _, err := io.WriteString(conn, "hello\n"); err != nil {
				t.Fatal(err)
			}
			if echo, err := io.ReadAll(conn); string(echo) != "hello\n" || err != nil {
				t.Errorf("echo %q, %v", echo, err)
			}
			h.begun(t, http.StatusSwitchingProtocols)
		})
	}
}

func TestR34_FailedHookStopsTheHijack(t *testing.T) {
	for name, hijack := range hijackers {
		t.Run(name, func(t *testing.T) {
			h := &hooks{fail: errStore, pending: true}
			srv := serve(t, 1, wrap(h, func(w *respond.Writer, _ *http.Request) {
				w.Header().Set("X-Handler", "set")
				if _, _, err := hijack(w); !errors.Is(err, errStore) {
					t.Errorf("Hijack: %v, want %v", err, errStore)
				}
				http.Error(w, secret, http.StatusInternalServerError)
			}))
			resp, body := get(t, srv, 1)
			h.begun(t, http.StatusSwitchingProtocols)
			h.failed(t)
			if resp.StatusCode != http.StatusServiceUnavailable || body != "error page\n" || resp.Header.Get("X-Handler") != "" {
				t.Errorf("got %d %q with %v", resp.StatusCode, body, resp.Header)
			}
		})
	}
}

func TestR33_HijackThatCannotBeDoesNotBegin(t *testing.T) {
	for name, hijack := range hijackers {
		t.Run(name, func(t *testing.T) {
			outer, inner := &hooks{pending: true}, &hooks{pending: true}
			srv := serve(t, 2, wrap(outer, func(w *respond.Writer, r *http.Request) {
				wrap(inner, func(w *respond.Writer, _ *http.Request) {
					if _, _, err := hijack(w); !errors.Is(err, http.ErrNotSupported) {
						t.Errorf("Hijack: %v, want ErrNotSupported", err)
					}
					if w.Begun() || w.Hijacked() {
						t.Errorf("begun %t, hijacked %t", w.Begun(), w.Hijacked())
					}
					w.WriteHeader(http.StatusUpgradeRequired)
				}).ServeHTTP(w, r)
			}))
			resp, _ := get(t, srv, 2)
			inner.begun(t, http.StatusUpgradeRequired)
			outer.begun(t, http.StatusUpgradeRequired)
			if resp.Header.Get("Set-Cookie") != "hook=1" {
				t.Errorf("headers %v", resp.Header)
			}
		})
	}
}

// layer is a middleware's writer that only unwraps.
type layer struct{ http.ResponseWriter }

func (l layer) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func TestR33_HijackThroughOtherLayersBeginsTheResponse(t *testing.T) {
	h := &hooks{pending: true}
	mw := wrap(h, func(w *respond.Writer, _ *http.Request) {
		conn, _, err := w.Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
	})
	srv := serve(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mw.ServeHTTP(layer{layer{w}}, r)
	}))
	resp, _ := get(t, srv, 1)
	h.begun(t, http.StatusSwitchingProtocols)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Set-Cookie") != "hook=1" {
		t.Errorf("got %d with %v", resp.StatusCode, resp.Header)
	}
}

func TestR33_HijackAndFlushReachThroughOtherLayers(t *testing.T) {
	h := &hooks{}
	mw := wrap(h, func(w *respond.Writer, _ *http.Request) {
		rc := http.NewResponseController(layer{w})
		if err := rc.Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		conn, _, err := rc.Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		_ = conn.Close()
		if w.Status() != http.StatusOK || !w.Hijacked() {
			t.Errorf("status %d, hijacked %t", w.Status(), w.Hijacked())
		}
	})
	srv := serve(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mw.ServeHTTP(layer{w}, r)
	}))
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	h.begun(t, http.StatusOK)
	if resp.Header.Get("Set-Cookie") != "hook=1" {
		t.Errorf("headers %v", resp.Header)
	}
}
