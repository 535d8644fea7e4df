package test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// swept notes when it is swept, and by how much.
type swept struct {
	*memstore.Store
	at      []time.Time
	removed []int
}

func (s *swept) Sweep(ctx context.Context, limit int) (int, error) {
	n, err := s.Store.Sweep(ctx, limit)
	s.at, s.removed = append(s.at, time.Now()), append(s.removed, n)
	if n > limit || limit > 6_400 {
		return n, fmt.Errorf("a batch of %d, limit %d", n, limit)
	}
	return n, err
}

// sweep runs Sweep for a time and checks that it ends with its context.
func sweep(t *testing.T, a *app, every, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- a.Sweep(ctx, every) }()
	<-time.After(d)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Sweep: %v, want the context's error", err)
	}
}

func TestR56_SweepKeepsToItsIntervalMoreOrLess(t *testing.T) {
	for _, every := range []time.Duration{0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			st := &swept{Store: new(memstore.Store)}
			a.store.Store = st
			last := time.Now()
			between := every
			if every == 0 {
				between = 5 * time.Minute
			}
			sweep(t, a, every, 200*between)
			lengths := map[time.Duration]bool{}
			for _, at := range st.at {
				d := at.Sub(last)
				if d < between*8/10 || d > between*12/10 {
					t.Errorf("%v between two sweeps, want %v give or take a fifth", d, between)
				}
				lengths[d] = true
				last = at
			}
			if len(st.at) < 160 || len(lengths) < len(st.at)/2 {
				t.Errorf("%d sweeps, %d lengths of the interval", len(st.at), len(lengths))
			}
			want(t, "events", a.kinds(), "")
		})
	}
}

func TestR56_SweepRemovesAllThatExpiredInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		st := &swept{Store: new(memstore.Store)}
		a.store.Store = st
		for i := range 250 {
			if err := st.Create(t.Context(), store.Record{ID: fmt.Sprint(i), Expires: time.Now().Add(time.Second)}); err != nil {
				t.Fatal(err)
			}
		}
		b := a.browser(count)
		b.get()
		sweep(t, a, time.Minute, 73*time.Second)
		want(t, "batches", fmt.Sprint(st.removed), "[100 150]")
		want(t, "records left", st.Len(), 1)
		want(t, "the live one", b.with(a, read).get(), "200 1")
		want(t, "events", a.kinds(), "created")
	})
}

// unhurried is a store whose batches take a tenth of a second.
type unhurried struct{ *swept }

func (s unhurried) Sweep(ctx context.Context, limit int) (int, error) {
	<-time.After(100 * time.Millisecond)
	return s.swept.Sweep(ctx, limit)
}

func TestR56_SweepRestsBetweenBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		st := unhurried{&swept{Store: new(memstore.Store)}}
		a.store.Store = st
		for i := range 350 {
			if err := st.Create(t.Context(), store.Record{ID: fmt.Sprint(i), Expires: time.Now().Add(time.Second)}); err != nil {
				t.Fatal(err)
			}
		}
		sweep(t, a, time.Minute, 90*time.Second)
		want(t, "batches", fmt.Sprint(st.removed), "[100 100 100 50]")
		for i := 1; i < len(st.at); i++ {
			want(t, "from the end of a batch to that of the next", st.at[i].Sub(st.at[i-1]), 5*time.Second)
		}
	})
}

func TestR56_SweepGoesOnAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(expiring(sessions.Remember(time.Second, year)))
		b.get()
		a.kinds()
		a.store.Fault = func(n int, op string) faultstore.Fault {
			if op == "sweep" && time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) < 2*time.Minute+30*time.Second {
				return faultstore.Before
			}
			return faultstore.None
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := a.Sweep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sweep: %v, want the context's error", err)
		}
		if got := a.kinds(); got != "unavailable unavailable" && got != "unavailable unavailable unavailable" {
			t.Errorf("events %q", got)
		}
		want(t, "records", a.kept(), 0)
	})
}

func TestR56_OneSweepAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- a.Sweep(ctx, time.Minute) }()
		synctest.Wait()
		if err := a.Sweep(t.Context(), time.Minute); err == nil {
			t.Error("a second Sweep ran")
		}
		cancel()
		<-done
		sweep(t, a, time.Minute, time.Hour) // the next one may run
	})
}

func TestR56_SweepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Sweep(ctx, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("Sweep: %v, want the context's error", err)
		}
		a.store.Fault = failing("sweep", faultstore.Hang)
		ctx, cancel = context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		began := time.Now()
		if err := a.Sweep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sweep of a hung store: %v, want the context's error", err)
		}
		want(t, "time", time.Since(began), 2*time.Minute)
		want(t, "events", a.kinds(), "")
	})
}

func TestR56_NothingToSweep(t *testing.T) {
	m, err := sessions.New(struct{ store.Store }{new(memstore.Store)}, sessions.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		want(t, "Sweep of a store that collects by itself", m.Sweep(context.Background(), time.Minute), nil)
	}
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		a.store.Store = struct{ store.Store }{new(memstore.Store)}
		want(t, "Sweep of a store that wraps one", a.Sweep(t.Context(), time.Minute), nil)
		want(t, "events", a.kinds(), "")
	})
}

