package test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// recovering is the middleware that most servers have: it turns panics into
// an error page.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// stop runs f, which must not return, and reports what it panicked with.
func stop(t *testing.T, f func()) (thrown any) {
	t.Helper()
	done := make(chan any)
	go func() {
		returned := false
		defer func() {
			if returned {
				t.Error("the handler returned")
			}
			done <- recover() // nil after runtime.Goexit
		}()
		f()
		returned = true
	}()
	return <-done
}

// thrown is compared by its address.
type thrown struct{ n int }

func TestR37_PanicGoesOnAsItIs(t *testing.T) {
	pointer := &thrown{1}
	for _, value := range []any{pointer, thrown{2}, http.ErrAbortHandler, 7, fmt.Errorf("wrapped: %w", io.EOF)} {
		for name, begins := range map[string]func(w http.ResponseWriter){
			"before the response": func(http.ResponseWriter) {},
			"after the header":    func(w http.ResponseWriter) { w.WriteHeader(200) },
			"after the body":      func(w http.ResponseWriter) { _, _ = io.WriteString(w, "part") },
		} {
			a, b := fresh(t, sessions.Options{SaveOnError: true, AbortUnsaved: true})
			b.visit(a, count)
			a.store.Ops()
			got := stop(t, func() {
				b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					begins(w)
					_ = counter.Set(s, 9)
					s.SetSubject("ann")
					panic(value)
				})
			})
			want(t, name, got, value)
			want(t, name+": store calls", a.store.Ops(), "load")
			want(t, name+": the session", a.see(b.token()), `200 "" 1`)
			want(t, name+": events", a.kinds(), "created")
		}
	}
	var nothing *runtime.PanicNilError
	err, _ := stop(t, func() {
		_, b := fresh(t, sessions.Options{})
		b.visit(newApp(t, sessions.Options{}), func(http.ResponseWriter, *http.Request, *sessions.Session) { panic(nil) })
	}).(error)
	want(t, "panic(nil)", errors.As(err, &nothing), true)
}

func TestR37_GoexitSavesNothing(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	a.store.Ops()
	var kept *sessions.Session
	got := stop(t, func() {
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			kept = s
			_ = counter.Set(s, 9)
			runtime.Goexit()
		})
	})
	want(t, "panic", got, nil)
	want(t, "store calls", a.store.Ops(), "load")
	want(t, "the session", a.see(b.token()), `200 "" 1`)
	want(t, "its handler is over", errors.Is(counter.Set(kept, 3), sessions.ErrNoSession), true)
}

func TestR37_DestroyBeforeAPanicIsCarriedOut(t *testing.T) {
	for name, dies := range map[string]func(){
		"panic":  func() { panic("oops") },
		"abort":  func() { panic(http.ErrAbortHandler) },
		"goexit": runtime.Goexit,
	} {
		for _, down := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, store down %t", name, down), func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, signIn("ann")))
				tok := b.token()
				a.kinds()
				if down {
					a.store.Fault = failing("delete", faultstore.Before)
				}
				stop(t, func() {
					b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
						s.Destroy()
						_ = counter.Set(s, 5) // of the session after it: dropped
						dies()
					})
				})
				a.store.Fault = nil
				expected, kinds, records := `200 "" 0`, "destroyed", 0
				if down {
					expected, kinds, records = `200 "ann" 1`, "unavailable", 1
				}
				want(t, "events", a.kinds(), kinds)
				want(t, "records", a.kept(), records)
				want(t, "the session", a.see(tok), expected)
			})
		}
	}
}

