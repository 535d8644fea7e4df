package memstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gosessions/sessions/store/memstore"
)

// pauses records the time between two calls of Err.
type pauses struct {
	context.Context
	last time.Time
	all  []time.Duration
}

func (p *pauses) Err() error {
	now := time.Now()
	if !p.last.IsZero() {
		p.all = append(p.all, now.Sub(p.last))
	}
	p.last = now
	return nil
}

// BenchmarkSweepPause sweeps a million live records and reports how long a lock
// is held: the median and the 99th percentile. The maximum would only show what
// else the machine did.
func BenchmarkSweepPause(b *testing.B) {
	const records = 1_000_000
	st := new(memstore.Store)
	for i := range records {
		if err := st.Create(b.Context(), record(fmt.Sprint(i), time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	p := &pauses{Context: b.Context()}
	for b.Loop() {
		p.last = time.Time{}
		if n, err := st.Sweep(p, records); n != 0 || err != nil {
			b.Errorf("Sweep: %d, %v", n, err)
		}
	}
	slices.Sort(p.all)
	b.ReportMetric(float64(p.all[len(p.all)/2].Nanoseconds())/1e3, "µs/hold-median")
	b.ReportMetric(float64(p.all[len(p.all)*99/100].Nanoseconds())/1e3, "µs/hold-99th")
}
