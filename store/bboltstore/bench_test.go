package bboltstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
)

// BenchmarkSweep removes 100 expired records: among a million live ones it
// takes about as long as among a thousand, for it reads the expired alone.
func BenchmarkSweep(b *testing.B) {
	for _, live := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprintf("100 of %d", live), func(b *testing.B) {
			st, _ := filled(b, live)
			dead := 0
			for b.Loop() {
				b.StopTimer()
				if err := st.Fill(100, func(n int) store.Record {
					r := record(fmt.Sprintf("%032x", uint64(dead+n)*0x9e3779b97f4a7c15))
					r.Expires = time.Now().Add(-time.Minute)
					return r
				}); err != nil {
					b.Fatal(err)
				}
				dead += 100
				b.StartTimer()
				if n, err := st.Sweep(b.Context(), 1000); n != 100 || err != nil {
					b.Fatalf("swept %d of 100, error %v", n, err)
				}
			}
		})
	}
}

// BenchmarkOpen opens a file of 100,000 records.
func BenchmarkOpen(b *testing.B) {
	st, path := filled(b, 100_000)
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	ok(b, err)
	for b.Loop() {
		st, err := bboltstore.Open(path)
		ok(b, err)
		ok(b, st.Close())
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// filled returns a store with live records of 300 bytes.
func filled(b *testing.B, live int) (*bboltstore.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "sessions.bolt")
	st := open(b, path)
	data, expires := make([]byte, 300), time.Now().Add(time.Hour)
	ok(b, st.Fill(live, func(n int) store.Record {
		return store.Record{
			ID: fmt.Sprintf("%032d", n), Version: 1, Subject: fmt.Sprint(n / 3),
			Expires: expires.Add(time.Duration(n) * time.Millisecond), Data: data,
		}
	}))
	return st, path
}
