package main

import (
	"net/http"

	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
)

var ginSite = site{name: "gin-contrib", module: "github.com/gin-contrib/sessions", few: true, open: func() pages {
	gin.SetMode(gin.ReleaseMode)
	st := memstore.NewStore(secret)
	return func(does action, c content) page {
		h := ginPage(does, c)
		if h == nil {
			return nil
		}
		e := gin.New()
		e.Use(sessions.Sessions("id", st))
		e.GET("/", h)
		return e.Handler()
	}
}}

func ginPage(does action, c content) gin.HandlerFunc {
	with := func(f func(w http.ResponseWriter, s sessions.Session)) gin.HandlerFunc {
		return func(c *gin.Context) { f(c.Writer, sessions.Default(c)) }
	}
	switch does {
	case greet:
		return func(c *gin.Context) { hello(c.Writer, nil) }
	case fill:
		return with(func(w http.ResponseWriter, s sessions.Session) {
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
			check(s.Save())
		})
	case readInt:
		return with(func(w http.ResponseWriter, s sessions.Session) {
			n, _ := s.Get("counter").(int)
			reply(w, n)
		})
	case increment:
		return with(func(w http.ResponseWriter, s sessions.Session) {
			n := s.Get("counter").(int) + 1
			s.Set("counter", n)
			check(s.Save())
			reply(w, n)
		})
	case readKey:
		return with(func(w http.ResponseWriter, s sessions.Session) { replyText(w, s.Get(c.middle()).(string)) })
	case writeKey:
		return with(func(w http.ResponseWriter, s sessions.Session) {
			v := c.next()
			s.Set(c.middle(), v)
			check(s.Save())
			replyText(w, v)
		})
	case visit:
		return with(func(w http.ResponseWriter, s sessions.Session) {
			p := s.Get("profile").(profile)
			p.Views++
			s.Set("profile", p)
			check(s.Save())
			reply(w, p.Views)
		})
	case begin:
		return with(func(w http.ResponseWriter, s sessions.Session) {
			s.Set("counter", 1)
			check(s.Save())
			reply(w, 1)
		})
	case whoami:
		return with(func(w http.ResponseWriter, s sessions.Session) { replyText(w, s.Get("user").(string)) })
	}
	return nil // there is no way to give a session a new id
}
