package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echosessions"
	"github.com/gosessions/sessions/login"
)

// Visits is a typed value, and Flash is a message that is shown once.
const (
	Visits = sessions.Key[int]("visits")
	Flash  = sessions.Key[string]("flash")
)

// account is a user of the site.
type account string

func (a account) UserID() string        { return string(a) }
func (account) SessionAuthHash() []byte { return nil } // nothing can change

// name is what a user signs in with. A real site asks for a password as well.
type name string

// accounts knows every user who has a name.
type accounts struct{}

func (accounts) Authenticate(_ context.Context, n name) (account, error) {
	if n == "" || len(n) > 30 {
		return "", login.ErrCredentials
	}
	return account(n), nil
}

func (accounts) User(_ context.Context, id string) (account, error) { return account(id), nil }

type manager = login.Manager[account, name]

// site returns the app.
func site(auth *manager) *echo.Echo {
	e := echo.New()
	e.Use(middleware.Recover(), middleware.BodyLimit(16<<10), echosessions.Wrap(auth.Handler))
	e.GET("/", echosessions.HandlerFunc(func(c *echo.Context, s *sessions.Session) error { return home(c, s, auth) }))
	e.POST("/login", func(c *echo.Context) error { return enter(c, auth) })
	e.POST("/logout", func(c *echo.Context) error { return leave(c, auth) })
	members := e.Group("/members", echosessions.Wrap(auth.RequireLogin))
	members.GET("/time", func(c *echo.Context) error { return stream(c, auth) })
	return e
}

var page = template.Must(template.New("").Parse(`<!DOCTYPE html>
<title>echo</title>
{{with .Flash}}<p><strong>{{.}}</strong></p>{{end}}
<p>Visits: {{.Visits}}</p>
{{with .User}}
<p>You're signed in as {{.}}. The time is <span id="time"></span></p>
<form method="post" action="/logout"><button>Sign out</button></form>
<script>
new EventSource("/members/time").onmessage = e => document.getElementById("time").textContent = e.data
</script>
{{else}}
<form method="post" action="/login"><input name="name" placeholder="Your name" required> <button>Sign in</button></form>
{{end}}
`))

// home counts the visit.
func home(c *echo.Context, s *sessions.Session, auth *manager) error {
	visits, err := Visits.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		return err
	}
	flash, _, err := Flash.Take(s)
	if err != nil {
		return err
	}
	u, _, err := auth.User(c.Request().Context())
	if err != nil {
		return err
	}
	var html strings.Builder
	if err := page.Execute(&html, map[string]any{"Visits": visits, "Flash": flash, "User": u}); err != nil {
		return err
	}
	return c.HTML(http.StatusOK, html.String())
}

func enter(c *echo.Context, auth *manager) error {
	ctx := c.Request().Context()
	u, err := auth.Authenticate(ctx, name(c.FormValue("name")))
	if errors.Is(err, login.ErrCredentials) {
		return message(c, "Enter a name of up to 30 characters.")
	}
	if err == nil {
		err = auth.Login(ctx, u, login.Details{})
	}
	if err != nil {
		return err
	}
	return message(c, "Welcome, "+string(u)+".")
}

func leave(c *echo.Context, auth *manager) error {
	if err := auth.Logout(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// message shows a message on the next page.
func message(c *echo.Context, text string) error {
	s, err := sessions.Load(c.Request().Context())
	if err != nil {
		return err
	}
	if err := Flash.Set(s, text); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// stream sends the time until the user has signed out.
func stream(c *echo.Context, auth *manager) error {
	ctx, w := c.Request().Context(), c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if _, err := fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.TimeOnly)); err != nil {
			return err
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, ok, err := auth.Fresh(ctx); err != nil || !ok {
			return err // the client connects again
		}
	}
}
