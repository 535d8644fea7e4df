package test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// TestR79_DriverThatRepeatsWrites: nothing is made twice.
func TestR79_DriverThatRepeatsWrites(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	mem := a.store.Store.(*memstore.Store)
	a.store.Store = repeating{mem}
	want(t, "a first write", text(b.visit(a, count)), "200 1")
	want(t, "records", mem.Len(), 1)
	want(t, "a write", text(b.visit(a, count)), "200 2")
	want(t, "a renewal and a write", text(b.visit(a, both(renewing, count))), "200 3")
	want(t, "a login", text(b.visit(a, signIn("ann"))), "200 hello ann")
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = claimable.Set(s, "once")
		want(t, "Save", s.Save(r.Context()), nil)
		v, ok, err := claimable.Claim(r.Context(), s)
		want(t, "claimed", v, "once")
		want(t, "ok", ok, true)
		want(t, "error", err, nil)
	})
	want(t, "the session", a.see(b.token()), `200 "ann" 3`)
	want(t, "records", mem.Len(), 1)
	for i, reply := range parallel(a, b, 8, func(int) handler { return count }) {
		want(t, fmt.Sprint("status ", i), reply[:3], "200")
	}
	want(t, "the session after parallel increments", a.see(b.token()), `200 "ann" 11`)
	want(t, "a logout", text(b.visit(a, signOut)), "200 bye")
	want(t, "records after it", mem.Len(), 0)
}

// tardy is a store that answers the next write with an error, and makes it
// when arrive is called.
type tardy struct {
	store.Store
	held   *store.Record
	begun  bool
	missed error // what became of the held write
}

func (s *tardy) Create(ctx context.Context, r store.Record) error {
	if !s.begun {
		s.begun, s.held = true, &r
		return faultstore.ErrDown
	}
	return s.Store.Create(ctx, r)
}

func (s *tardy) Save(ctx context.Context, r store.Record) error {
	if !s.begun {
		s.begun, s.held = true, &r
		return faultstore.ErrDown
	}
	return s.Store.Save(ctx, r)
}

func (s *tardy) arrive() {
	if s.held.Version == 0 {
		s.missed = s.Store.Create(context.Background(), *s.held)
		return
	}
	s.missed = s.Store.Save(context.Background(), *s.held)
}

// TestR79_FirstTryThatArrivesLate: it counts once. If the record has changed
// too often since to say what became of it, that is ErrUnavailable.
func TestR79_FirstTryThatArrivesLate(t *testing.T) {
	for others, recognized := range map[int]bool{0: true, 1: true, 7: true, 8: false, 9: false, 30: false} {
		t.Run(fmt.Sprint("before ", others, " other writes"), func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			other := b.with(a, count)
			st := &tardy{Store: a.store.Store}
			a.store.Store = st
			resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				a.store.Fault = func(_ int, op string) faultstore.Fault {
					if op == "save" && st.begun {
						return faultstore.Before // the second try
					}
					return faultstore.None
				}
				increment(t, s)
				wantDoubt(t, "Save", s.Save(r.Context()))
				a.store.Fault = nil
				st.arrive()
				want(t, "the late one", st.missed, nil)
				for range others {
					other.get()
				}
				for range 2 {
					if err := s.Save(r.Context()); recognized {
						want(t, "Save, later", err, nil)
					} else {
						wantDoubt(t, "Save, later", err)
					}
				}
			})
			want(t, "status", resp.StatusCode, map[bool]int{true: 200, false: 503}[recognized])
			want(t, "counter", a.see(b.token()), fmt.Sprintf(`200 "" %d`, 2+others))
		})
	}
	for name, op := range map[string]string{"between the tries": "save", "before it is looked for": "load"} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			st := &tardy{Store: a.store.Store}
			a.store.Store = st
			b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				a.store.Hook = func(name, _ string) {
					if name == op && st.held != nil && st.missed == nil {
						a.store.Hook = nil
						st.arrive()
					}
				}
				increment(t, s)
				want(t, "Save", s.Save(r.Context()), nil)
			})
			want(t, "counter", a.see(b.token()), `200 "" 2`)
		})
	}
	t.Run("after the second try has arrived", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		st := &tardy{Store: a.store.Store}
		a.store.Store = st
		want(t, "reply", text(b.visit(a, count)), "200 2")
		st.arrive()
		want(t, "the first try is too late", st.missed, store.ErrConflict)
		want(t, "counter", a.see(b.token()), `200 "" 2`)
	})
}

// TestR79_DestroyBeforeAFirstSaveArrives: Destroy does not trust that there is
// no record.
func TestR79_DestroyBeforeAFirstSaveArrives(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	mem := a.store.Store.(*memstore.Store)
	st := &tardy{Store: mem}
	a.store.Store = st
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		a.store.Fault = func(_ int, op string) faultstore.Fault {
			if op == "create" && st.begun {
				return faultstore.Before // the second try
			}
			return faultstore.None
		}
		want(t, "SetSubject", s.SetSubject("ann"), nil)
		wantDoubt(t, "Save", s.Save(r.Context()))
		a.store.Fault = nil
		s.Destroy()
		a.during("delete", func() { st.arrive(); st.held = nil })
	})
	want(t, "the late one came before the delete", st.held, nil)
	want(t, "what became of it", st.missed, nil)
	want(t, "records", mem.Len(), 0)
}

// TestR79_WriteThatCannotArriveAnyMoreIsNotInDoubt: once another request has
// written, a try at the version before is over.
func TestR79_WriteThatCannotArriveAnyMoreIsNotInDoubt(t *testing.T) {
	const others = 20
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	writes, process := 0, a.as(sessions.Options{OnEvent: ignore})
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		increment(t, s)
		a.store.Fault = func(_ int, op string) faultstore.Fault {
			if op == "save" {
				a.store.Fault = nil
				return faultstore.Before
			}
			return faultstore.None
		}
		within := false
		a.store.Hook = func(op, _ string) {
			if within || writes == others || a.store.Fault != nil {
				return
			}
			within = true
			process.overtake(b, func(s *sessions.Session) { increment(t, s) })
			within, writes = false, writes+1
		}
		want(t, "Save", s.Save(r.Context()), nil)
		a.store.Hook = nil
	})
	want(t, "counter", a.see(b.token()), fmt.Sprintf(`200 "" %d`, others+2))
}
