package testserver

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

// Until waits for a condition that another process or goroutine fulfills.
func Until(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < within; <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not so after %v: %s", within, what)
}

// WantFault fails the test unless err is what a package's store says when its
// server fails or refuses: it has all parts, names the package once, and is
// none of the outcomes of package store.
func WantFault(t testing.TB, pkg, what string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q lacks %q", what, err, part)
		}
	}
	if strings.Count(err.Error(), pkg+": ") != 1 {
		t.Errorf("%s: error %q names the package not once", what, err)
	}
	for _, outcome := range []error{store.ErrConflict, store.ErrExists, store.ErrNotFound} {
		if errors.Is(err, outcome) {
			t.Errorf("%s: error %q says %q", what, err, outcome)
		}
	}
}
