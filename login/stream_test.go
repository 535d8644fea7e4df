package login_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// serve starts a server for a handler inside of the application's, and returns
// a client of it that is ann's.
func (a *app) serve(h http.HandlerFunc, http2 bool) (*httptest.Server, *http.Request) {
	b := a.browser()
	annSignedIn(b)
	srv := a.start(h, http2)
	r, err := http.NewRequestWithContext(a.t.Context(), "GET", srv.URL, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
	return srv, r
}

// start starts a server for a handler inside of the application's.
func (a *app) start(h http.HandlerFunc, http2 bool) *httptest.Server {
	srv := httptest.NewUnstartedServer(a.Handler(h))
	srv.EnableHTTP2 = http2
	srv.StartTLS()
	a.t.Cleanup(srv.Close)
	return srv
}

func TestResponsesThatStream(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			a := newApp(t, login.Options{})
			read := make(chan bool)
			srv, r := a.serve(func(w http.ResponseWriter, r *http.Request) {
				u, _, err := a.User(r.Context())
				wantErr(t, "User", err, nil)
				c := http.NewResponseController(w)
				wantErr(t, "SetWriteDeadline", c.SetWriteDeadline(time.Now().Add(time.Minute)), nil)
				for range 2 {
					_, _ = fmt.Fprintln(w, u.Name)
					wantErr(t, "Flush", c.Flush(), nil)
					<-read
				}
			}, http2)
			resp, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			want(t, "HTTP/2", resp.ProtoMajor == 2, http2)
			want(t, "Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
			lines := bufio.NewReader(resp.Body)
			for range 2 {
				line, err := lines.ReadString('\n')
				wantErr(t, "read", err, nil)
				want(t, "line", line, "ann\n")
				read <- true
			}
		})
	}
}

func TestConnectionThatIsTakenOver(t *testing.T) {
	a := newApp(t, login.Options{})
	srv, r := a.serve(func(w http.ResponseWriter, r *http.Request) {
		u, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		wantErr(t, "Login", a.Login(r.Context(), u, login.Details{}), sessions.ErrHeadersSent)
		_, _ = fmt.Fprintf(rw, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n%s", u.Name)
		_ = rw.Flush()
	}, false)
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	want(t, "body", string(body), "ann")
}

// TestConnectionThatCannotBeTakenOver leaves the response as it is.
func TestConnectionThatCannotBeTakenOver(t *testing.T) {
	a := newApp(t, login.Options{})
	srv, r := a.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _, err := http.NewResponseController(w).Hijack()
		want(t, "Hijack is not supported", errors.Is(err, http.ErrNotSupported), true)
		u, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		_, _ = fmt.Fprint(w, u.Name)
	}, true)
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	want(t, "Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
}
