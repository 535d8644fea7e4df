// Package crash tests stores that keep their records in a file or a folder:
// it executes the test binary again as another process, which is killed or
// may not write, and looks at what it left.
package crash

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/gosessions/sessions/store"
)

// The environment of a process that has a role.
const (
	roleVariable = "SESSIONS_CRASH_ROLE"
	pathVariable = "SESSIONS_CRASH_PATH"
)

// Store is one that is opened and closed.
type Store interface {
	store.Lister
	Close() error
}

// Open opens or makes the store at a path.
type Open func(path string) (Store, error)

// Roles are what the test binary does as another process, by name, with the
// store at a path.
type Roles map[string]func(path string) error

// Main is for a package's TestMain. In a process that has a role, one of the
// package's own or of this package's tests, it plays that. Else it runs the
// tests.
func Main(tests func() int, open Open, own Roles) int {
	role := os.Getenv(roleVariable)
	play, known := own[role]
	if !known {
		play, known = Roles{"write": open.write, "open unprivileged": open.unprivileged, "visit": open.visitAndDie}[role]
	}
	if !known {
		return tests()
	}
	if err := play(os.Getenv(pathVariable)); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// Child returns this binary in a role, not started yet. It prints an error to
// its standard output, and is killed when the test ends.
func Child(t *testing.T, role, path string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	c.Stderr = os.Stderr
	return c
}
