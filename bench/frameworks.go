package main

import (
	"net/http"

	contrib "github.com/labstack/echo-contrib/session"
	echo4 "github.com/labstack/echo/v4"
	"github.com/labstack/echo/v5"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	gorilla "github.com/gorilla/sessions"
	"github.com/quasoft/memstore"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echo4sessions"
	"github.com/gosessions/sessions/echosessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/ginsessions"
)

// framework is a web framework, and what is measured in it: this library, the
// framework's own sessions, and no sessions.
type framework struct {
	name  string
	sites []site
}

// Name returns the framework's name.
func (f framework) Name() string { return f.name }

var frameworks = []framework{
	{"gin", []site{inFramework("ginsessions", ginOurs), ginSite, without("gin", ginAlone)}},
	{"echo v5", []site{inFramework("echosessions", echoOurs), without("echo", echoAlone)}},
	{"echo v4", []site{inFramework("echo4sessions", echo4Ours), echo4Contrib, without("echo", echo4Alone)}},
	{"fiber", []site{inFramework("fibersessions", fiberOurs), fiberSite, without("fiber", fiberAlone)}},
}

// inFrameworks are the workloads that are measured in frameworks.
func inFrameworks() (all []workload) {
	for _, f := range frameworks {
		for _, w := range []workload{
			{name: "untouched, cookie present", does: greet},
			{name: "read one int", does: readInt},
			{name: "increment", does: increment},
		} {
			w.group, w.in = f.name, append(f.sites, sites[0])
			all = append(all, w)
		}
	}
	return complete(all)
}

// step adds to the counter and returns it; adding 0 only reads it.
func step(s *sessions.Session, add int) (int, error) {
	if add == 0 {
		return counterKey.Get(s)
	}
	return counterKey.Update(s, func(n int) int { return n + add })
}

// steps are the actions that are measured in frameworks, as steps.
var steps = map[action]int{fill: 1, readInt: 0, increment: 1}

// inFramework is this library in a framework. serve makes a page that makes a
// step, or one that asks for no session.
func inFramework(name string, serve func(m *sessions.Manager, add int, asks bool) page) site {
	return site{name: name, open: func() pages {
		m := must(sessions.New(inMemory(), sessions.Options{}))
		return func(does action, _ content) page {
			add, asks := steps[does]
			if !asks && does != greet {
				return nil
			}
			return serve(m, add, asks)
		}
	}}
}

// without is a framework without sessions.
func without(name string, serve func() page) site {
	return site{name: name + " alone", open: func() pages {
		return func(does action, _ content) page {
			if does != greet && does != fill {
				return nil
			}
			return serve()
		}
	}}
}

func newGin() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	return gin.New()
}

func ginHello(c *gin.Context) { hello(c.Writer, nil) }

func ginAlone() page {
	e := newGin()
	e.GET("/", ginHello)
	return e.Handler()
}

func ginOurs(m *sessions.Manager, add int, asks bool) page {
	e := newGin()
	e.Use(ginsessions.Wrap(m.Handler))
	if asks {
		e.GET("/", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) { reply(c.Writer, must(step(s, add))) }))
	} else {
		e.GET("/", ginHello)
	}
	return e.Handler()
}

func echoAlone() page {
	e := echo.New()
	e.GET("/", func(c *echo.Context) error { return c.Blob(http.StatusOK, "text/plain", ok) })
	return http.Handler(e)
}

func echoOurs(m *sessions.Manager, add int, asks bool) page {
	e := echo.New()
	e.Use(echosessions.Wrap(m.Handler))
	if asks {
		e.GET("/", echosessions.HandlerFunc(func(c *echo.Context, s *sessions.Session) error {
			return c.Blob(http.StatusOK, "text/plain", number(must(step(s, add))))
		}))
	} else {
		e.GET("/", func(c *echo.Context) error { return c.Blob(http.StatusOK, "text/plain", ok) })
	}
	return http.Handler(e)
}

func echo4Hello(c echo4.Context) error { return c.Blob(http.StatusOK, "text/plain", ok) }

func echo4Alone() page {
	e := echo4.New()
	e.GET("/", echo4Hello)
	return http.Handler(e)
}

func echo4Ours(m *sessions.Manager, add int, asks bool) page {
	e := echo4.New()
	e.Use(echo4sessions.Wrap(m.Handler))
	if asks {
		e.GET("/", echo4sessions.HandlerFunc(func(c echo4.Context, s *sessions.Session) error {
			return c.Blob(http.StatusOK, "text/plain", number(must(step(s, add))))
		}))
	} else {
		e.GET("/", echo4Hello)
	}
	return http.Handler(e)
}

var echo4Contrib = site{name: "echo-contrib", module: "github.com/labstack/echo-contrib", open: func() pages {
	var st gorilla.Store = memstore.NewMemStore(secret)
	return func(does action, _ content) page {
		e := echo4.New()
		e.Use(contrib.Middleware(st))
		add, asks := steps[does]
		switch {
		case does == greet:
			e.GET("/", echo4Hello)
		case !asks:
			return nil
		default:
			e.GET("/", func(c echo4.Context) error {
				s := must(contrib.Get("id", c))
				n, _ := s.Values["counter"].(int)
				if n += add; add > 0 {
					s.Values["counter"] = n
					check(s.Save(c.Request(), c.Response()))
				}
				return c.Blob(http.StatusOK, "text/plain", number(n))
			})
		}
		return http.Handler(e)
	}
}}

func fiberAlone() page {
	app := fiber.New()
	app.Get("/", func(c fiber.Ctx) error { return c.Send(ok) })
	return app.Handler()
}

func fiberOurs(m *sessions.Manager, add int, asks bool) page {
	app := fiber.New()
	app.Use(fibersessions.New(m))
	if asks {
		app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
			return c.Send(number(must(step(s, add))))
		}))
	} else {
		app.Get("/", func(c fiber.Ctx) error { return c.Send(ok) })
	}
	return app.Handler()
}
