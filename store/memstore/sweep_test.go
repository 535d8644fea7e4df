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

// counting counts the calls of Err. The call with number last returns an error.
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

// TestSweepLetsOthersIn checks how often Sweep releases its lock. Sweep calls
// Err each time that it has released a lock.
func TestSweepLetsOthersIn(t *testing.T) {
	const records, most = 50_000, 100
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
		t.Errorf("Sweep of %d records released its lock %d times", records, ctx.asked)
	}
	ctx = &counting{Context: t.Context(), last: 3}
	if _, err := st.Sweep(ctx, records); !errors.Is(err, context.Canceled) || ctx.asked != 3 {
		t.Errorf("Sweep: %v, asked %d times", err, ctx.asked)
	}
}

// TestSweepsTogetherRemoveEachOnce runs parallel sweeps with a small limit.
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

// meanwhile calls do at the second call of Err, when a sweep is within its first
// shard.
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
		const records, others = 64 * 400, 600 // others empty the first shard, and a part of the second
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

// TestSweepLeavesNothingExpiredThoughOthersCreate lets the map of each shard
// grow while Sweep goes through it.
func TestSweepLeavesNothingExpiredThoughOthersCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const dead, live = 64 * 400, 64 * 2000
		st := new(memstore.Store)
		for i := range dead {
			if err := st.Create(t.Context(), record(fmt.Sprint(i), time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Hour)
		ctx := &meanwhile{Context: t.Context(), do: func() {
			for i := range live {
				if err := st.Create(t.Context(), record(fmt.Sprint("new ", i), time.Hour)); err != nil {
					t.Error(err)
				}
			}
		}}
		if _, err := st.Sweep(ctx, dead+live); err != nil || st.Len() != live {
			t.Errorf("Sweep: error %v, %d records are left, want %d", err, st.Len(), live)
		}
	})
}
