package fibersessions_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// Account is a user.
type Account struct{ Name, Password string }

func (a Account) UserID() string          { return a.Name }
func (a Account) SessionAuthHash() []byte { return []byte(a.Password) } // the hash of the password, in a real program

// Accounts finds users by their names.
type Accounts map[string]Account

func (as Accounts) Authenticate(_ context.Context, given Account) (Account, error) {
	a, ok := as[given.Name]
	if !ok || a.Password != given.Password { // compare with package login's hash, in a real program
		return Account{}, login.ErrCredentials
	}
	return a, nil
}

func (as Accounts) User(_ context.Context, id string) (Account, error) {
	a, ok := as[id]
	if !ok {
		return Account{}, login.ErrNoUser
	}
	return a, nil
}

func ExampleUserHandlerFunc() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	accounts := Accounts{"ann": {"ann", "secret"}}
	auth, err := login.New(manager, accounts, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}, LoginURL: "/login"}) // use a random key
	if err != nil {
		log.Fatal(err)
	}

	app := fiber.New()
	app.Use(fibersessions.New(auth))
	app.Post("/login", func(c fiber.Ctx) error {
		a, err := auth.Authenticate(c.Context(), Account{c.FormValue("name"), c.FormValue("password")})
		if err != nil {
			return err
		}
		if err := auth.Login(c.Context(), a, login.Details{}); err != nil {
			return err
		}
		return c.Redirect().Status(fiber.StatusSeeOther).To(auth.Next(fibersessions.Request(c), "/"))
	})
	app.Get("/account", fibersessions.UserHandlerFunc(auth, func(c fiber.Ctx, a Account) error {
		return c.SendString("Hello " + a.Name)
	}))
	members := app.Group("/members", fibersessions.Wrap(auth.RequireLogin))
	members.Get("/", func(c fiber.Ctx) error { return c.SendString("for members") })

	cookie := ""
	for _, request := range []string{
		"GET /account", "POST /login?name=ann&password=guess", "POST /login?name=ann&password=secret&next=%2Faccount",
		"GET /account", "GET /members/",
	} {
		var method, path string
		_, _ = fmt.Sscan(request, &method, &path)
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("X-Forwarded-Proto", "https") // as a proxy in front says
		r.Header.Set("Cookie", cookie)
		resp, err := app.Test(r)
		if err != nil {
			log.Fatal(err)
		}
		for _, c := range resp.Cookies() {
			cookie = c.Name + "=" + c.Value
		}
		fmt.Printf("%s: %d to %q\n", method, resp.StatusCode, resp.Header.Get("Location"))
	}
	// Output:
	// GET: 303 to "/login?next=%2Faccount"
	// POST: 401 to ""
	// POST: 303 to "/account"
	// GET: 200 to ""
	// GET: 200 to ""
}
