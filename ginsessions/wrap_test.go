package ginsessions_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/store/memstore"
)

// TestNoRoute: sessions work in handlers of NoRoute and NoMethod, and Gin's own
// answers stay.
func TestNoRoute(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.HandleMethodNotAllowed = true
	a.POST("/post", count)
	get := a.client(t)
	want(t, "no route", get("/nowhere"), "404 404 page not found")
	want(t, "no method", get("/post"), "405 405 method not allowed")
	a.NoRoute(func(c *gin.Context) { _ = c.Error(errors.New("no")) })
	want(t, "NoRoute with an error", get("/nowhere"), "404 404 page not found")
	a.NoRoute(count)
	want(t, "NoRoute", get("/nowhere"), "404 404 page not found")
	a.NoMethod(count, func(c *gin.Context) { c.String(http.StatusOK, "all right") })
	want(t, "NoMethod", get("/post"), "200 all right")
	want(t, "session", get("/read"), "200 2 <nil>")
	a.down = "save"
	want(t, "NoRoute, not saved", get("/nowhere"), "503 ")
}

// TestHandleContext: a path that another one was rewritten to still answers
// through the middleware of the first one.
func TestHandleContext(t *testing.T) {
	for _, page := range []string{"/status", "/body"} {
		a := newApp(t, sessions.Options{})
		second, err := sessions.New(new(memstore.Store), sessions.Options{Cookie: sessions.CookieOptions{Name: "second", InsecureName: true, InsecureHTTP: true}})
		if err != nil {
			t.Fatal(err)
		}
		group := a.Group("/", ginsessions.Wrap(second.Handler))
		group.GET("/status", count, func(c *gin.Context) { c.Status(http.StatusTeapot) })
		group.GET("/body", count, func(c *gin.Context) { c.String(http.StatusTeapot, "") })
		a.GET("/", func(c *gin.Context) {
			s, err := a.manager.Load(c.Request.Context())
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = visits.Update(s, func(n int) int { return n + 10 })
			c.Request.URL.Path = page
			a.HandleContext(c)
		})
		group.GET("/second", func(c *gin.Context) {
			s, _ := second.Load(c.Request.Context())
			n, err := visits.Get(s)
			c.String(http.StatusOK, "%d %v", n, err)
		})
		get := a.client(t)
		want(t, "page", get("/"), "418 ")
		want(t, "session", get("/read"), "200 10 <nil>")
		want(t, "session of the group", get("/second"), "200 1 <nil>")
		want(t, "problems", len(a.events), 0)
	}
}

// TestUploadLeavesNoFile: the server removes the files of a form, though it was
// the middleware's request that was parsed.
func TestUploadLeavesNoFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a := newApp(t, sessions.Options{})
	a.MaxMultipartMemory = 1
	a.POST("/", func(c *gin.Context) {
		c.Request = c.Request.WithContext(context.WithoutCancel(c.Request.Context())) // as handlers do
		file, err := c.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		c.String(http.StatusOK, file.Filename)
	})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "name.txt")
	_, _ = part.Write(make([]byte, 64<<10))
	_ = form.Close()
	server := httptest.NewServer(a)
	resp, err := http.Post(server.URL, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	server.Close()
	want(t, "page", string(got), "name.txt")
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

// TestRequestAndWriterAreRestored: middleware outside has its own again, also
// after a panic, and Recovery outside answers.
func TestRequestAndWriterAreRestored(t *testing.T) {
	restored := func(c *gin.Context) {
		request, writer := c.Request, c.Writer
		defer func() {
			if c.Request != request || c.Writer != writer {
				t.Error("they are not restored")
			}
		}()
		c.Next()
	}
	a := newApp(t, sessions.Options{}, gin.RecoveryWithWriter(io.Discard), restored)
	a.GET("/", count)
	a.GET("/panic", count, func(*gin.Context) { panic("no") })
	get := a.client(t)
	want(t, "page", get("/"), "200 ")
	want(t, "panic", get("/panic"), "500 ")
	want(t, "session", get("/read"), "200 1 <nil>")
}

// TestContext: c is the context of the session with ContextWithFallback, also as
// a copy in a goroutine.
func TestContext(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.ContextWithFallback = true
	a.GET("/", func(c *gin.Context) {
		done := make(chan error)
		go func(c *gin.Context) {
			s, err := a.manager.Load(c)
			if err == nil {
				err = visits.Set(s, 7)
			}
			done <- err
		}(c.Copy())
		c.String(http.StatusOK, "%v", <-done)
	})
	get := a.client(t)
	want(t, "page", get("/"), "200 <nil>")
	want(t, "session", get("/read"), "200 7 <nil>")
}
