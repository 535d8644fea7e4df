package ginsessions_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/login"
)

// written is what a gin.ResponseWriter says about its response.
type written struct {
	Status, Size int
	Written      bool
}

func of(w gin.ResponseWriter) written { return written{w.Status(), w.Size(), w.Written()} }

// TestWriterTellsTheTruth: handlers inside and outside see what has become of the
// response, as in Gin.
func TestWriterTellsTheTruth(t *testing.T) {
	for _, tc := range []struct {
		name    string
		down    string
		handler gin.HandlerFunc
		inside  written // when the handler has returned
		outside written // after that
		client  string
	}{
		{name: "nothing", handler: func(*gin.Context) {},
			inside: written{200, -1, false}, outside: written{200, -1, false}, client: "200 "},
		{name: "a status", handler: func(c *gin.Context) { c.Status(http.StatusTeapot) },
			inside: written{418, -1, false}, outside: written{418, -1, false}, client: "418 "},
		{name: "two statuses", handler: func(c *gin.Context) { c.Status(http.StatusTeapot); c.Status(http.StatusNoContent) },
			inside: written{204, -1, false}, outside: written{204, -1, false}, client: "204 "},
		{name: "no status", handler: func(c *gin.Context) { c.Status(http.StatusTeapot); c.JSON(-1, 1) },
			inside: written{418, 1, true}, outside: written{418, 1, true}, client: "418 1"},
		{name: "a header", handler: func(c *gin.Context) { c.AbortWithStatus(http.StatusTeapot) },
			inside: written{418, 0, true}, outside: written{418, 0, true}, client: "418 "},
		{name: "a body", handler: func(c *gin.Context) { c.String(http.StatusAccepted, "four") },
			inside: written{202, 4, true}, outside: written{202, 4, true}, client: "202 four"},
		{name: "a string", handler: func(c *gin.Context) { _, _ = c.Writer.WriteString("four") },
			inside: written{200, 4, true}, outside: written{200, 4, true}, client: "200 four"},
		{name: "a flush", handler: func(c *gin.Context) { c.Status(http.StatusAccepted); c.Writer.Flush() },
			inside: written{202, 0, true}, outside: written{202, 0, true}, client: "202 "},
		{name: "a status after the body", handler: func(c *gin.Context) { c.String(http.StatusOK, "four"); c.Status(http.StatusTeapot) },
			inside: written{200, 4, true}, outside: written{200, 4, true}, client: "200 four"},
		{name: "a connection taken over", handler: takeOver,
			inside: written{200, 0, true}, outside: written{200, 0, true}, client: "200 four"},
		{name: "a body that is not saved", down: "create", handler: func(c *gin.Context) { c.String(http.StatusAccepted, "four") },
			inside: written{503, 0, true}, outside: written{503, -1, false}, client: "503 "},
		{name: "a flush that is not saved", down: "create", handler: func(c *gin.Context) { c.Writer.Flush() },
			inside: written{503, 0, true}, outside: written{503, 0, true}, client: "503 "},
		{name: "a status that is not saved", down: "create", handler: func(c *gin.Context) { c.Status(http.StatusNoContent) },
			inside: written{204, -1, false}, outside: written{503, -1, false}, client: "503 "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inside, outside := make(chan written, 1), make(chan written, 1)
			a := newApp(t, sessions.Options{}, func(c *gin.Context) { c.Next(); outside <- of(c.Writer) })
			a.down = tc.down
			a.GET("/", func(c *gin.Context) { c.Next(); inside <- of(c.Writer) }, count, tc.handler)
			want(t, "client", a.client(t)("/"), tc.client)
			want(t, "inside", <-inside, tc.inside)
			want(t, "outside", <-outside, tc.outside)
		})
	}
}

// takeOver writes the response to the connection.
func takeOver(c *gin.Context) {
	conn, _, err := c.Writer.Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour")
	_ = conn.Close()
}

// TestMiddlewareOutsideWritesTheBody: a status that is only noted lets middleware
// outside of the sessions answer, and the changes are saved before.
func TestMiddlewareOutsideWritesTheBody(t *testing.T) {
	a := newApp(t, sessions.Options{}, func(c *gin.Context) {
		c.Next()
		if !c.Writer.Written() && c.Writer.Status() == http.StatusNotFound {
			c.String(http.StatusNotFound, "not here")
		}
	})
	a.GET("/", count, func(c *gin.Context) { c.Status(http.StatusNotFound) })
	get := a.client(t)
	want(t, "page", get("/"), "404 not here")
	want(t, "session", get("/read"), "200 1 <nil>")
}

// upper is a gin.ResponseWriter as middleware has it.
type upper struct{ gin.ResponseWriter }

func (w upper) Write(p []byte) (int, error) { return w.ResponseWriter.Write(bytes.ToUpper(p)) }

// TestWriterInBetween: a writer of other middleware between two managers stays in
// its place.
func TestWriterInBetween(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.Use(func(c *gin.Context) { c.Writer = upper{c.Writer}; c.Next() })
	a.Use(ginsessions.Wrap(newAuth(t, login.Options{}).Handler))
	a.GET("/", count, func(c *gin.Context) { c.JSON(http.StatusOK, "page") })
	want(t, "page", a.client(t)("/"), `200 "PAGE"`)
}

// TestControllerReachesTheConnection: deadlines are the server's.
func TestControllerReachesTheConnection(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", func(c *gin.Context) {
		rc := http.NewResponseController(c.Writer)
		c.String(http.StatusOK, "%v", errors.Join(rc.SetWriteDeadline(time.Time{}), rc.EnableFullDuplex(), rc.Flush()))
	})
	want(t, "page", a.client(t)("/"), "200 <nil>")
}

// TestEarlyHints: informational responses go out before the handler's.
func TestEarlyHints(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", count, func(c *gin.Context) {
		c.Header("Link", "</style.css>; rel=preload")
		c.Writer.(interface{ Unwrap() http.ResponseWriter }).Unwrap().WriteHeader(http.StatusEarlyHints)
		c.String(http.StatusCreated, "page")
	})
	server := httptest.NewServer(a)
	defer server.Close()
	var hints []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		hints = append(hints, code)
		return nil
	}})
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	want(t, "informational", hints, []int{http.StatusEarlyHints})
	want(t, "status", resp.StatusCode, http.StatusCreated)
	want(t, "cookies", len(resp.Cookies()), 1)
}

// TestStreamOverHTTP2: the cookie comes with the first flush, and the handler
// notices that the client goes away.
func TestStreamOverHTTP2(t *testing.T) {
	a := newApp(t, sessions.Options{})
	gone := make(chan bool, 1)
	a.GET("/", count, func(c *gin.Context) {
		gone <- c.Stream(func(w io.Writer) bool {
			if c.Request.Context().Err() == nil {
				_, _ = io.WriteString(w, "part")
				c.Writer.Flush()
				<-c.Request.Context().Done()
			}
			return true // until Gin notices
		})
	})
	server := httptest.NewUnstartedServer(a)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "HTTP", resp.ProtoMajor, 2)
	want(t, "cookies", len(resp.Cookies()), 1)
	_ = resp.Body.Close() // the client goes away
	want(t, "the client has gone", <-gone, true)
}
