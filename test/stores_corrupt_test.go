package test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// stored returns a session's record and what puts other bytes in its place.
func stored(t *testing.T, a *app, b *browser) (store.Record, func(data []byte)) {
	ctx := context.Background()
	r, err := a.store.Store.Load(ctx, a.id(b.token()))
	if err != nil {
		t.Fatal(err)
	}
	r.Data = bytes.Clone(r.Data)
	return r, func(data []byte) {
		if err := a.store.Store.Delete(ctx, r.ID); err != nil {
			t.Fatal(err)
		}
		other := r
		other.Data = data
		if err := a.store.Store.Create(ctx, other); err != nil {
			t.Fatal(err)
		}
	}
}

func TestR50_CorruptRecordIsNoSessionAndIsKept(t *testing.T) {
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			open(t, personKey, s).Data = person{Name: "Ann", Extra: map[string]int{"x": 1}, Seen: now}
		})
		token := b.token()
		r, put := stored(t, a, b)
		random := make([]byte, 4096)
		chacha := rand.NewChaCha8([32]byte{})
		_, _ = chacha.Read(random)
		random[0] = 1 // a higher format is told apart
		damaged := [][]byte{{}, {0}, {1}, random, bytes.Repeat([]byte{1}, 1<<20)}
		for i := range r.Data {
			changed := slices.Clone(r.Data)
			changed[i] ^= byte(1 + chacha.Uint64()%255)
			if i > 0 {
				damaged = append(damaged, changed)
			}
			damaged = append(damaged, r.Data[:i])
		}
		a.kinds()
		for i, data := range damaged {
			put(data)
			b.cookies["__Host-id"] = token
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			reply := a.within(b, func(_ context.Context, s *sessions.Session) {
				_, ok, err := personKey.Lookup(s)
				if ok || err != nil || !s.IsNew() {
					t.Errorf("case %d: a value %t, error %v", i, ok, err)
				}
			})
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			want(t, "reply", reply, "200 ")
			want(t, "events", a.kinds(), "corrupt")
			want(t, "cookie", b.token(), "")
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("case %d allocated %d bytes", i, n)
			}
			if took > 5*time.Second {
				t.Errorf("case %d took %v", i, took)
			}
			if left, err := a.store.Store.Load(t.Context(), r.ID); err != nil || !bytes.Equal(left.Data, data) {
				t.Fatalf("case %d: the bytes were not kept: %v", i, err)
			}
		}
	})
}

func TestR52_RecordOfAnotherIDIsCorrupt(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, count1)
	other := a.browser(count)
	other.get()
	mine, putMine := stored(t, a, b)
	theirs, putTheirs := stored(t, a, other)
	putMine(theirs.Data)
	putTheirs(mine.Data)
	for _, victim := range []*browser{b, other} {
		want(t, "reply", a.within(victim, func(_ context.Context, s *sessions.Session) {
			want(t, "values", s.Len(), 0)
		}), "200 ")
	}
	want(t, "events", a.kinds(), "created created corrupt corrupt")
}

// confused is a store that finds one record under all ids.
type confused struct {
	*memstore.Store
	id string
}

func (c *confused) Load(ctx context.Context, _ string) (store.Record, error) {
	return c.Store.Load(ctx, c.id)
}

func TestR52_StoreThatMixesUpRecordsIsFoundOut(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, count1)
	other := a.browser(signIn("ann"))
	other.get()
	id := a.id(other.token())
	a.kinds()
	a.store.Store = &confused{a.store.Store.(*memstore.Store), id}
	want(t, "the session asked for", a.see(b.token()), `200 "" 0`)
	want(t, "events", a.kinds(), "corrupt")
	want(t, "the one that is found", a.see(other.token()), `200 "ann" 0`)
}

func TestR52_RecordOfANewerFormatIsLeftAlone(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, count1)
	token := b.token()
	r, put := stored(t, a, b)
	r.Data[0]++
	put(r.Data)
	want(t, "reply", a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "values", s.Len(), 0) }), "200 ")
	want(t, "cookie", b.token(), token)
	last := a.events[len(a.events)-1]
	if last.Kind != sessions.EventCorrupt || !errors.Is(last.Err, sessions.ErrCorrupt) || !errors.Is(last.Err, errors.ErrUnsupported) {
		t.Errorf("event %v, want a corrupt one with ErrUnsupported", last)
	}
	if left, err := a.store.Store.Load(t.Context(), r.ID); err != nil || !bytes.Equal(left.Data, r.Data) {
		t.Errorf("the record was not left alone: %v", err)
	}
}
