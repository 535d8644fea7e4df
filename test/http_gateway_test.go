package test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/fcgi"
	"net/http/httptest"
	"net/textproto"
	"os"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// silent is a page that begins a session and leaves its response to the server.
func silent(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = counter.Set(s, 1) }

// TestR92_PageBehindCGIBringsTheCookie: a page that writes nothing is answered
// by the server of CGI with status 200 and the cookie of the new session.
func TestR92_PageBehindCGIBringsTheCookie(t *testing.T) {
	if os.Getenv("GATEWAY_INTERFACE") != "" { // the program that the server starts
		m, err := sessions.New(new(memstore.Store), sessions.Options{})
		if err == nil {
			err = cgi.Serve(m.Handler(sessions.HandlerFunc(silent)))
		}
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	server := cgi.Handler{Path: program, Args: []string{"-test.run=^" + t.Name() + "$"}}
	server.ServeHTTP(w, httptest.NewRequest("GET", "https://example.com/", nil))
	resp := w.Result()
	want(t, "status", resp.StatusCode, 200)
	want(t, "cookies", len(resp.Cookies()), 1)
}

// TestR92_PageBehindFastCGIBringsTheCookie is the same for FastCGI.
func TestR92_PageBehindFastCGIBringsTheCookie(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t, sessions.Options{})
	served := make(chan error)
	go func() { served <- fcgi.Serve(l, a.serve(silent)) }()
	defer func() { _ = l.Close(); <-served }()
	header := fastCGI(t, l.Addr().String())
	want(t, "status", header.Get("Status"), "200 OK")
	want(t, "cookies", len(header["Set-Cookie"]), 1)
	want(t, "events", a.kinds(), "created")
}

// fastCGI sends one request and returns the header of the response.
func fastCGI(t *testing.T, addr string) textproto.MIMEHeader {
	t.Helper()
	const begin, end, params, stdin, stdout = 1, 3, 4, 5, 6
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(kind byte, content string) { // a record of request 1, shorter than 256 bytes
		_, _ = conn.Write(append([]byte{1, kind, 0, 1, 0, byte(len(content)), 0, 0}, content...))
	}
	pairs := ""
	for name, value := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": "/", "HTTP_HOST": "example.com", "HTTPS": "on"} {
		pairs += string([]byte{byte(len(name)), byte(len(value))}) + name + value
	}
	send(begin, "\x00\x01\x00\x00\x00\x00\x00\x00") // a responder
	send(params, pairs)
	send(params, "")
	send(stdin, "")
	answer, write := io.Pipe()
	go func() {
		for {
			var r [8]byte
			if _, err := io.ReadFull(conn, r[:]); err != nil || r[1] == end {
				_ = write.CloseWithError(err)
				return
			}
			length := int(r[4])<<8 + int(r[5])
			content := make([]byte, length+int(r[6]))
			if _, err := io.ReadFull(conn, content); err == nil && r[1] == stdout {
				_, _ = write.Write(content[:length])
			}
		}
	}()
	header, err := textproto.NewReader(bufio.NewReader(answer)).ReadMIMEHeader()
	if err != nil {
		t.Error(err)
	}
	_ = answer.Close()
	return header
}
