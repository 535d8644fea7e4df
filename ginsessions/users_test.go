package ginsessions_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// user is a user who needs no password and has one permission: their own name.
type user string

func (u user) UserID() string        { return string(u) }
func (user) SessionAuthHash() []byte { return nil }

type users struct{}

func (users) Authenticate(_ context.Context, name string) (user, error) { return user(name), nil }
func (users) User(_ context.Context, id string) (user, error)           { return user(id), nil }
func (users) UserPermissions(_ context.Context, u user) ([]string, error) {
	return []string{string(u)}, nil
}
func (users) GroupPermissions(context.Context, user) (names []string, err error) { return nil, nil }

func newAuth(t *testing.T, opts login.Options) *login.Manager[user, string] {
	t.Helper()
	manager, err := sessions.New(new(memstore.Store), sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	if err != nil {
		t.Fatal(err)
	}
	opts.HashKeys = []sessions.Secret{make([]byte, 32)}
	auth, err := login.New(manager, users{}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// TestUsers: the middleware of package login lets handlers be called or not, and
// what it refuses is an error of Gin.
func TestUsers(t *testing.T) {
	auth := newAuth(t, login.Options{})
	permissions, err := login.NewPermissions(auth, users{})
	if err != nil {
		t.Fatal(err)
	}
	a := &app{Engine: gin.New()}
	var reported []string
	a.Use(func(c *gin.Context) {
		c.Next()
		reported = c.Errors.Errors()
	}, ginsessions.Wrap(auth.Handler))
	a.GET("/login/:name", func(c *gin.Context) {
		if err := auth.Login(c.Request.Context(), user(c.Param("name")), login.Details{}); err != nil {
			auth.Error(c.Writer, c.Request, err)
		}
	})
	hello := ginsessions.UserHandlerFunc(auth, func(c *gin.Context, u user) { c.String(http.StatusOK, "hello %s", u) })
	a.GET("/", hello, func(c *gin.Context) { c.String(http.StatusOK, " again") })
	a.Group("/user", ginsessions.Wrap(auth.RequireLogin)).GET("", hello)
	a.Group("/recent", ginsessions.Wrap(auth.RequireRecent(time.Hour))).GET("", hello)
	a.Group("/admin", ginsessions.Wrap(auth.RequireLogin), ginsessions.Wrap(permissions.Require("ann"))).GET("", hello)
	get := a.client(t)
	for _, tc := range []struct{ path, page, reported string }{
		{"/", "401 ", "login: not signed in"},
		{"/user", "401 ", "login: not signed in"},
		{"/recent", "401 ", "login: not signed in"},
		{"/admin", "401 ", "login: not signed in"},
		{"/login/ben", "200 ", ""},
		{"/", "200 hello ben again", ""},
		{"/user", "200 hello ben", ""},
		{"/recent", "200 hello ben", ""},
		{"/admin", "403 ", "login: forbidden: permission ann is missing"},
		{"/login/ann", "200 ", ""},
		{"/admin", "200 hello ann", ""},
	} {
		want(t, tc.path, get(tc.path), tc.page)
		want(t, tc.path+": errors", strings.Join(reported, "; "), tc.reported)
	}
}

// TestLoginPage: visitors are redirected to it, and the chain is aborted.
func TestLoginPage(t *testing.T) {
	auth := newAuth(t, login.Options{LoginURL: "/login"})
	engine := gin.New()
	engine.Use(ginsessions.Wrap(auth.Handler))
	called := func(*gin.Context) { t.Error("the chain is not aborted") }
	engine.GET("/func", ginsessions.UserHandlerFunc(auth, func(*gin.Context, user) { t.Error("called") }), called)
	engine.GET("/group", ginsessions.Wrap(auth.RequireLogin), called)
	for _, path := range []string{"/func", "/group"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, r)
		want(t, path, w.Code, http.StatusSeeOther)
		want(t, path+": Location", w.Header().Get("Location"), "/login?next=%2F"+path[1:])
	}
}

// TestMissingMiddleware: the answer is 500, and the error says what to install.
func TestMissingMiddleware(t *testing.T) {
	auth := newAuth(t, login.Options{OnEvent: func(context.Context, login.Event) {}})
	for _, tc := range []struct {
		needs   string
		handler gin.HandlerFunc
	}{
		{"manager.Handler", ginsessions.HandlerFunc(func(*gin.Context, *sessions.Session) { t.Error("called") })},
		{"manager.Handler", ginsessions.KeyHandlerFunc(visits, func(*gin.Context, *sessions.Typed[int]) { t.Error("called") })},
		{"auth.Handler", ginsessions.UserHandlerFunc(auth, func(*gin.Context, user) { t.Error("called") })},
	} {
		var reported string
		engine := gin.New()
		engine.Use(func(c *gin.Context) { c.Next(); reported = c.Errors.String() })
		engine.GET("/", tc.handler, func(*gin.Context) { t.Error("the chain is not aborted") })
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		want(t, "status", w.Code, http.StatusInternalServerError)
		if remedy := "call engine.Use(ginsessions.Wrap(" + tc.needs + "))"; !strings.Contains(reported, remedy) {
			t.Errorf("c.Errors: %q, want one with %q", reported, remedy)
		}
	}
}

// TestHandlerAroundTheEngine: the functions for handlers work without Wrap, too,
// if the middleware is around the engine.
func TestHandlerAroundTheEngine(t *testing.T) {
	a := newApp(t, sessions.Options{})
	var reported string
	engine := gin.New()
	engine.Use(func(c *gin.Context) { c.Next(); reported = c.Errors.String() })
	engine.GET("/", ginsessions.KeyHandlerFunc(visits, func(c *gin.Context, v *sessions.Typed[int]) {
		v.Data++
		c.JSON(http.StatusOK, v.Data)
	}))
	h := a.manager.Handler(engine)
	first := httptest.NewRecorder()
	h.ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/", nil))
	want(t, "page", first.Body.String(), "1")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(first.Result().Cookies()[0])
	a.down = "load"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	want(t, "status", w.Code, http.StatusServiceUnavailable)
	if strings.Contains(reported, "Use(") || !strings.Contains(reported, "down") {
		t.Errorf("c.Errors: %q, want the store's", reported)
	}

	auth := newAuth(t, login.Options{})
	engine.GET("/user", ginsessions.Wrap(auth.RequireLogin), func(c *gin.Context) { t.Error("nobody is let through") })
	w = httptest.NewRecorder()
	auth.Handler(engine).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/user", nil))
	want(t, "status", w.Code, http.StatusUnauthorized)
	want(t, "c.Errors", reported, "Error #01: login: not signed in\n     Meta: map[error:Unauthorized]\n")
}
