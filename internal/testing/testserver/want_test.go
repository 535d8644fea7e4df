package testserver_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// noting is a test that counts what is wrong.
type noting struct {
	testing.TB
	errors int
}

func (n *noting) Errorf(string, ...any) { n.errors++ }

func TestWantFaultFindsWhatIsNoFault(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"a fault":                {errors.New("mystore: load: refused"), 0},
		"none":                   {nil, 1},
		"another":                {errors.New("mystore: load: timed out"), 1},
		"without the package":    {errors.New("load: refused"), 1},
		"with the package twice": {errors.New("mystore: mystore: refused"), 1},
		"a missing record":       {fmt.Errorf("mystore: refused: %w", store.ErrNotFound), 1},
		"a conflict":             {fmt.Errorf("mystore: refused: %w", store.ErrConflict), 1},
		"an id that is taken":    {fmt.Errorf("mystore: refused: %w", store.ErrExists), 1},
	} {
		n := &noting{TB: t}
		testserver.WantFault(n, "mystore", name, test.err, "refused")
		if n.errors != test.want {
			t.Errorf("%s: %d errors, want %d", name, n.errors, test.want)
		}
	}
}

func TestUntilEnds(t *testing.T) {
	never := func() bool { return false }
	wantEnd(t, ends(t, func(t testing.TB) { testserver.Until(t, 5*time.Millisecond, "pigs fly", never) }), "failed: ", "pigs fly", "5ms")
	asked := 0
	testserver.Until(t, time.Minute, "it was asked thrice", func() bool { asked++; return asked == 3 })
}
