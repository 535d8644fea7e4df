package lazy_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/lazy"
)

func TestFirstSuccessIsKeptAndFailuresAreForgotten(t *testing.T) {
	var v lazy.Value[int]
	calls := 0
	get := func() (int, error) {
		calls++
		if calls == 1 {
			return 0, errors.New("down")
		}
		return calls, nil
	}
	if _, ok := v.Peek(); ok {
		t.Error("Peek finds a value before Get made one")
	}
	if _, err := v.Get(get); err == nil {
		t.Error("Get hides the failure")
	}
	for range 3 {
		if got, err := v.Get(get); got != 2 || err != nil {
			t.Errorf("Get() = %d, %v; want 2, nil", got, err)
		}
	}
	if got, ok := v.Peek(); got != 2 || !ok {
		t.Errorf("Peek() = %d, %t; want 2, true", got, ok)
	}
}

func TestParallelCallersShareOneValue(t *testing.T) {
	var v lazy.Value[*int]
	calls := 0
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			_, _ = v.Get(func() (*int, error) { calls++; return new(int), nil })
		})
	}
	wg.Wait()
	if calls != 1 {
		t.Errorf("made %d values, want 1", calls)
	}
}
