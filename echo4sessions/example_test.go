package echo4sessions_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echo4sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func Example() {
	const Visits = sessions.Key[int]("visits")
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(middleware.Recover(), echo4sessions.Wrap(manager.Handler))
	e.GET("/", echo4sessions.HandlerFunc(func(c echo.Context, s *sessions.Session) error {
		n, err := Visits.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, strconv.Itoa(n))
	}))

	visit := request("GET", "/")
	for range 2 {
		fmt.Println(serve(e, visit))
	}
	// Output:
	// 200 1
	// 200 2
}

func ExampleKeyHandlerFunc() {
	type Visitor struct{ Name string }
	const VisitorKey = sessions.Key[Visitor]("visitor")
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echo4sessions.Wrap(manager.Handler))
	e.GET("/", echo4sessions.KeyHandlerFunc(VisitorKey, func(c echo.Context, v *sessions.Typed[Visitor]) error {
		if name := c.QueryParam("name"); name != "" {
			v.Data.Name = name // is saved before the response begins
		}
		return c.String(http.StatusOK, "Hello, "+v.Data.Name)
	}))

	visit := request("GET", "/?name=Ann")
	fmt.Println(serve(e, visit))
	visit.URL.RawQuery = ""
	fmt.Println(serve(e, visit))
	// Output:
	// 200 Hello, Ann
	// 200 Hello, Ann
}

// Account is the application's type of a user.
type Account string

func (a Account) UserID() string        { return string(a) }
func (Account) SessionAuthHash() []byte { return nil } // or the hash of the password

// Accounts is where the application keeps its users.
type Accounts struct{}

func (Accounts) Authenticate(_ context.Context, name string) (Account, error) {
	if name != "ann" { // and checks the password
		return "", login.ErrCredentials
	}
	return "ann", nil
}

func (Accounts) User(_ context.Context, id string) (Account, error) { return Account(id), nil }

func ExampleUserHandlerFunc() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	key := sessions.Secret(rand.Text() + rand.Text()) // from the configuration
	auth, err := login.New(manager, Accounts{}, login.Options{HashKeys: []sessions.Secret{key}, LoginURL: "/login"})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echo4sessions.Wrap(auth.Handler)) // includes manager.Handler
	e.POST("/login", func(c echo.Context) error {
		ctx := c.Request().Context()
		a, err := auth.Authenticate(ctx, c.FormValue("name"))
		if err != nil {
			return err // 401; better: the form again
		}
		if err := auth.Login(ctx, a, login.Details{}); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, auth.Next(c.Request(), "/"))
	})
	e.GET("/account", echo4sessions.UserHandlerFunc(auth, func(c echo.Context, a Account) error {
		return c.String(http.StatusOK, "Hello, "+string(a))
	}))

	account := request("GET", "/account")
	fmt.Println(serve(e, account))
	for _, name := range []string{"eve", "ann"} {
		enter := request("POST", "/login?name="+name)
		fmt.Println(serve(e, enter))
		account.Header = enter.Header
	}
	fmt.Println(serve(e, account))
	// Output:
	// 303 <a href="/login?next=%2Faccount">See Other</a>.
	// 401 {"message":"Unauthorized"}
	// 303
	// 200 Hello, ann
}

// Groups and routes can have middleware of package login, too.
func ExampleWrap() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	key := sessions.Secret(rand.Text() + rand.Text()) // from the configuration
	auth, err := login.New(manager, Accounts{}, login.Options{HashKeys: []sessions.Secret{key}})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echo4sessions.Wrap(auth.Handler))
	members := e.Group("/members", echo4sessions.Wrap(auth.RequireLogin))
	members.GET("/list", func(c echo.Context) error {
		return c.String(http.StatusOK, "members only")
	})

	fmt.Println(serve(e, request("GET", "/members/list")))
	// Output: 401 {"message":"Unauthorized"}
}

func request(method, path string) *http.Request {
	return httptest.NewRequest(method, "https://example.com"+path, nil)
}

// serve returns the status and text of a response, and gives the cookies to the
// request, as a browser does with the next one.
func serve(e *echo.Echo, r *http.Request) string {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body))
}
