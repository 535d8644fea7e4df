package respond_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/internal/respond"
)

// TestR91_HijackedResponseCarriesTheCookie: whichever way the handler writes
// the head of its response, the client gets the field that must travel, once.
func TestR91_HijackedResponseCarriesTheCookie(t *testing.T) {
	const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	for name, tc := range map[string]struct {
		write func(conn net.Conn, rw *bufio.ReadWriter)
		want  string // all that the client gets
		lost  bool
	}{
		"to the connection": {
			func(conn net.Conn, _ *bufio.ReadWriter) { _, _ = io.WriteString(conn, head+"body") },
			"HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: hook=1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nbody", false,
		},
		"through the buffer": {
			func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString(head); _ = rw.Flush() },
			"HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: hook=1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", false,
		},
		"byte by byte": {
			func(conn net.Conn, _ *bufio.ReadWriter) {
				for i := range len(head) {
					_, _ = conn.Write([]byte{head[i]})
				}
				_, _ = io.WriteString(conn, "body")
			},
			"HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: hook=1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nbody", false,
		},
		"with the cookie in it": {
			func(conn net.Conn, _ *bufio.ReadWriter) {
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nSet-Cookie: hook=1\r\n\r\n")
			},
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nSet-Cookie: hook=1\r\n\r\n", false,
		},
		"status line alone": {
			func(conn net.Conn, _ *bufio.ReadWriter) { _, _ = io.WriteString(conn, "HTTP/1.1 101 \r\n\r\n") },
			"HTTP/1.1 101 \r\nSet-Cookie: hook=1\r\n\r\n", false,
		},
		"after an informational one": {
			func(conn net.Conn, _ *bufio.ReadWriter) {
				_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 20")
				_, _ = io.WriteString(conn, "0 OK\r\n\r\nbody")
			},
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: hook=1\r\n\r\nbody", false,
		},
		"lines that end with a line feed alone": {
			func(conn net.Conn, _ *bufio.ReadWriter) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\nA: b\n\nbody") },
			"HTTP/1.1 200 OK\nSet-Cookie: hook=1\r\nA: b\n\nbody", false,
		},
		"another protocol": {
			func(conn net.Conn, _ *bufio.ReadWriter) { _, _ = io.WriteString(conn, "220 mail ready\r\n\r\n") },
			"220 mail ready\r\n\r\n", true,
		},
		"no end of the head": {
			func(conn net.Conn, _ *bufio.ReadWriter) { _, _ = io.WriteString(conn, "HTTP/1.1 101 \r\nUpgrade:") },
			"HTTP/1.1 101 \r\nUpgrade:", true,
		},
		"a head without a bound": {
			func(conn net.Conn, _ *bufio.ReadWriter) {
				_, _ = io.WriteString(conn, "HTTP/1.1 101 \r\nX: "+strings.Repeat("x", 65<<10))
			},
			"HTTP/1.1 101 \r\nX: " + strings.Repeat("x", 65<<10), true,
		},
		"nothing": {func(net.Conn, *bufio.ReadWriter) {}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hooks{pending: true, carried: make(chan bool, 1)}
			lost := make(chan bool, 1)
			srv := serve(t, 1, wrap(h, func(w *respond.Writer, _ *http.Request) {
				conn, rw, err := w.Hijack()
				if err != nil {
					t.Errorf("Hijack: %v", err)
					return
				}
				tc.write(conn, rw)
				_ = conn.Close()
				lost <- len(h.carried) == 0
			}))
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
			got, _ := io.ReadAll(conn)
			if string(got) != tc.want {
				t.Errorf("the client gets %.300q, want %.300q", got, tc.want)
			}
			if got := <-lost; got != tc.lost {
				t.Errorf("not carried: %t, want %t", got, tc.lost)
			}
		})
	}
}

// TestR91_HijackKeepsWhatTheClientHasSent: bytes that came with the request are
// still in the reader.
func TestR91_HijackKeepsWhatTheClientHasSent(t *testing.T) {
	srv := serve(t, 1, wrap(&hooks{pending: true}, func(w *respond.Writer, _ *http.Request) {
		conn, rw, err := w.Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 \r\n\r\n")
		line, _ := rw.ReadString('\n')
		_, _ = io.WriteString(conn, line)
		_ = conn.(interface{ CloseWrite() error }).CloseWrite()
		_ = conn.Close()
	}))
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\nearly\n")
	got, _ := io.ReadAll(conn)
	if !bytes.HasSuffix(got, []byte("\r\n\r\nearly\n")) {
		t.Errorf("the client gets %q", got)
	}
}

// piped is a response writer whose connection is one end of a pipe: what is
// written there waits for its reader.
type piped struct {
	http.ResponseWriter
	conn net.Conn
}

func (p piped) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return p.conn, bufio.NewReadWriter(bufio.NewReader(p.conn), bufio.NewWriter(p.conn)), nil
}

// pipe returns both ends of a connection that was hijacked.
func pipe(t *testing.T) (server, client net.Conn) {
	t.Helper()
	under, client := net.Pipe()
	var w respond.Writer
	w.Init(piped{httptest.NewRecorder(), under}, &hooks{pending: true})
	server, _, err := w.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}

// TestR91_CloseEndsAWriteThatWaits: as on every connection, a handler gets rid
// of a client that does not read.
func TestR91_CloseEndsAWriteThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, _ := pipe(t)
		written := make(chan error, 1)
		go func() {
			_, err := io.WriteString(server, "HTTP/1.1 200 OK\r\n\r\nbody")
			written <- err
		}()
		synctest.Wait()
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-written; !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Write: %v, want the error of a closed connection", err)
		}
	})
}

// TestR91_WriteThatFailsSaysHowFarItCame: the added lines do not count.
func TestR91_WriteThatFailsSaysHowFarItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const head, sent = "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nSet-Cookie: hook=1\r\n\r\n"
		server, client := pipe(t)
		defer server.Close()
		_ = server.SetWriteDeadline(time.Now().Add(time.Second))
		go func() { _, _ = io.CopyN(io.Discard, client, int64(len(sent)+4)) }()
		n, err := io.WriteString(server, head+"body and more")
		if !errors.Is(err, os.ErrDeadlineExceeded) || n != len(head)+4 {
			t.Errorf("Write: %d, %v; want %d and the error of the deadline", n, err, len(head)+4)
		}
	})
}

// TestR91_OldInterfacesAreThere: gin's Stream asks for a CloseNotifier and
// panics if there is none; its writer also asks for a Pusher.
func TestR91_OldInterfacesAreThere(t *testing.T) {
	for _, major := range []int{1, 2} {
		gone := make(chan bool, 1)
		srv := serve(t, major, wrap(&hooks{}, func(w *respond.Writer, r *http.Request) {
			closed := any(w).(interface{ CloseNotify() <-chan bool }).CloseNotify()
			if err := any(w).(http.Pusher).Push("/style.css", nil); err == nil {
				t.Error("Push to a client that refuses it: no error")
			}
			_, _ = io.WriteString(w, "part")
			w.Flush()
			select {
			case <-closed:
				gone <- true
			case <-t.Context().Done():
			}
		}))
		resp, err := srv.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // the client goes away
		if !<-gone {
			t.Error("CloseNotify did not tell")
		}
	}
}
