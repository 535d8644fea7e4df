package testserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// ending is a test that notes how it was ended.
type ending struct {
	testing.TB
	how string
}

func (e *ending) Attr(string, string) {} // it is no store's

func (e *ending) Skip(args ...any) { e.end("skipped: ", args) }

func (e *ending) Fatal(args ...any) { e.end("failed: ", args) }

func (e *ending) Fatalf(format string, args ...any) {
	e.end("failed: ", []any{fmt.Sprintf(format, args...)})
}

func (e *ending) end(how string, args []any) {
	e.how = how + fmt.Sprint(args...)
	runtime.Goexit()
}

// ends returns how f ends its test, "" if it does not.
func ends(t *testing.T, f func(testing.TB)) string {
	e := &ending{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(e)
	}()
	<-done
	return e.how
}

func wantEnd(t *testing.T, got, how string, parts ...string) {
	t.Helper()
	if !strings.HasPrefix(got, how) {
		t.Errorf("ended as %q, want %q", got, how)
	}
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("ended as %q, which does not say %q", got, part)
		}
	}
}

func TestAddressOfTheEnvironmentComesFirst(t *testing.T) {
	for _, e := range []testserver.Engine{
		testserver.PostgreSQL, testserver.MariaDB, testserver.MySQL, testserver.LibSQL,
		testserver.Redis, testserver.Redis8, testserver.Valkey, testserver.RedisCluster,
		testserver.MongoDB, testserver.DynamoDB, testserver.Firestore, testserver.SurrealDB,
	} {
		t.Setenv(e.Variable(), "somewhere")
		if got := testserver.Find(t, e); got.Address != "somewhere" || got.Engine != e {
			t.Errorf("found %s at %q", got.Engine, got.Address)
		}
	}
}

func TestMissingServer(t *testing.T) {
	find := func(t testing.TB) { testserver.Find(t, testserver.LibSQL) }
	private := func(t testing.TB) { testserver.Private(t, testserver.LibSQL) }
	t.Setenv("LIBSQL_URL", "")
	t.Setenv("CI", "")
	wantEnd(t, ends(t, find), "skipped: no libSQL: ", "set LIBSQL_URL")
	t.Setenv("CI", "true")
	wantEnd(t, ends(t, find), "failed: no libSQL: ", "LIBSQL_URL")
	wantEnd(t, ends(t, private), "skipped: no libSQL: ", "cannot start one")
}

// TestProgramThatDoesNotWork: the reason has what it said.
func TestProgramThatDoesNotWork(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho out of order >&2; exit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 { // another user runs them
		for d := dir; strings.HasPrefix(d, os.TempDir()+"/"); d = filepath.Dir(d) {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	private := func(t testing.TB) { testserver.Private(t, testserver.PostgreSQL) }
	t.Setenv("CI", "")
	wantEnd(t, ends(t, private), "skipped: no PostgreSQL: ", "out of order", "install PostgreSQL")
	t.Setenv("CI", "true")
	wantEnd(t, ends(t, private), "failed: no PostgreSQL: ", "out of order")
}

func TestServerThatIsNotPrivateIsNotKilled(t *testing.T) {
	t.Setenv("POSTGRES_URL", "somewhere")
	for name, f := range map[string]func(*testserver.Server){
		"Kill": (*testserver.Server).Kill, "Start": (*testserver.Server).Start,
	} {
		wantEnd(t, ends(t, func(t testing.TB) { f(testserver.Find(t, testserver.PostgreSQL)) }), "failed: ", name, "not private")
	}
}
