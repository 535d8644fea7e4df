package cachestore_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
)

// BenchmarkLoad loads a record of 600 bytes, with the cache and without.
func BenchmarkLoad(b *testing.B) {
	for _, name := range []string{"memstore", "sqlitestore", "PostgreSQL"} {
		b.Run(name, func(b *testing.B) {
			backend, _ := backends[name](b)
			cached := open(b, backend, cachestore.Options{MaxStale: time.Hour})
			r := record("a")
			r.Data = make([]byte, 600)
			ok(b, cached.Create(b.Context(), r))
			for _, way := range []struct {
				name string
				st   store.Store
			}{{"alone", backend}, {"cached", cached}} {
				b.Run(way.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := way.st.Load(b.Context(), "a"); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// BenchmarkSave saves a record of 600 bytes; with a channel that publishes by
// PostgreSQL too.
func BenchmarkSave(b *testing.B) {
	backend, _ := backends["PostgreSQL"](b)
	listening, _ := twoProcesses(b)
	for _, way := range []struct {
		name string
		st   store.Store
	}{
		{"alone", backend}, {"cached", open(b, backend, cachestore.Options{MaxStale: time.Hour})}, {"channel", listening},
	} {
		b.Run(way.name, func(b *testing.B) {
			r := fresh(b, way.st)
			r.Data = make([]byte, 600)
			for b.Loop() {
				ok(b, way.st.Save(b.Context(), r))
				r.Version++
			}
		})
	}
}
