package test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// flush sends what is written so far, and with it the header.
func flush(t *testing.T, w http.ResponseWriter) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		t.Error(err)
	}
}

func TestR35_StreamSavesLaterChangesOfAnExistingSession(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	a.store.Ops()
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		p := open(t, personKey, s)
		flush(t, w)
		want(t, "nothing to save at the first flush", a.store.Ops(), "load")
		_, _ = counter.Update(s, func(n int) int { return n + 1 })
		p.Data.Name = "Ann"
		flush(t, w)
		want(t, "saved at the end, not before", a.store.Ops(), "")
	})
	want(t, "Set-Cookie", resp.Header.Get("Set-Cookie"), "")
	want(t, "store calls", a.store.Ops(), "save")
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		n, _ := counter.Get(s)
		want(t, "counter", n, 2)
		want(t, "name", open(t, personKey, s).Data.Name, "Ann")
	})
	want(t, "events", a.kinds(), "created")
}

func TestR35_StreamCanSaveInBetween(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		flush(t, w) // the new session is saved, and its cookie is out
		for range 3 {
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
			if err := s.Save(r.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	want(t, "cookies", len(resp.Cookies()), 1)
	want(t, "store calls", a.store.Ops(), "create save save save")
	want(t, "counter", a.see(b.token()), `200 "" 4`)
}

func TestR35_WhatNeedsACookieComesTooLate(t *testing.T) {
	for name, tc := range map[string]struct {
		known bool // whether the visitor has a session
		late  func(t *testing.T, r *http.Request, s *sessions.Session)
	}{
		"a new session": {false, func(t *testing.T, r *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 9)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrHeadersSent) {
				t.Errorf("Save: %v, want ErrHeadersSent", err)
			}
		}},
		"data of a new session": {false, func(t *testing.T, _ *http.Request, s *sessions.Session) {
			open(t, personKey, s).Data.Name = "Ann"
		}},
		"a login": {true, func(t *testing.T, r *http.Request, s *sessions.Session) {
			s.SetSubject("ann")
			_ = counter.Set(s, 9)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrHeadersSent) {
				t.Errorf("Save: %v, want ErrHeadersSent", err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			want1 := `200 "" 0`
			if tc.known {
				b.visit(a, count)
				want1 = `200 "" 1`
			}
			a.kinds()
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				flush(t, w)
				if err := s.Renew(); !errors.Is(err, sessions.ErrHeadersSent) {
					t.Errorf("Renew: %v, want ErrHeadersSent", err)
				}
				tc.late(t, r, s)
			})
			want(t, "Set-Cookie", resp.Header.Get("Set-Cookie"), "")
			want(t, "the visitor's session", a.see(b.token()), want1)
			last := a.events[len(a.events)-1]
			if last.Kind != sessions.EventUnsaved || !errors.Is(last.Err, sessions.ErrHeadersSent) {
				t.Errorf("last event %v, want unsaved with ErrHeadersSent", last)
			}
		})
	}
}

func TestR35_UnsavedChangesCanAbortTheConnection(t *testing.T) {
	a := newApp(t, sessions.Options{AbortUnsaved: true})
	server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		flush(t, w)
		_ = counter.Set(s, 1)
	})))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("the response ended as if all were well")
	}
}

func TestR38_TimeoutHandlerInside(t *testing.T) {
	a := newApp(t, sessions.Options{})
	release := make(chan struct{})
	done := make(chan error, 1)
	slow := sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		<-release
		done <- counter.Set(s, 2)
	})
	b := &browser{h: a.Handler(http.TimeoutHandler(slow, time.Millisecond, "slow")), cookies: map[string]string{}}
	want(t, "reply", b.get(), "503 slow")
	close(release)
	if err := <-done; !errors.Is(err, sessions.ErrNoSession) {
		t.Errorf("Set after the response: %v, want ErrNoSession", err)
	}
	want(t, "store calls", a.store.Ops(), "")

	quick := &browser{h: a.Handler(http.TimeoutHandler(sessions.HandlerFunc(count), time.Minute, "slow")), cookies: map[string]string{}}
	want(t, "in time", quick.get(), "200 1")
	want(t, "in time, again", quick.get(), "200 2")
}

