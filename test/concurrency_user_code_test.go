package test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// The caller's code, which runs in the middle of an operation: functions of an
// Update, encoders, decoders and OnEvent.

// hooked is a value that calls a function when it is encoded.
type hooked struct {
	Text string
	hook func()
}

func (h hooked) MarshalJSON() ([]byte, error) {
	if h.hook != nil {
		h.hook()
	}
	return []byte(`"` + h.Text + `"`), nil
}

func (h *hooked) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &h.Text) }

// whenEncoded changes a value of the session, and runs f once when the value
// is encoded next.
func whenEncoded(t *testing.T, s *sessions.Session, f func()) {
	done := false
	open(t, sessions.Key[hooked]("hooked"), s).Data = hooked{"changed", func() {
		if !done {
			done = true
			f()
		}
	}}
}

// decoding is a JSON codec that calls a function before it decodes.
type decoding struct {
	sessions.Codec
	hook func()
}

func (d *decoding) Unmarshal(data []byte, v any) error {
	if d.hook != nil {
		d.hook()
	}
	return d.Codec.Unmarshal(data, v)
}

func TestR20_DestroyWhileAValueIsEncoded(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		whenEncoded(t, s, s.Destroy)
		_ = s.Save(r.Context())
		want(t, "the value is there", s.Has("hooked"), false)
	})
	want(t, "records", a.kept(), 0)
}

// TestR20_DestroyAndSetWhileAValueIsEncoded: another goroutine of the request
// ends the session and begins another.
func TestR20_DestroyAndSetWhileAValueIsEncoded(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		whenEncoded(t, s, func() {
			s.Destroy()
			_ = counter.Set(s, 7)
		})
		want(t, "Save", s.Save(r.Context()), nil)
	})
	want(t, "status", resp.StatusCode, http.StatusOK)
	want(t, "records", a.kept(), 1)
	want(t, "the browser's token", a.see(b.token()), `200 "" 7`)
}

// TestClaim_DecoderMayUseTheSession: Claim decodes without the session's lock.
func TestClaim_DecoderMayUseTheSession(t *testing.T) {
	codec := &decoding{Codec: sessions.JSON}
	a, b := fresh(t, sessions.Options{Codec: codec})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = claimable.Set(s, "v") })
	s, err := a.Open(t.Context(), b.token())
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	codec.hook = func() { asked++; _ = s.Subject() }
	claimed := make(chan string)
	go func() {
		v, _, _ := claimable.Claim(context.Background(), s)
		claimed <- v
	}()
	select {
	case v := <-claimed:
		want(t, "claimed", v, "v")
		want(t, "the decoder ran", asked > 0, true)
	case <-time.After(20 * time.Second):
		t.Fatal("Claim hangs, and so does everything that uses the session")
	}
}

// TestR37_PanicOfTheCallersCodeLeavesNoLock: the session and others of its
// token can be saved afterwards.
func TestR37_PanicOfTheCallersCodeLeavesNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		codec := &decoding{Codec: sessions.JSON}
		a, b := fresh(t, sessions.Options{Codec: codec})
		b.visit(a, count)
		boom := func() { panic("the caller's code") }
		for name, f := range map[string]func(s *sessions.Session){
			"a panic of an encoder": func(s *sessions.Session) {
				whenEncoded(t, s, boom)
				_ = s.Save(context.Background())
			},
			"a panic of an Update": func(s *sessions.Session) {
				_, _ = counter.Update(s, func(int) int { boom(); return 0 })
			},
			"a Goexit of an Update that is made again": func(s *sessions.Session) {
				again := false
				_, _ = counter.Update(s, func(n int) int {
					if again {
						again = false
						runtime.Goexit()
					}
					again = true
					return n + 1
				})
				a.overtake(b, func(o *sessions.Session) { _, _ = counter.Update(o, func(n int) int { return n + 1 }) })
				_ = s.Save(context.Background())
			},
			"a panic of a decoder": func(s *sessions.Session) {
				_ = claimable.Set(s, "v")
				codec.hook = func() { codec.hook = nil; boom() }
				_, _, _ = claimable.Claim(context.Background(), s)
			},
		} {
			s, err := a.Open(t.Context(), b.token())
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer func() { _ = recover() }()
				f(s)
			}()
			wg.Wait()
			codec.hook = nil
			_ = s.Set("after", name)
			want(t, name+": Save afterwards", s.Save(t.Context()), nil)
			a.overtake(b, func(o *sessions.Session) { _ = o.Set("other", name) })
		}
	})
}

// TestOnEvent_MaySaveTheSession: the manager calls OnEvent without locks, also
// in the middle of a save.
func TestOnEvent_MaySaveTheSession(t *testing.T) {
	calls := 0
	m, err := sessions.New(new(memstore.Store), sessions.Options{OnEvent: func(ctx context.Context, e sessions.Event) {
		if s, err := sessions.Load(ctx); err == nil && calls < 3 {
			calls++
			_ = s.Set("seen", string(e.Kind))
			_ = s.Save(ctx)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		want(t, "Save", s.Save(r.Context()), nil)
		want(t, "SetSubject", s.SetSubject("ann"), nil)
	})).ServeHTTP(w, httptest.NewRequest("GET", "https://example.com/", nil))
	want(t, "status", w.Code, http.StatusOK)
	want(t, "calls", calls, 2)
}
