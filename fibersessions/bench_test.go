package fibersessions_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/valyala/fasthttp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/store/memstore"
)

// BenchmarkMiddleware compares the pages of an app without sessions, with those
// of this library, and with fiber's own, all in memory.
//
//	go test -run '^$' -bench Middleware -benchmem
func BenchmarkMiddleware(b *testing.B) {
	apps := []struct {
		name string
		app  func(testing.TB) *fiber.App
	}{{"none", appWithout}, {"sessions", appWithSessions}, {"fiber", appWithFiber}}
	for _, page := range []string{"untouched", "read", "increment"} {
		for _, a := range apps {
			if a.name == "none" && page != "untouched" {
				continue
			}
			b.Run(page+"/"+a.name, func(b *testing.B) { visit(b, a.app(b), page) })
		}
	}
}

// visit visits a page as a browser does that was there before.
func visit(b *testing.B, app *fiber.App, page string) {
	serve := app.Handler()
	var c fasthttp.RequestCtx
	c.Request.Header.Set("Host", "example.com")
	c.Request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	c.Request.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	c.Request.Header.Set("Accept-Language", "en-US,en;q=0.5")
	c.Request.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	c.Request.Header.Set("Sec-Fetch-Site", "same-origin")
	c.Request.Header.Set("Sec-Fetch-Mode", "navigate")
	c.Request.SetRequestURI("/increment")
	serve(&c)
	for name, line := range c.Response.Header.Cookies() {
		value, _, _ := strings.Cut(string(line), ";")
		_, value, _ = strings.Cut(value, "=")
		c.Request.Header.SetCookie(string(name), value)
	}
	request := new(fasthttp.Request)
	c.Request.SetRequestURI("/" + page)
	c.Request.CopyTo(request)
	b.ReportAllocs()
	for b.Loop() {
		c.ResetUserValues()
		c.Response.Reset()
		request.CopyTo(&c.Request)
		serve(&c)
		if c.Response.StatusCode() != fiber.StatusOK {
			b.Fatal(c.Response.String())
		}
	}
}

func appWithout(testing.TB) *fiber.App {
	app := fiber.New()
	app.Get("/increment", untouched)
	app.Get("/untouched", untouched)
	return app
}

func untouched(c fiber.Ctx) error { return c.SendString("ok") }

func appWithSessions(tb testing.TB) *fiber.App {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	const visits = sessions.Key[int]("visits")
	app := fiber.New()
	app.Use(fibersessions.New(m))
	app.Get("/untouched", untouched)
	app.Get("/read", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		n, err := visits.Get(s)
		if err != nil {
			return err
		}
		return c.SendString(strconv.Itoa(n))
	}))
	app.Get("/increment", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		n, err := visits.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.SendString(strconv.Itoa(n))
	}))
	return app
}

func appWithFiber(testing.TB) *fiber.App {
	app := fiber.New()
	app.Use(session.New())
	app.Get("/untouched", untouched)
	app.Get("/read", func(c fiber.Ctx) error {
		n, _ := session.FromContext(c).Get("visits").(int)
		return c.SendString(strconv.Itoa(n))
	})
	app.Get("/increment", func(c fiber.Ctx) error {
		s := session.FromContext(c)
		n, _ := s.Get("visits").(int)
		s.Set("visits", n+1)
		return c.SendString(strconv.Itoa(n + 1))
	})
	return app
}