// upgrade asks a server to switch protocols and returns the response.
func upgrade(t *testing.T, server *httptest.Server, cookie string) *http.Response {
	r, _ := http.NewRequest("GET", server.URL, nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	if cookie != "" {
		r.Header.Set("Cookie", "__Host-id="+cookie)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// switching answers as a protocol of its own on a hijacked connection.
func switching(t *testing.T, w http.ResponseWriter, header bool) (*bufio.ReadWriter, func() error, error) {
	if header {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if !header {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	}
	return rw, conn.Close, nil
}

// TestR91_SocketOfANewVisitorBringsTheCookie: a handler that writes the 101
// itself, as WebSocket libraries do, need not know of the session.
func TestR91_SocketOfANewVisitorBringsTheCookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	var header bool
	server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, _ = counter.Update(s, func(n int) int { return n + 1 })
		_, end, err := switching(t, w, header)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = counter.Update(s, func(n int) int { return n + 1 })
		if err := s.Save(r.Context()); err != nil {
			t.Errorf("Save on a hijacked connection: %v", err)
		}
		_ = end()
	})))
	defer server.Close()

	for _, header = range []bool{true, false} {
		resp := upgrade(t, server, "")
		_, _ = io.ReadAll(resp.Body)
		want(t, "status", resp.StatusCode, 101)
		want(t, "the cookie of a new session goes with the 101", len(resp.Cookies()), 1)
		want(t, "saved", a.see(resp.Cookies()[0].Value), `200 "" 2`)
	}

	header = false
	resp := upgrade(t, server, b.token())
	_, _ = io.ReadAll(resp.Body)
	want(t, "status", resp.StatusCode, 101)
	want(t, "saved", a.see(b.token()), `200 "" 3`)
}

// TestR91_SocketThroughAProxyBringsTheCookie: [httputil.ReverseProxy] takes
// over the connection and copies what is in the header.
func TestR91_SocketThroughAProxyBringsTheCookie(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, end, err := switching(t, w, true)
		if err == nil {
			_ = end()
		}
	}))
	defer backend.Close()
	to, _ := url.Parse(backend.URL)
	a := newApp(t, sessions.Options{})
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		proxy.ServeHTTP(w, r)
	})))
	defer server.Close()
	resp := upgrade(t, server, "")
	_, _ = io.ReadAll(resp.Body)
	want(t, "status", resp.StatusCode, 101)
	want(t, "cookies", len(resp.Cookies()), 1)
	want(t, "saved", a.see(resp.Cookies()[0].Value), `200 "" 1`)
	want(t, "events", a.kinds(), "created misused")
}

// TestR91_ConnectionThatCarriesNoTokenIsToldOf: a handler that takes over the
// connection for another protocol leaves a new session that nobody can open.
func TestR91_ConnectionThatCarriesNoTokenIsToldOf(t *testing.T) {
	a := newApp(t, sessions.Options{})
	over := make(chan bool)
	site := a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "220 ready")
		_ = conn.Close()
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site.ServeHTTP(w, r)
		close(over)
	}))
	defer server.Close()
	_, err := server.Client().Get(server.URL)
	want(t, "the client got no HTTP", err != nil, true)
	<-over
	want(t, "events", a.kinds(), "created misused unsaved")
}

// TestR35_StreamCountsAsUseUntilItsEnd: and so does a Save in between.
func TestR35_StreamCountsAsUseUntilItsEnd(t *testing.T) {
	for _, save := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			a.store.Ops()
			b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				_, _ = w.Write([]byte("begun"))
				<-time.After(50 * time.Minute)
				if save {
					want(t, "Save", s.Save(r.Context()), nil)
					want(t, "store calls", a.store.Ops(), "load touch")
					want(t, "Expires", s.Expires(), time.Now().Add(time.Hour))
				}
			})
			if !save {
				want(t, "store calls", a.store.Ops(), "load touch")
			}
			<-time.After(time.Hour - time.Millisecond)
			want(t, "an hour later", a.see(b.token()), `200 "" 1`)
		})
	}
}

// TestR35_RenewWhileTheResponseBegins: its cookie would come too late.
func TestR35_RenewWhileTheResponseBegins(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	token := b.token()
	b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		a.during("save", func() {
			if err := s.Renew(); !errors.Is(err, sessions.ErrHeadersSent) {
				t.Errorf("Renew: %v, want ErrHeadersSent", err)
			}
		})
		count(w, r, s)
	})
	want(t, "the token", a.see(token), `200 "" 2`)
}
