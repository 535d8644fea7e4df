package main

import (
	"html/template"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/login"
)

const (
	visits  = sessions.Key[int]("visits")
	message = sessions.Key[string]("message") // is shown once
)

type manager = login.Manager[user, string]

var home = template.Must(template.New("home").Parse(`<!DOCTYPE html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Sessions in Gin</title>
{{with .Message}}<p role="status">{{.}}</p>{{end}}
<p>visit {{.Visits}}</p>
{{if .User}}
<p>You're signed in as {{.User}}. <a href="/account">Account</a>, <a href="/events">events</a></p>
<form method="post" action="/logout"><button>Sign out</button></form>
{{else}}
<form method="post" action="/login"><label>Name <input name="name" required></label> <button>Sign in</button></form>
{{end}}
</html>
`))

func site(auth *manager) http.Handler {
	engine := gin.New()
	engine.SetHTMLTemplate(home)
	engine.Use(gin.Logger(), gin.Recovery(), showErrors, ginsessions.Wrap(auth.Handler))
	engine.GET("/", ginsessions.HandlerFunc(showHome(auth)))
	engine.POST("/login", ginsessions.HandlerFunc(signIn(auth)))
	engine.POST("/logout", func(c *gin.Context) {
		if err := auth.Logout(c.Request.Context()); err != nil {
			auth.Error(c.Writer, c.Request, err)
			return
		}
		c.Redirect(http.StatusSeeOther, "/")
	})
	members := engine.Group("/", ginsessions.Wrap(auth.RequireLogin))
	members.GET("/account", ginsessions.UserHandlerFunc(auth, func(c *gin.Context, u user) {
		c.String(http.StatusOK, "Hello, %s.\n", u)
	}))
	members.GET("/events", events(auth))
	return engine
}

// showErrors writes the page of a request that has failed.
func showErrors(c *gin.Context) {
	c.Next()
	if len(c.Errors) > 0 && !c.Writer.Written() {
		c.String(c.Writer.Status(), "%s\n", http.StatusText(c.Writer.Status()))
	}
}

// showHome counts the visit.
func showHome(auth *manager) func(*gin.Context, *sessions.Session) {
	return func(c *gin.Context, s *sessions.Session) {
		n, err := visits.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			_ = c.Error(err)
			return
		}
		note, _, err := message.Take(s)
		if err != nil {
			_ = c.Error(err)
			return
		}
		u, _, err := auth.User(c.Request.Context())
		if err != nil {
			auth.Error(c.Writer, c.Request, err)
			return
		}
		if c.NegotiateFormat(gin.MIMEPlain, gin.MIMEHTML) == gin.MIMEHTML {
			c.HTML(http.StatusOK, "home", gin.H{"Visits": n, "Message": note, "User": u})
			return
		}
		if note != "" {
			note += "\n"
		}
		c.String(http.StatusOK, "%svisit %d\n", note, n)
	}
}

func signIn(auth *manager) func(*gin.Context, *sessions.Session) {
	return func(c *gin.Context, s *sessions.Session) {
		u, err := auth.Authenticate(c.Request.Context(), c.PostForm("name"))
		if err == nil {
			err = auth.Login(c.Request.Context(), u, login.Details{})
		}
		if err != nil {
			auth.Error(c.Writer, c.Request, err)
			return
		}
		if err := message.Set(s, "Welcome, "+string(u)+"."); err != nil {
			_ = c.Error(err)
			return
		}
		c.Redirect(http.StatusSeeOther, auth.Next(c.Request, "/"))
	}
}

// events sends the user's name every second, until they have signed out.
func events(auth *manager) gin.HandlerFunc {
	return func(c *gin.Context) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		c.Stream(func(io.Writer) bool {
			u, ok, err := auth.Fresh(c.Request.Context())
			if err != nil || !ok {
				return false
			}
			c.SSEvent("user", u)
			c.Writer.Flush()
			select {
			case <-c.Request.Context().Done():
				return false
			case <-tick.C:
				return true
			}
		})
	}
}
