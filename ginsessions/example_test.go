package ginsessions_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func Example() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	const counter = sessions.Key[int]("counter")
	engine := gin.New()
	engine.Use(ginsessions.Wrap(manager.Handler))
	engine.GET("/", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) {
		n, err := counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			_ = c.AbortWithError(http.StatusInternalServerError, err)
			return
		}
		c.String(http.StatusOK, "visit %d", n)
	}))

	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Body, w.Result().Cookies()[0].Name)
	// Output: visit 1 __Host-id
}

func ExampleKeyHandlerFunc() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	type Visitor struct {
		Name  string
		Views int
	}
	const visitor = sessions.Key[Visitor]("visitor")
	engine := gin.New()
	engine.Use(ginsessions.Wrap(manager.Handler))
	engine.GET("/", ginsessions.KeyHandlerFunc(visitor, func(c *gin.Context, v *sessions.Typed[Visitor]) {
		v.Data.Views++
		v.Data.Name = c.DefaultQuery("name", v.Data.Name)
		c.JSON(http.StatusOK, v.Data)
	}))

	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest("GET", "/?name=ann", nil))
	fmt.Println(w.Body)
	// Output: {"Name":"ann","Views":1}
}

// ExampleUserHandlerFunc has a type of user of its own.
func ExampleUserHandlerFunc() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := login.New(manager, accounts{}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}})
	if err != nil {
		log.Fatal(err)
	}
	engine := gin.New()
	engine.Use(ginsessions.Wrap(auth.Handler))
	engine.POST("/login", func(c *gin.Context) {
		a, err := auth.Authenticate(c.Request.Context(), c.Query("name"))
		if err == nil {
			err = auth.Login(c.Request.Context(), a, login.Details{})
		}
		if err != nil {
			auth.Error(c.Writer, c.Request, err)
			return
		}
		c.Redirect(http.StatusSeeOther, "/account")
	})
	engine.GET("/account", ginsessions.UserHandlerFunc(auth, func(c *gin.Context, a account) {
		c.String(http.StatusOK, "hello %s", a)
	}))

	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest("POST", "/login?name=ann", nil))
	r := httptest.NewRequest("GET", w.Header().Get("Location"), nil)
	r.AddCookie(w.Result().Cookies()[0])
	w = httptest.NewRecorder()
	engine.ServeHTTP(w, r)
	fmt.Println(w.Body)
	w = httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest("GET", "/account", nil))
	fmt.Println(w.Code)
	// Output:
	// hello ann
	// 401
}

type account string

func (a account) UserID() string        { return string(a) }
func (account) SessionAuthHash() []byte { return nil } // nothing that could change

type accounts struct{}

func (accounts) Authenticate(_ context.Context, name string) (account, error) {
	if name != "ann" {
		return "", login.ErrCredentials
	}
	return account(name), nil
}

func (accounts) User(_ context.Context, id string) (account, error) { return account(id), nil }

// ExampleWrap_errors has middleware outside of the sessions that writes the
// pages of errors.
func ExampleWrap_errors() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{MaxBytes: 10})
	if err != nil {
		log.Fatal(err)
	}
	const note = sessions.Key[string]("note")
	engine := gin.New()
	engine.Use(func(c *gin.Context) {
		c.Next()
		if len(c.Errors) > 0 && !c.Writer.Written() {
			c.JSON(c.Writer.Status(), gin.H{"error": http.StatusText(c.Writer.Status())})
		}
	})
	engine.Use(ginsessions.Wrap(manager.Handler))
	engine.POST("/note", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) {
		if err := note.Set(s, "more than ten bytes"); err != nil {
			c.Status(http.StatusRequestEntityTooLarge)
			_ = c.Error(err)
			return
		}
		c.Status(http.StatusNoContent)
	}))

	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest("POST", "/note", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 413 {"error":"Request Entity Too Large"}
}
