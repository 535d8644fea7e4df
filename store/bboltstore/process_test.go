//go:build unix

package bboltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/crash"
	"github.com/gosessions/sessions/store/bboltstore"
)

func openStore(path string) (crash.Store, error) { return bboltstore.Open(path) }

// roles are what the test binary does as another process.
var roles = crash.Roles{"open": func(path string) error {
	st, err := bboltstore.Open(path)
	if err != nil {
		return err
	}
	return st.Close()
}, "fill": fill}

func TestMain(m *testing.M) {
	os.Exit(crash.Main(m.Run, openStore, roles))
}

func TestKilledProcessLosesNoAcknowledgedWrite(t *testing.T) {
	crash.Kill(t, filepath.Join(t.TempDir(), "sessions.bolt"), openStore)
}

func TestKilledLogin(t *testing.T) {
	crash.KillLogins(t, filepath.Join(t.TempDir(), "sessions.bolt"), openStore)
}

func TestFileThatMayNotBeWrittenSaysWhatToDo(t *testing.T) {
	const want = "readable and writable"
	crash.Unwritable(t, openStore, want, want, want)
}

func TestSecondProcessIsToldAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.bolt")
	st := open(t, path)
	const want = "another process has the file open"
	out, err := crash.Child(t, "open", path).Output()
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("Open in another process: %q, want %q", out, want)
	}
	if _, err := bboltstore.Open(path); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open in this process: %v, want %q", err, want)
	}
	ok(t, st.Create(t.Context(), record("a"))) // which has it still
	ok(t, st.Close())
	if out, err := crash.Child(t, "open", path).Output(); err != nil {
		t.Errorf("Open after Close: %q", out)
	}
}

// fill writes until a file may grow no more, which is to a program as a full
// disk is.
func fill(path string) error {
	ctx := context.Background()
	st, err := bboltstore.Open(path)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	write := func(id string, expires time.Time) error {
		r := record(id)
		r.Data, r.Expires = make([]byte, 300), expires
		return st.Create(ctx, r)
	}
	n, later, past := 0, time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	for ; err == nil; n++ {
		if err = write(scattered(n)+"dead", past); err == nil {
			err = write(scattered(n), later)
		}
	}
	fmt.Println(n, "records, then", err)
	for i := range n - 1 {
		if _, err := st.Load(ctx, scattered(i)); err != nil {
			return fmt.Errorf("load %d: %w", i, err)
		}
	}
	if swept, err := st.Sweep(ctx, 1000); err != nil || swept < n-1 {
		return fmt.Errorf("swept %d of %d: %w", swept, n, err)
	}
	return errors.Join(st.Delete(ctx, scattered(0)), write(scattered(0), later), st.Close())
}

// scattered returns ids that are all over the file.
func scattered(n int) string { return fmt.Sprintf("%08x", uint32(n)*0x9e3779b9) }

func TestFullDiskIsAnErrorUntilOthersAreSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.bolt")
	out, err := crash.Child(t, "fill", path).Output()
	if err != nil || !strings.Contains(string(out), "the disk is full") {
		t.Fatalf("%s, %v", out, err)
	}
	n := 0
	for _, err := range open(t, path).List(t.Context(), "ann") {
		ok(t, err)
		n++
	}
	if n < 50 {
		t.Errorf("%d records fitted in", n)
	}
}
