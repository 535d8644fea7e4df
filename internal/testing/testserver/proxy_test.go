package testserver_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// echo is a server that notes each line, and sends it back.
func echo(t *testing.T) (address string, lines <-chan string) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	noted := make(chan string, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					noted <- line
					_, _ = io.WriteString(c, line)
				}
			}()
		}
	}()
	return l.Addr().String(), noted
}

func dial(t *testing.T, p *testserver.Proxy) net.Conn {
	c, err := net.Dial("tcp4", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a line and returns the answer, or the error within a moment.
func ask(t *testing.T, c net.Conn, line string) (string, error) {
	if _, err := io.WriteString(c, line); err != nil {
		return "", err
	}
	return hear(t, c, 50*time.Millisecond)
}

func hear(t *testing.T, c net.Conn, within time.Duration) (string, error) {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(c).ReadString('\n')
}

func timedOut(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func TestProxyBreaksWhatPasses(t *testing.T) {
	server, lines := echo(t)
	p := testserver.NewProxy(t, server)
	want := func(line string) {
		t.Helper()
		if got := <-lines; got != line {
			t.Fatalf("the server got %q, want %q", got, line)
		}
	}
	c := dial(t, p)
	if got, err := ask(t, c, "one\n"); got != "one\n" {
		t.Fatalf("passing: %q, %v", got, err)
	}
	want("one\n")

	p.Silence()
	if got, err := ask(t, c, "two\n"); !timedOut(err) {
		t.Errorf("in silence: %q, %v", got, err)
	}
	if len(lines) != 0 {
		t.Errorf("in silence the server got %q", <-lines)
	}
	p.Deafen()
	want("two\n")
	if got, err := ask(t, c, "three\n"); !timedOut(err) {
		t.Errorf("deaf: %q, %v", got, err)
	}
	want("three\n")
	p.Pass()
	if got, err := hear(t, c, 10*time.Second); got != "two\n" {
		t.Errorf("what has waited: %q, %v", got, err)
	}

	p.Deafen()
	lost := dial(t, p)
	if got, err := ask(t, lost, "four\n"); !timedOut(err) {
		t.Errorf("deaf: %q, %v", got, err)
	}
	want("four\n")
	p.Cut()
	p.Pass()
	if got, err := hear(t, lost, 10*time.Second); err == nil || timedOut(err) {
		t.Errorf("an answer that was cut: %q, %v", got, err)
	}

	p.Refuse()
	if got, err := ask(t, dial(t, p), "five\n"); err == nil || timedOut(err) {
		t.Errorf("refused: %q, %v", got, err)
	}
	p.Pass()
	if got, err := ask(t, dial(t, p), "six\n"); got != "six\n" {
		t.Errorf("passing again: %q, %v", got, err)
	}
	want("six\n")
}
