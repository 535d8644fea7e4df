package testserver

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Program builds and starts one of our programs, of a package as seen from a
// folder, on a free port, and returns the address that it prints as "listening
// on URL". It gets this process's environment with env, as name=value, on top.
// When the test ends, the program gets SIGTERM, and the test fails unless it
// ends well within 10 seconds.
func Program(t testing.TB, dir, pkg string, env []string, args ...string) (url string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), filepath.Base(pkg))
	build := exec.Command("go", "build", "-o", program, pkg)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Process.Signal(syscall.SIGTERM)
		err := cmd.Wait()
		if !late.Stop() {
			t.Error("the program does not end at SIGTERM")
		} else if err != nil {
			t.Errorf("the program ended at SIGTERM with %v\n%s", err, said.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the program printed %q, error %v", line, err) // its end tells what it said
	}
	return url
}
