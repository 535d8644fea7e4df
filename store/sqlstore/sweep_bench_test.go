package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/store/sqlstore"
)

// BenchmarkSweep removes 100,000 expired records of a million in batches, one
// after the other, while visitors load sessions at a steady pace, and compares
// how long their loads take to what they take when nothing else happens.
func BenchmarkSweep(b *testing.B) {
	for _, e := range engines {
		if strings.Contains(e.name, "connector") || strings.Contains(e.name, "found rows") {
			continue // the same server once more
		}
		for _, limit := range []int{100, 1000} {
			b.Run(fmt.Sprintf("%s/batches of %d", e.name, limit), func(b *testing.B) {
				for b.Loop() {
					db := e.open(b)
					st, opts := migrated(b, db, e.dialect)
					fill(b, db, opts, 6)
					if e.dialect == sqlstore.SQLite {
						db.SetMaxOpenConns(8)
					}
					sweepAmongLoads(b, st, limit)
				}
			})
		}
	}
}

func sweepAmongLoads(b *testing.B, st *sqlstore.Store, limit int) {
	ctx := b.Context()
	loads(b, st, after(time.Second)) // warms up
	quiet := loads(b, st, after(5*time.Second))
	ended := make(chan struct{})
	start, removed := time.Now(), 0
	go func() {
		defer close(ended)
		for {
			n, err := st.Sweep(ctx, limit)
			if removed += n; err != nil || n < limit {
				return
			}
		}
	}()
	swept := loads(b, st, ended)
	if removed != 100_000 {
		b.Errorf("swept %d records, want 100000", removed)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(time.Since(start).Seconds(), "sweep-s")
	for _, p := range []int{50, 99} {
		q, s := percentile(quiet, p), percentile(swept, p)
		b.ReportMetric(float64(q.Microseconds()), fmt.Sprintf("quiet-p%d-µs", p))
		b.ReportMetric(float64(s.Microseconds()), fmt.Sprintf("sweep-p%d-µs", p))
		b.ReportMetric(float64(s)/float64(q), fmt.Sprintf("p%d-ratio", p))
	}
}

func after(d time.Duration) <-chan struct{} {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	context.AfterFunc(ctx, cancel)
	return ctx.Done()
}

// loads returns how long loads take that begin every millisecond, in each of
// two goroutines, until done.
func loads(b *testing.B, st *sqlstore.Store, done <-chan struct{}) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			var mine []time.Duration
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for i := w; ; i += 7919 {
				select {
				case <-done:
					mu.Lock()
					defer mu.Unlock()
					all = append(all, mine...)
					return
				case <-tick.C:
				}
				id := fmt.Sprintf("id-%d", i%100_000*10+1)
				start := time.Now()
				if _, err := st.Load(b.Context(), id); err != nil {
					b.Error(err)
				}
				mine = append(mine, time.Since(start))
			}
		})
	}
	wg.Wait()
	return all
}

func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[len(all)*p/100]
}
