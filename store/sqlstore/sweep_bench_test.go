package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/store/sqlstore"
)

// BenchmarkSweep removes 100,000 expired records of a million, or what it can
// in a minute, in batches, one after the other or with rests between them,
// while visitors load sessions at a steady pace. It sweeps for a tenth of a second and is quiet for the next,
// and compares how long loads take in the one and in the other.
func BenchmarkSweep(b *testing.B) {
	for _, e := range engines {
		if strings.Contains(e.name, "connector") || strings.Contains(e.name, "found rows") {
			continue // the same server once more
		}
		for _, pace := range []struct{ limit, rest int }{{100, 0}, {100, 49}} {
			b.Run(fmt.Sprintf("%s/batches of %d, rests of %d times as long", e.name, pace.limit, pace.rest), func(b *testing.B) {
				for b.Loop() {
					db := e.open(b)
					st, opts := migrated(b, db, e.dialect)
					fill(b, db, opts, 6)
					if e.dialect == sqlstore.SQLite {
						db.SetMaxOpenConns(8)
					}
					sweepAmongLoads(b, st, pace.limit, pace.rest)
				}
			})
		}
	}
}

const window = 100 * time.Millisecond

func sweepAmongLoads(b *testing.B, st *sqlstore.Store, limit, rest int) {
	var sweeping atomic.Bool
	ended := make(chan struct{})
	var busy time.Duration
	removed := 0
	go func() {
		defer close(ended)
		<-after(time.Second) // in which the loads warm up
		for n, err, end := limit, error(nil), time.Now().Add(time.Minute); n == limit && err == nil && time.Now().Before(end); {
			sweeping.Store(false)
			<-after(window)
			sweeping.Store(true)
			start := time.Now()
			for n == limit && err == nil && time.Since(start) < window {
				began := time.Now()
				n, err = st.Sweep(b.Context(), limit)
				removed += n
				<-after(time.Duration(rest) * time.Since(began))
			}
			busy += time.Since(start)
		}
	}()
	quiet, swept := loads(b, st, ended, &sweeping)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(removed), "swept")
	b.ReportMetric(busy.Seconds(), "sweep-s")
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
// two goroutines, until done: those that began while nothing was swept, and
// the others.
func loads(b *testing.B, st *sqlstore.Store, done <-chan struct{}, sweeping *atomic.Bool) (quiet, swept []time.Duration) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for i := w; ; i += 7919 {
				select {
				case <-done:
					return
				case <-tick.C:
				}
				to := &quiet
				if sweeping.Load() {
					to = &swept
				}
				start := time.Now()
				if _, err := st.Load(b.Context(), fmt.Sprintf("id-%d", i%100_000*10+1)); err != nil {
					b.Error(err)
				}
				took := time.Since(start)
				mu.Lock()
				*to = append(*to, took)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return quiet, swept
}

func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[len(all)*p/100]
}
