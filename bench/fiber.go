package main

import (
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
)

var fiberSite = site{name: "fiber", module: "github.com/gofiber/fiber/v3", few: true, open: func() pages {
	st := session.NewStore()
	st.RegisterType(profile{})
	return func(does action, c content) page {
		app := fiber.New()
		app.Use(session.New(session.Config{Store: st}))
		app.Get("/", fiberPage(does, c))
		return app.Handler()
	}
}}

func fiberPage(does action, c content) fiber.Handler {
	with := func(f func(s *session.Middleware) []byte) fiber.Handler {
		return func(c fiber.Ctx) error { return c.Send(f(session.FromContext(c))) }
	}
	switch does {
	case greet:
		return func(c fiber.Ctx) error { return c.Send(ok) }
	case fill:
		return with(func(s *session.Middleware) []byte {
			s.Set("counter", 1)
			if c.user {
				s.Set("user", user)
			}
			if c.profile {
				s.Set("profile", ann)
			}
			for i := range c.keys {
				s.Set(c.key(i), c.value)
			}
			return ok
		})
	case readInt:
		return with(func(s *session.Middleware) []byte {
			n, _ := s.Get("counter").(int)
			return number(n)
		})
	case increment:
		return with(func(s *session.Middleware) []byte {
			n := s.Get("counter").(int) + 1
			s.Set("counter", n)
			return number(n)
		})
	case readKey:
		return with(func(s *session.Middleware) []byte { return text(s.Get(c.middle()).(string)) })
	case writeKey:
		return with(func(s *session.Middleware) []byte {
			v := c.next()
			s.Set(c.middle(), v)
			return text(v)
		})
	case visit:
		return with(func(s *session.Middleware) []byte {
			p := s.Get("profile").(profile)
			p.Views++
			s.Set("profile", p)
			return number(p.Views)
		})
	case begin:
		return with(func(s *session.Middleware) []byte {
			s.Set("counter", 1)
			return number(1)
		})
	case renew:
		return with(func(s *session.Middleware) []byte {
			n, _ := s.Get("counter").(int)
			check(s.Regenerate())
			return number(n)
		})
	case whoami:
		return with(func(s *session.Middleware) []byte { return text(s.Get("user").(string)) })
	}
	return nil
}
