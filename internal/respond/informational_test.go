package respond_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/respond"
)

func TestR32_EarlyHintsDoNotBegin(t *testing.T) {
	const link = "</style.css>; rel=preload"
	for _, major := range []int{1, 2} {
		for name, fail := range map[string]error{"sent": nil, "suppressed": errStore} {
			t.Run(name, func(t *testing.T) {
				h := &hooks{fail: fail}
				srv := serve(t, major, wrap(h, func(w *respond.Writer, _ *http.Request) {
					w.Header().Set("Link", link)
					w.WriteHeader(http.StatusEarlyHints)
					w.WriteHeader(http.StatusProcessing)
					if w.Begun() || w.Status() != 0 {
						t.Errorf("begun %t with status %d", w.Begun(), w.Status())
					}
					w.WriteHeader(http.StatusAccepted)
				}))
				var hints atomic.Int32
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
						hints.Add(1)
						if header.Get("Link") != link || header.Get("Set-Cookie") != "" {
							t.Errorf("%d has headers %v", code, header)
						}
						return nil
					},
				})
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, _ := do(t, srv, major, req)
				h.begun(t, http.StatusAccepted)
				if hints.Load() != 2 {
					t.Errorf("%d informational responses, want 2", hints.Load())
				}
				status, cookie, gotLink := http.StatusAccepted, "hook=1", link
				if fail != nil {
					status, cookie, gotLink = http.StatusServiceUnavailable, "", ""
				}
				if resp.StatusCode != status || resp.Header.Get("Set-Cookie") != cookie || resp.Header.Get("Link") != gotLink {
					t.Errorf("got %d with %v", resp.StatusCode, resp.Header)
				}
			})
		}
	}
}

func TestR32_HintsLeaveTheHeadersAlone(t *testing.T) {
	s := newSpy()
	h := &hooks{}
	var w respond.Writer
	w.Init(s, h)
	w.WriteHeader(http.StatusContinue)
	w.WriteHeader(http.StatusEarlyHints)
	h.begun(t)
	if len(s.header) > 0 || len(s.events) != 2 {
		t.Errorf("headers %v, events %q", s.header, s.events)
	}
}

func TestR33_ControllerReachesTheConnection(t *testing.T) {
	for _, major := range []int{1, 2} {
		h := &hooks{}
		srv := serve(t, major, wrap(h, func(w *respond.Writer, _ *http.Request) {
			rc := http.NewResponseController(w)
			soon := time.Now().Add(time.Minute)
			for name, err := range map[string]error{
				"SetReadDeadline":  rc.SetReadDeadline(soon),
				"SetWriteDeadline": rc.SetWriteDeadline(soon),
				"EnableFullDuplex": rc.EnableFullDuplex(),
			} {
				if err != nil {
					t.Errorf("HTTP/%d: %s: %v", major, name, err)
				}
			}
			if w.Begun() {
				t.Error("a deadline begins the response")
			}
			_, _ = io.WriteString(w, "body")
		}))
		resp, body := get(t, srv, major)
		h.begun(t, http.StatusOK)
		if body != "body" || resp.Header.Get("Set-Cookie") != "hook=1" {
			t.Errorf("got %q with %v", body, resp.Header)
		}
	}
}

func TestR33_FlushErrorOfAWriterThatCannotFlush(t *testing.T) {
	h := &hooks{}
	var w respond.Writer
	w.Init(newSpy(), h)
	if err := http.NewResponseController(&w).Flush(); !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("Flush() = %v, want ErrNotSupported", err)
	}
	w.Flush()
	w.WriteHeader(http.StatusNotFound)
	h.begun(t, http.StatusOK)
	if w.Status() != http.StatusNotFound {
		t.Errorf("Status() = %d, want that of WriteHeader", w.Status())
	}
}

func TestInitForgetsTheResponseBefore(t *testing.T) {
	var w respond.Writer
	w.Init(httptest.NewRecorder(), &hooks{fail: errStore})
	w.WriteHeader(http.StatusOK)
	rec := httptest.NewRecorder()
	w.Init(rec, &hooks{})
	if w.Begun() || w.Status() != 0 || w.Unwrap() != rec {
		t.Error("Init keeps state")
	}
	if n, err := w.WriteString("body"); n != 4 || err != nil {
		t.Errorf("WriteString() = %d, %v", n, err)
	}
}
