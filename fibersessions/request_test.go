package fibersessions_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/encryptcookie"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/gofiber/fiber/v3/middleware/limiter"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
)

// TestRequest is the request that a server of net/http makes of the same bytes,
// except for what concerns the connection and the body.
func TestRequest(t *testing.T) {
	s := newSite(t, sessions.Options{})
	seen := make(chan *http.Request, 1)
	var body string
	see := func(r *http.Request) error {
		text, err := io.ReadAll(r.Body)
		body = string(text)
		seen <- r
		return err
	}
	addresses := map[string]string{}
	for name, config := range map[string]fiber.Config{"fiber": {}, "fiber, names as they come": {DisableHeaderNormalizing: true}} {
		app := fiber.New(config)
		app.Use(fibersessions.New(s.Manager))
		app.All("/*", func(c fiber.Ctx) error { return see(fibersessions.Request(c)) })
		addresses[name] = strings.TrimPrefix(serve(t, app, listen(t)), "http://")
	}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := see(r); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	addresses["net/http"] = server.Listener.Addr().String()

	for name, request := range map[string]string{
		"page":            "GET /a/b%20c?d=e%26f HTTP/1.1\r\nHost: example.com:8080\r\nAccept: text/html\r\n\r\n",
		"cookies":         "GET / HTTP/1.1\r\nHost: example.com\r\nCookie: id=a; id=\"b\"; c=d=e;f\r\nCookie: id=g\r\n\r\n",
		"form":            "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b",
		"repeated":        "GET / HTTP/1.1\r\nHost: example.com\r\nX-Token: a\r\nx-token: b\r\nAUTHORIZATION: Bearer c\r\n\r\n",
		"lower case":      "GET / HTTP/1.1\r\nhost: example.com\r\ncookie: id=a; b=c\r\naccept: text/html\r\n\r\n",
		"origin":          "POST / HTTP/1.1\r\nHost: example.com\r\nOrigin: https://example.com\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n",
		"target is a URL": "GET http://example.com/a?b HTTP/1.1\r\nHost: example.com\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]*http.Request{}
			bodies := map[string]string{}
			for server, address := range addresses {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(conn, request); err != nil {
					t.Fatal(err)
				}
				got[server] = <-seen
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				want(t, server+": status", resp.StatusCode, http.StatusOK)
				want(t, server+": RemoteAddr", got[server].RemoteAddr, conn.LocalAddr().String())
				want(t, server+": TLS", got[server].TLS, (*tls.ConnectionState)(nil))
				bodies[server] = body
				_ = conn.Close()
			}
			for server := range addresses {
				if diff := cmp.Diff(got["net/http"], got[server], cmpopts.IgnoreUnexported(http.Request{}),
					cmpopts.IgnoreFields(http.Request{}, "Body", "RemoteAddr", "ContentLength")); diff != "" {
					t.Errorf("-net/http +%s:\n%s", server, diff)
				}
				want(t, server+": body", bodies[server], bodies["net/http"])
			}
		})
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestTransports: the token comes in any header that the options name.
func TestTransports(t *testing.T) {
	s := newSite(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer(), sessions.Header("X-Id")}})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Get("/renew", fibersessions.HandlerFunc(func(_ fiber.Ctx, session *sessions.Session) error { return session.Renew() }))
	b := newBrowser(t, app)
	want(t, "cookie", b.get("/count"), "200 1")
	token := b.cookies["id"]
	b.cookies = nil
	want(t, "bearer", b.get("/count", "authorization", "bearer "+token), "200 2")
	want(t, "header", b.get("/count", "x-id", token), "200 3")
	resp := b.send(http.MethodGet, "/renew", "X-Id", token)
	want(t, "the new token comes in the header", len(resp.Header.Get("X-Id")), len(token))
	want(t, "cookies", len(resp.Cookies()), 0)
	want(t, "Vary", strings.Join(resp.Header["Vary"], ", "), "Cookie, Authorization, X-Id")
}

// TestResponseWithATokenIsKeptOutOfCaches, also if the handler says otherwise.
func TestResponseWithATokenIsKeptOutOfCaches(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		c.Set("Cache-Control", "public, max-age=60")
		c.Set("Surrogate-Control", "max-age=60")
		c.Vary("Accept")
		c.Cookie(&fiber.Cookie{Name: "other", Value: "1"})
		return count(c, session)
	}))
	b := newBrowser(t, app)
	for _, expected := range []map[string]string{
		{"Cache-Control": "no-store", "Surrogate-Control": "", "Vary": "Accept | Cookie"},
		{"Cache-Control": "public, max-age=60", "Surrogate-Control": "max-age=60", "Vary": "Accept | Cookie"},
	} {
		resp := b.send(http.MethodGet, "/")
		got := map[string]string{}
		for name := range expected {
			got[name] = strings.Join(slices.Sorted(slices.Values(resp.Header[name])), " | ")
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		want(t, "the other cookie", strings.HasPrefix(resp.Header["Set-Cookie"][0], "other=1;"), true)
	}
}

// TestOtherMiddleware of fiber, inside and outside.
func TestOtherMiddleware(t *testing.T) {
	for name, other := range map[string]fiber.Handler{
		"etag":          etag.New(),
		"limiter":       limiter.New(limiter.Config{Max: 100}),
		"encryptcookie": encryptcookie.New(encryptcookie.Config{Key: encryptcookie.GenerateKey(32)}),
	} {
		for _, inside := range []bool{false, true} {
			if inside && name == "encryptcookie" { // it would find cookies of others, which are not encrypted
				continue
			}
			s := newSite(t, sessions.Options{})
			app := fiber.New()
			if inside {
				app.Use(fibersessions.New(s.Manager), other)
			} else {
				app.Use(other, fibersessions.New(s.Manager))
			}
			app.Get("/count", fibersessions.HandlerFunc(count))
			app.Get("/seen", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
				_, err := counter.Update(session, func(n int) int { return n + 1 })
				if err != nil {
					return err
				}
				return c.SendString("seen")
			}))
			b := newBrowser(t, app)
			want(t, name+": a visit", b.get("/count"), "200 1")
			tag := b.send(http.MethodGet, "/seen").Header.Get("Etag")
			want(t, name+": a tag", tag != "", name == "etag")
			if tag != "" {
				want(t, name+": not modified", b.get("/seen", "If-None-Match", tag), "304")
			} else {
				b.get("/seen")
			}
			want(t, name+": the last visit", b.get("/count"), "200 4")
		}
	}
}

// TestStaticFiles cost no store operation.
func TestStaticFiles(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Use("/", static.New("."))
	b := newBrowser(t, app)
	b.get("/count")
	s.store.Ops()
	resp := b.send(http.MethodGet, "/go.mod")
	want(t, "the file", strings.HasPrefix(text(t, resp), "200 module "), true)
	want(t, "Vary", resp.Header.Get("Vary"), "Cookie")
	want(t, "a file that is not there", b.send(http.MethodGet, "/nothing").StatusCode, fiber.StatusNotFound)
	want(t, "store operations", s.store.Ops(), "")
}

// TestNothingPrintsTheToken, also not the context, which holds the request.
func TestNothingPrintsTheToken(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.auth))
	var printed string
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		printed = fmt.Sprintf("%v %+v %#v", c.Context(), c.Context(), c.Context())
		return count(c, session)
	}))
	b := newBrowser(t, app)
	b.get("/")
	b.get("/")
	want(t, "token in "+printed, strings.Contains(printed, b.cookies["id"]), false)
}