// endless is a store that always has more to sweep, whatever its context says.
type endless struct {
	*memstore.Store
	batches int
	cancel  context.CancelFunc
}

func (e *endless) Sweep(_ context.Context, limit int) (int, error) {
	if e.batches++; e.batches == 3 {
		e.cancel()
	}
	if e.batches > 10 {
		return 0, nil
	}
	return limit, nil
}

func TestR56_SweepEndsBetweenBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		st := &endless{Store: new(memstore.Store), cancel: cancel}
		m, err := sessions.New(st, sessions.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Sweep(ctx, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("Sweep: %v, want the context's error", err)
		}
		want(t, "batches", st.batches, 3)
	})
}

// full returns a store with expired records of which each batch takes a time.
func full(t *testing.T, records int, takes time.Duration) *leisurely {
	t.Helper()
	st := &leisurely{swept: &swept{Store: new(memstore.Store)}, takes: takes}
	for i := range records {
		if err := st.Create(t.Context(), store.Record{ID: fmt.Sprint(i), Expires: time.Now().Add(time.Second)}); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

// leisurely is a store whose batches take some time.
type leisurely struct {
	*swept
	takes time.Duration
}

func (s *leisurely) Sweep(ctx context.Context, limit int) (int, error) {
	<-time.After(s.takes)
	return s.swept.Sweep(ctx, limit)
}

// TestR99_BatchesGrowWhileTheyAreQuick: 20,000 expired records are gone within
// seconds, where batches of a hundred took a minute.
func TestR99_BatchesGrowWhileTheyAreQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		st := full(t, 20_000, 10*time.Millisecond)
		a.store.Store = st
		sweep(t, a, time.Minute, 90*time.Second)
		want(t, "batches", fmt.Sprint(st.removed), "[100 200 400 800 1600 3200 6400 6400 900]")
		want(t, "events", a.kinds(), "")
	})
}

// TestR99_SweepThatFallsBehindSaysSoAndTakesMore: it is told once for a round,
// and the round ends.
func TestR99_SweepThatFallsBehindSaysSoAndTakesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		st := full(t, 20_000, 200*time.Millisecond)
		a.store.Store = st
		sweep(t, a, time.Minute, time.Hour)
		want(t, "records left", st.Len(), 0)
		want(t, "events", a.kinds(), "unswept")
		var left int
		for i, n := range st.removed {
			if n == 0 {
				break
			}
			left = i
		}
		if lasted := st.at[left].Sub(st.at[0]); lasted > 15*time.Minute {
			t.Errorf("the round lasted %v; at 98%% rest it would have been half an hour", lasted)
		}
	})
}

// TestR99_StoreThatNobodySweepsIsToldOnce: when records have expired, unless its
// backend removes them itself.
func TestR99_StoreThatNobodySweepsIsToldOnce(t *testing.T) {
	type plain struct{ store.Store }
	for name, tc := range map[string]struct {
		store  store.Store
		sweep  bool
		events string
	}{
		"nobody sweeps":                     {new(memstore.Store), false, "created created created unswept created"},
		"somebody sweeps":                   {new(memstore.Store), true, "created created created created"},
		"the backend does":                  {plain{new(memstore.Store)}, false, "created created created created"},
		"the backend of a wrapped one does": {&faultstore.Store{Store: plain{new(memstore.Store)}}, false, "created created created created"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				a.store.Store = tc.store
				if tc.sweep {
					ctx, cancel := context.WithCancel(t.Context())
					done := make(chan error)
					go func() { done <- a.Sweep(ctx, 0) }()
					defer func() { cancel(); <-done }()
				}
				for _, wait := range []time.Duration{0, 11 * time.Minute, time.Hour, time.Hour} { // in the first hour none expires
					<-time.After(wait)
					a.browser(count).get()
				}
				want(t, "events", a.kinds(), tc.events)
			})
		})
	}
}

// TestR99_StoreThatHangsDelaysAVisitorByLoadTimeout: when a new session finds
// out whether anybody sweeps, and not every time.
func TestR99_StoreThatHangsDelaysAVisitorByLoadTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{LoadTimeout: time.Second})
		a.store.Fault = func(_ int, op string) faultstore.Fault {
			if op == "sweep" {
				return faultstore.Hang
			}
			return faultstore.None
		}
		<-time.After(11 * time.Minute)
		for _, longest := range []time.Duration{time.Second, 0} {
			began := time.Now()
			want(t, "reply", a.browser(count).get(), "200 1")
			want(t, "time", time.Since(began), longest)
		}
		want(t, "events", a.kinds(), "created created")
	})
}

// TestR99_PeriodWithoutAUnitIsASecond: Sweep(ctx, 60) meant seconds, and got
// nanoseconds.
func TestR99_PeriodWithoutAUnitIsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		st := full(t, 0, time.Millisecond)
		a.store.Store = st
		sweep(t, a, 60, time.Minute)
		if n := len(st.at); n < 50 || n > 75 {
			t.Errorf("%d sweeps in a minute", n)
		}
	})
}
