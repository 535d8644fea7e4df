package deadline_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/internal/deadline"
)

type key struct{}

func within(parent context.Context, d time.Duration) *deadline.Context {
	c := new(deadline.Context)
	c.Start(parent, time.Now().Add(d), nil)
	return c
}

func detached(parent context.Context, d time.Duration) *deadline.Context {
	c := new(deadline.Context)
	c.Detach(parent, time.Now().Add(d), nil)
	return c
}

func TestDeadlineEndsWaitersAndAskers(t *testing.T) {
	for name, wait := range map[string]bool{"waiting": true, "asking": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := detached(context.Background(), time.Second)
				defer ctx.Stop()
				if err := ctx.Err(); err != nil {
					t.Fatalf("ended early: %v", err)
				}
				if wait {
					<-ctx.Done()
				} else {
					<-time.After(time.Second) // the clock of the bubble
				}
				if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Err() = %v, want DeadlineExceeded", err)
				}
			})
		})
	}
}

func TestDetachOutlivesItsParentAndKeepsItsValues(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, 7))
	cancel()
	ctx := detached(parent, time.Minute)
	defer ctx.Stop()
	for range 2 { // before and after somebody waits
		if err := ctx.Err(); err != nil {
			t.Errorf("Err() = %v, want nil", err)
		}
		select {
		case <-ctx.Done():
			t.Error("ended with its parent")
		default:
		}
	}
	if got := ctx.Value(key{}); got != 7 {
		t.Errorf("Value() = %v, want 7", got)
	}
}

func TestNewEndsWithItsParent(t *testing.T) {
	parent, cancel := context.WithTimeout(context.Background(), time.Second)
	ctx := within(parent, time.Minute)
	defer ctx.Stop()
	want, _ := parent.Deadline()
	if got, _ := ctx.Deadline(); !got.Equal(want) {
		t.Errorf("Deadline() = %v, want the parent's %v", got, want)
	}
	cancel()
	if err := ctx.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("Err() = %v, want Canceled", err)
	}
	<-ctx.Done()
}

func TestStopEndsTheContext(t *testing.T) {
	for name, first := range map[string]func(*deadline.Context){
		"before Done": func(*deadline.Context) {},
		"after Done":  func(c *deadline.Context) { c.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := detached(context.Background(), time.Minute)
			first(ctx)
			ctx.Stop()
			<-ctx.Done()
			if err := ctx.Err(); !errors.Is(err, context.Canceled) {
				t.Errorf("Err() = %v, want Canceled", err)
			}
		})
	}
}

func TestDeadlineIsTheEarlierOne(t *testing.T) {
	parent, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	of := func(ctx context.Context) time.Time { at, _ := ctx.Deadline(); return at }
	near, far := within(parent, time.Second), within(parent, time.Hour)
	detached := detached(parent, time.Hour)
	if !of(near).Before(of(parent)) {
		t.Errorf("nearer than its parent's: %v", of(near))
	}
	if !of(far).Equal(of(parent)) {
		t.Errorf("farther than its parent's: %v, want %v", of(far), of(parent))
	}
	if !of(detached).After(of(parent)) {
		t.Errorf("detached: %v", of(detached))
	}
}

func TestStopEndsAContextThatNobodyWaitsFor(t *testing.T) {
	ctx := within(context.Background(), time.Minute)
	ctx.Stop()
	if err := ctx.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("Err() = %v, want Canceled", err)
	}
}

func TestContextMayBeSharedByGoroutines(t *testing.T) {
	ctx := within(context.Background(), time.Minute)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _ = ctx.Err() })
		all.Go(func() { <-ctx.Done() })
	}
	all.Go(ctx.Stop)
	all.Wait()
}

func TestHiddenKeysHaveNoValue(t *testing.T) {
	type other struct{}
	parent := context.WithValue(context.WithValue(context.Background(), key{}, 7), other{}, 8)
	var ctx deadline.Context
	ctx.Start(parent, time.Now().Add(time.Minute), func(k any) bool { return k == key{} })
	defer ctx.Stop()
	if got := ctx.Value(key{}); got != nil {
		t.Errorf("Value of a hidden key = %v, want nil", got)
	}
	if got := ctx.Value(other{}); got != 8 {
		t.Errorf("Value of another key = %v, want 8", got)
	}
}
