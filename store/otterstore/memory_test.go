package otterstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"
	"time"

	scs "github.com/alexedwards/scs/v2/memstore"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/otterstore"
)

// BenchmarkMemory measures, in one run, the memory of a million small
// sessions: ids of 26 bytes, 50 bytes of data, half of them with a subject of
// their own.
//
//	go test -run '^$' -bench Memory -benchtime 1x
func BenchmarkMemory(b *testing.B) {
	const sessions = 1_000_000
	bounded, err := otterstore.New(otterstore.Options{MaxBytes: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	into := func(st store.Store) func(r store.Record) error {
		return func(r store.Record) error { return st.Create(context.Background(), r) }
	}
	other := scs.NewWithCleanupInterval(0)
	for _, place := range []struct {
		name string
		put  func(store.Record) error
	}{
		{"memstore", into(new(memstore.Store))},
		{"otterstore", into(bounded)},
		{"scs", func(r store.Record) error {
			return other.Commit(r.ID, append([]byte(nil), r.Data...), r.Expires) // it does not copy
		}},
	} {
		b.Run(place.name, func(b *testing.B) {
			if b.N > 1 {
				b.Skip("the store is full: -benchtime 1x")
			}
			before := heap()
			for i := range sessions {
				r := store.Record{ID: rand.Text(), Expires: time.Now().Add(time.Hour), Data: make([]byte, 50)}
				if i%2 == 0 {
					r.Subject = fmt.Sprint("user-", i)
				}
				if err := place.put(r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heap()-before)/sessions, "bytes/session")
			b.ReportMetric(b.Elapsed().Seconds()/sessions*1e9, "ns/create")
		})
	}
	if n := bounded.Evicted(); n > 0 {
		b.Fatalf("otterstore evicted %d", n)
	}
	runtime.KeepAlive(other)
}

// heap returns what is in use once all garbage is gone.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
