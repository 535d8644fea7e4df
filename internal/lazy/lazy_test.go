package lazy_test

import (
	"errors"
	"runtime"
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

func TestPanicIsForgotten(t *testing.T) {
	var v, closed lazy.Value[int]
	for _, v := range []*lazy.Value[int]{&v, &closed} {
		func() {
			defer func() { _ = recover() }()
			_, _ = v.Get(func() (int, error) { panic("no value") })
		}()
	}
	closed.Close()
	if got, err := v.Get(func() (int, error) { return 3, nil }); got != 3 || err != nil {
		t.Errorf("Get() after a panic = %d, %v; want 3, nil", got, err)
	}
	if _, err := closed.Get(nil); !errors.Is(err, lazy.ErrClosed) {
		t.Errorf("Get() after a panic and Close = %v, want ErrClosed", err)
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

func TestCloseWaitsAndEndsMaking(t *testing.T) {
	var v, empty lazy.Value[int]
	making := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = v.Get(func() (int, error) {
			close(making)
			for range 1000 { // time for a Close that does not wait
				runtime.Gosched()
			}
			return 7, nil
		})
	})
	<-making
	if got, ok := v.Close(); got != 7 || !ok {
		t.Errorf("Close() = %d, %t; want 7, true", got, ok)
	}
	wg.Wait()
	if _, err := v.Get(nil); !errors.Is(err, lazy.ErrClosed) {
		t.Errorf("Get() after Close = %v, want ErrClosed", err)
	}
	if _, ok := empty.Close(); ok {
		t.Error("Close makes up a value")
	}
	if _, err := empty.Get(nil); !errors.Is(err, lazy.ErrClosed) {
		t.Errorf("Get() after Close of an empty value = %v, want ErrClosed", err)
	}
}
