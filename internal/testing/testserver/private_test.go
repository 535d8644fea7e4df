package testserver_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

var hostPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// listens reports whether the server takes connections.
func listens(address string) bool {
	c, err := net.DialTimeout("tcp", hostPort.FindString(address), time.Second)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

func TestKilledServerStartsAgainWithItsData(t *testing.T) {
	for _, e := range []testserver.Engine{testserver.PostgreSQL, testserver.MariaDB} {
		t.Run(string(e), func(t *testing.T) {
			s := testserver.Private(t, e)
			run(t, s, "CREATE TABLE kept (n INT)")
			for n := range 3 {
				run(t, s, fmt.Sprintf("INSERT INTO kept VALUES (%d)", n))
				s.Kill()
				if listens(s.Address) {
					t.Error("it listens after it was killed")
				}
				s.Start()
				if got := run(t, s, "SELECT COUNT(*) FROM kept"); got != fmt.Sprint(n+1) {
					t.Errorf("%d rows acknowledged, %s kept", n+1, got)
				}
			}
		})
	}
}

// run executes a statement by the engine's own client.
func run(t *testing.T, s *testserver.Server, sql string) string {
	t.Helper()
	var cmd *exec.Cmd
	if s.Engine == testserver.PostgreSQL {
		cmd = exec.Command("psql", "-X", "-t", "-A", "-c", sql, s.Address)
	} else {
		_, port, _ := net.SplitHostPort(hostPort.FindString(s.Address))
		cmd = exec.Command("mariadb", "--no-defaults", "-h127.0.0.1", "-P"+port, "-usessions", "-psessions", "-N", "-e", sql, "sessions")
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("%s: %v: %s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestServerThatDoesNotStartAgainSaysWhy: somebody has taken its port.
func TestServerThatDoesNotStartAgainSaysWhy(t *testing.T) {
	got := ends(t, func(t testing.TB) {
		s := testserver.Private(t, testserver.PostgreSQL)
		s.Kill()
		l, err := net.Listen("tcp", hostPort.FindString(s.Address))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s.Start()
	})
	if strings.HasPrefix(got, "skipped") {
		t.Skip(got)
	}
	wantEnd(t, got, "failed: ", "PostgreSQL does not start again", "already in use")
}

func TestPrivateServerEndsWithItsTest(t *testing.T) {
	address := ""
	t.Run("the test", func(t *testing.T) { address = testserver.Private(t, testserver.PostgreSQL).Address })
	if address == "" {
		t.Skip("no PostgreSQL")
	}
	if listens(address) {
		t.Error("it listens after the test")
	}
}

// TestSharedServerEndsWithItsBinary: also when that is killed.
func TestSharedServerEndsWithItsBinary(t *testing.T) {
	if os.Getenv("TESTSERVER_CHILD") != "" {
		first, again := testserver.Find(t, testserver.PostgreSQL), testserver.Find(t, testserver.PostgreSQL)
		fmt.Println("same:", first.Address == again.Address)
		fmt.Println("address:", first.Address)
		_, _ = os.Stdin.Read(make([]byte, 1)) // returns when the parent lets it end
		return
	}
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed %t", killed), func(t *testing.T) {
			dir, err := os.MkdirTemp("", "ends")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			if err := os.Chmod(dir, 0o755); err != nil { // another user may run the server
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestSharedServerEndsWithItsBinary$")
			cmd.Env = append(os.Environ(), "TESTSERVER_CHILD=1", "POSTGRES_URL=", "TMPDIR="+dir)
			stdin, _ := cmd.StdinPipe()
			stdout, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			address := ""
			for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
				if lines.Text() == "same: false" {
					t.Error("two servers were started")
				}
				address, _ = strings.CutPrefix(lines.Text(), "address: ")
				if _, err := url.Parse(address); err != nil || !hostPort.MatchString(address) {
					address = ""
				}
			}
			if address == "" {
				_ = cmd.Wait()
				t.Skip("no PostgreSQL")
			}
			if killed {
				_ = cmd.Process.Kill()
			}
			_ = stdin.Close()
			_ = cmd.Wait()
			until(t, "the server is down", func() bool { return !listens(address) })
			until(t, "its folder is removed", func() bool {
				left, _ := filepath.Glob(filepath.Join(dir, "testserver-*"))
				return len(left) == 0
			})
		})
	}
}

// until waits for a condition that another process fulfills.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if holds() {
			return
		}
		<-tick.C
	}
	t.Errorf("not so after 20 seconds: %s", what)
}
