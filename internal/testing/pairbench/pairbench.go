// Package pairbench is for benchmarks that compare a store with its bare
// client. It measures the calls of both in turns, so that a change in the
// machine's speed affects both.
package pairbench

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

// Call is a call to compare with others. Each caller runs Do in its own
// goroutine.
type Call struct {
	Name string
	Do   func(caller int) error
}

// Measure runs the calls in turns, b.N rounds of each. In a round, all callers
// together make the call the given number of times. Measure reports the median
// round of each call, as nanoseconds per call.
func Measure(b *testing.B, callers, times int, calls ...Call) {
	took := make([][]time.Duration, len(calls))
	b.ResetTimer()
	for range b.N {
		for i, c := range calls {
			began := time.Now()
			var all sync.WaitGroup
			for caller := range callers {
				all.Go(func() {
					for range times / callers {
						if err := c.Do(caller); err != nil {
							b.Error(c.Name, ": ", err)
							return
						}
					}
				})
			}
			all.Wait()
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i, c := range calls {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Nanoseconds())/float64(times), "ns/"+c.Name)
	}
	b.ReportMetric(0, "ns/op")
}

// Records creates one record of 600 bytes for each caller.
func Records(ctx context.Context, b *testing.B, st store.Store, callers int) []store.Record {
	b.Helper()
	data := make([]byte, 600)
	_, _ = rand.Read(data) // it never fails
	records := make([]store.Record, callers)
	for i := range records {
		id := rand.Text()
		records[i] = store.Record{ID: id, Version: 1, Subject: id, Data: data, Expires: time.Now().Add(time.Hour)}
		if err := st.Create(ctx, records[i]); err != nil {
			b.Fatal(err)
		}
	}
	return records
}

// Load returns a call of the store's Load.
func Load(ctx context.Context, st store.Store, records []store.Record) Call {
	return Call{"Load", func(i int) error { _, err := st.Load(ctx, records[i].ID); return err }}
}

// Save returns a call of the store's Save.
func Save(ctx context.Context, st store.Store, records []store.Record) Call {
	return Call{"Save", func(i int) error {
		err := st.Save(ctx, records[i])
		records[i].Version++
		return err
	}}
}