// TestR37_RecoveredPanicKeepsTheCookie: what was done before the panic stands,
// so the error page of another middleware has to tell the browser.
func TestR37_RecoveredPanicKeepsTheCookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	page := func(f func(r *http.Request, s *sessions.Session)) *http.Response {
		b.h = recovering(a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			f(r, s)
			panic("oops")
		})))
		resp := b.do(httptest.NewRequest("POST", "/", nil))
		want(t, "reply", text(resp), "500 recovered")
		return resp
	}
	save := func(r *http.Request, s *sessions.Session) {
		if err := s.Save(r.Context()); err != nil {
			t.Error(err)
		}
	}
	resp := page(func(_ *http.Request, s *sessions.Session) { _ = counter.Set(s, 1) })
	want(t, "nothing saved: cookies", len(resp.Cookies()), 0)
	want(t, "nothing saved: records", a.kept(), 0)

	resp = page(func(r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		save(r, s)
		_ = counter.Set(s, 2)
	})
	want(t, "saved: cookies", len(resp.Cookies()), 1)
	want(t, "saved: Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
	want(t, "saved: the session", a.see(b.token()), `200 "" 1`)

	old := b.token()
	page(func(r *http.Request, s *sessions.Session) {
		s.SetSubject("ann")
		save(r, s)
	})
	want(t, "login saved: the session", a.see(b.token()), `200 "ann" 1`)
	want(t, "login saved: the old token", a.see(old), `200 "" 0`)

	old = b.token()
	resp = page(func(_ *http.Request, s *sessions.Session) { s.Destroy() })
	want(t, "destroyed: the browser's token", b.token(), "")
	want(t, "destroyed: Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
	want(t, "destroyed: the session", a.see(old), `200 "" 0`)
}

// bomb panics when it is encoded: while the manager saves.
type bomb struct{ Armed bool }

func (b bomb) MarshalJSON() ([]byte, error) {
	if b.Armed {
		panic("bomb")
	}
	return []byte("{}"), nil
}

func TestR37_PanicOfAnEncoder(t *testing.T) {
	for name, begins := range map[string]func(http.ResponseWriter){
		"at the first byte": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
		"at the end":        func(http.ResponseWriter) {},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			a.store.Ops()
			var kept *sessions.Session
			got := stop(t, func() {
				b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					kept = s
					_ = counter.Set(s, 9)
					open(t, sessions.Key[bomb]("bomb"), s).Data.Armed = true
					begins(w)
				})
			})
			want(t, "panic", got, any("bomb"))
			want(t, "store calls", a.store.Ops(), "load")
			want(t, "the session", a.see(b.token()), `200 "" 1`)
			want(t, "its handler is over", errors.Is(counter.Set(kept, 3), sessions.ErrNoSession), true)
		})
	}
}

func TestR37_OthersUseTheSessionMeanwhile(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	inside, release := make(chan struct{}), make(chan struct{})
	dying := b.with(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_, _ = counter.Update(s, func(n int) int { return n + 100 })
		close(inside)
		<-release
		panic("oops")
	})
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		dying.get()
	}()
	<-inside
	want(t, "meanwhile", b.with(a, count).get(), "200 2")
	close(release)
	want(t, "panic", <-done, any("oops"))
	for i, reply := range parallel(a, b, 8, func(int) handler { return count }) {
		want(t, fmt.Sprint("afterwards ", i), reply[:3], "200")
	}
	want(t, "counter", a.see(b.token()), `200 "" 10`)
}

func TestR37_AbortedConnection(t *testing.T) {
	a := newApp(t, sessions.Options{})
	mux := http.NewServeMux()
	mux.Handle("/count", sessions.HandlerFunc(count))
	mux.Handle("/die", sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 100)
		panic(http.ErrAbortHandler)
	}))
	for _, http2 := range []bool{false, true} {
		server, client := serveTLS(t, a.Handler(mux), http2)
		want(t, "first", fetch(t, client, server.URL+"/count"), "200 1")
		if resp, err := client.Get(server.URL + "/die"); err == nil {
			t.Errorf("an aborted request was answered with %s", resp.Status)
			_ = resp.Body.Close()
		}
		want(t, "afterwards", fetch(t, client, server.URL+"/count"), "200 2")
	}
}

func TestR36_DestroyAndSaveStandInAServerError(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 5)
		if err := s.Save(r.Context()); err != nil {
			t.Error(err)
		}
		_ = counter.Set(s, 6)
		_ = s.Renew()
		w.WriteHeader(500)
	})
	want(t, "Set-Cookie", cookieLine(resp), "")
	want(t, "what was saved stands, the rest does not", a.see(b.token()), `200 "" 5`)
	b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.Destroy()
		_ = counter.Set(s, 7)
		w.WriteHeader(503)
	})
	want(t, "the browser's token after Destroy", b.token(), "")
	want(t, "records", a.kept(), 0)
}
