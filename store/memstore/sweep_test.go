package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store/memstore"
)

// counting counts how often it is asked whether it has ended, and ends at last.
type counting struct {
	context.Context
	asked, last int
}

func (c *counting) Err() error {
	if c.asked++; c.asked == c.last {
		return context.Canceled
	}
	return nil
}

// TestSweepLetsOthersIn: it looks at its context each time that it has let go
// of a lock, so the context tells how many records it looks at in between.
func TestSweepLetsOthersIn(t *testing.T) {
	const records, most = 50_000, 200
	st := new(memstore.Store)
	for i := range records {
		if err := st.Create(t.Context(), record(fmt.Sprint(i), time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	ctx := &counting{Context: t.Context()}
	if n, err := st.Sweep(ctx, records); n != 0 || err != nil {
		t.Errorf("Sweep: %d, %v", n, err)
	}
	if ctx.asked < records/most {
		t.Errorf("a sweep of %d records let others in %d times", records, ctx.asked)
	}
	ctx = &counting{Context: t.Context(), last: 3}
	if _, err := st.Sweep(ctx, records); !errors.Is(err, context.Canceled) || ctx.asked != 3 {
		t.Errorf("Sweep: %v, asked %d times", err, ctx.asked)
	}
}

// TestSweepsTogetherRemoveEachOnce, in batches, wherever the last one ended.
func TestSweepsTogetherRemoveEachOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const dead, live, sweepers = 3000, 500, 4
		st := new(memstore.Store)
		for i := range dead + live {
			life := time.Minute
			if i%7 == 0 {
				life = time.Hour
			}
			if err := st.Create(t.Context(), record(fmt.Sprint(i), life)); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Minute)
		removed := make(chan int)
		for range sweepers {
			go func() {
				total := 0
				for n := 37; n == 37; total += n {
					var err error
					if n, err = st.Sweep(t.Context(), 37); err != nil || n > 37 {
						t.Errorf("Sweep: %d, %v", n, err)
					}
				}
				removed <- total
			}()
		}
		total := 0
		for range sweepers {
			total += <-removed
		}
		if want := (dead + live) / 7 * 6; total != want || st.Len() != dead+live-want {
			t.Errorf("%d removed, %d left, want %d and %d", total, st.Len(), want, dead+live-want)
		}
	})
}

// meanwhile does something when it is asked for the second time whether it has
// ended, which is when a sweep is within a shard.
type meanwhile struct {
	context.Context
	asked int
	do    func()
}

func (m *meanwhile) Err() error {
	if m.asked++; m.asked == 2 {
		m.do()
	}
	return nil
}

func TestSweepLeavesNothingExpiredThoughOthersSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, others = 6400, 150 // of the latter all of one shard, and some of the next
		st := new(memstore.Store)
		for i := range records {
			if err := st.Create(t.Context(), record(fmt.Sprint(i), time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Hour)
		ctx := &meanwhile{Context: t.Context(), do: func() {
			for range others {
				if n, err := st.Sweep(t.Context(), 1); n != 1 || err != nil {
					t.Errorf("Sweep meanwhile: %d, %v", n, err)
				}
			}
		}}
		if n, err := st.Sweep(ctx, records); n != records-others || err != nil || st.Len() != 0 {
			t.Errorf("Sweep: %d, %v, and %d records that have expired are left", n, err, st.Len())
		}
	})
}
