package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
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

// site returns the app. Its streams end with ctx.
func site(ctx context.Context, auth *manager) *fiber.App {
	app := fiber.New(fiber.Config{ReadTimeout: 10 * time.Second, BodyLimit: 16 << 10})
	app.Use(recover.New(), fibersessions.New(auth))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error { return home(c, s, auth) }))
	app.Post("/login", func(c fiber.Ctx) error { return enter(c, auth) })
	app.Post("/logout", func(c fiber.Ctx) error { return leave(c, auth) })
	members := app.Group("/members", fibersessions.Wrap(auth.RequireLogin))
	members.Get("/time", func(c fiber.Ctx) error { return stream(ctx, c, auth) })
	return app
}

var page = template.Must(template.New("").Parse(`<!DOCTYPE html>
<title>fiber</title>
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
func home(c fiber.Ctx, s *sessions.Session, auth *manager) error {
	visits, err := Visits.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		return err
	}
	flash, _, err := Flash.Take(s)
	if err != nil {
		return err
	}
	u, _, err := auth.User(c.Context())
	if err != nil {
		return err
	}
	var html strings.Builder
	if err := page.Execute(&html, map[string]any{"Visits": visits, "Flash": flash, "User": u}); err != nil {
		return err
	}
	return c.Type("html", "utf-8").SendString(html.String())
}

func enter(c fiber.Ctx, auth *manager) error {
	u, err := auth.Authenticate(c.Context(), name(c.FormValue("name")))
	if errors.Is(err, login.ErrCredentials) {
		return message(c, "Enter a name of up to 30 characters.")
	}
	if err == nil {
		err = auth.Login(c.Context(), u, login.Details{})
	}
	if err != nil {
		return err
	}
	return message(c, "Welcome, "+string(u)+".")
}

func leave(c fiber.Ctx, auth *manager) error {
	if err := auth.Logout(c.Context()); err != nil {
		return err
	}
	return c.Redirect().Status(fiber.StatusSeeOther).To("/")
}

// message shows a message on the next page.
func message(c fiber.Ctx, text string) error {
	s, err := sessions.Load(c.Context())
	if err != nil {
		return err
	}
	if err := Flash.Set(s, text); err != nil {
		return err
	}
	return c.Redirect().Status(fiber.StatusSeeOther).To("/")
}

// stream sends the time until the user has signed out or ended ends.
func stream(ended context.Context, c fiber.Ctx, auth *manager) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextEventStream)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return fibersessions.SendStreamWriter(c, func(ctx context.Context, w *bufio.Writer) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			_, _ = fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.TimeOnly))
			if w.Flush() != nil {
				return // the client has gone
			}
			select {
			case <-ended.Done():
				return
			case <-tick.C:
			}
			if _, ok, err := auth.Fresh(ctx); err != nil || !ok {
				return // the client connects again
			}
		}
	})
}
