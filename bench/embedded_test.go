package main

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
	"github.com/gosessions/sessions/store/sqlitestore"
)

// BenchmarkEmbedded compares the stores that keep sessions in a file: records
// of 600 bytes, each write flushed to the disk.
func BenchmarkEmbedded(b *testing.B) {
	for name, open := range map[string]func(path string) (embedded, error){
		"bbolt":  func(path string) (embedded, error) { return bboltstore.Open(path) },
		"sqlite": func(path string) (embedded, error) { return sqlitestore.Open(path) },
	} {
		b.Run(name, func(b *testing.B) {
			st, err := open(filepath.Join(b.TempDir(), "sessions"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			if err := inParallel(64, embeddedRecords/64, func(n int) error { return st.Create(b.Context(), embeddedRecord(n)) }); err != nil {
				b.Fatal(err)
			}
			measureEmbedded(b, st)
		})
	}
}

type embedded interface {
	store.Store
	Close() error
}

const embeddedRecords = 64 * 320

func embeddedRecord(n int) store.Record {
	return store.Record{
		ID: fmt.Sprintf("%020x", uint64(n)*0x9e3779b97f4a7c15), Version: 1, Subject: fmt.Sprint(n / 3),
		Expires: time.Now().Add(time.Hour), Data: make([]byte, 600),
	}
}

func measureEmbedded(b *testing.B, st embedded) {
	ctx := b.Context()
	load := func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			if _, err := st.Load(ctx, embeddedRecord(n%embeddedRecords).ID); err != nil {
				b.Fatal(err)
			}
		}
	}
	// save moves the expiry, as most saves of a session do.
	save := func(n int) error {
		r, err := st.Load(ctx, embeddedRecord(n).ID)
		if err != nil {
			return err
		}
		r.Expires = time.Now().Add(time.Hour)
		return st.Save(ctx, r)
	}
	b.Run("load", load)
	b.Run("save", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			if err := save(n % embeddedRecords); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("save of 64 at once", func(b *testing.B) {
		if err := inParallel(64, (b.N+63)/64, func(n int) error { return save(n % embeddedRecords) }); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("load among saves", func(b *testing.B) {
		var end atomic.Bool
		ended := make(chan error)
		go func() {
			for n := 0; ; n = (n + 1) % embeddedRecords {
				if err := save(n); err != nil || end.Load() {
					ended <- err
					return
				}
			}
		}()
		load(b)
		end.Store(true)
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	})
}

// inParallel calls f with as many numbers in each of some goroutines, no two
// of them with the same.
func inParallel(goroutines, each int, f func(n int) error) error {
	errs := make(chan error)
	for g := range goroutines {
		go func() {
			for n := range each {
				if err := f(g + n%(embeddedRecords/goroutines)*goroutines); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	var first error
	for range goroutines {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
