package ginsessions_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// TestReportedErrorSavesNothing: a handler that reports an error and leaves the
// answer to middleware outside has failed, unless it has set a status.
func TestReportedErrorSavesNothing(t *testing.T) {
	answers := func(c *gin.Context) {
		c.Next()
		if len(c.Errors) > 0 && !c.Writer.Written() {
			c.JSON(http.StatusConflict, c.Errors.Last())
		}
	}
	for _, tc := range []struct {
		name    string
		outside gin.HandlerFunc
		status  int
		page    string
		session string
	}{
		{"middleware answers", answers, 0, `409 {"error":"no"}`, "200 0 <nil>"},
		{"nobody answers", func(*gin.Context) {}, 0, "500 ", "200 0 <nil>"},
		{"with a status of 200", func(*gin.Context) {}, 200, "200 ", "200 1 <nil>"},
		{"with a status of 422", func(*gin.Context) {}, 422, "422 ", "200 1 <nil>"},
		{"with a status of 502", answers, 502, `409 {"error":"no"}`, "200 0 <nil>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{}, tc.outside)
			a.GET("/", count, func(c *gin.Context) {
				_ = c.Error(errors.New("no"))
				if tc.status != 0 {
					c.Status(tc.status)
				}
			})
			get := a.client(t)
			want(t, "page", get("/"), tc.page)
			want(t, "session", get("/read"), tc.session)
		})
	}
}

// TestErrorInsideDecides: middleware inside that answers errors decides by its
// status whether changes are saved.
func TestErrorInsideDecides(t *testing.T) {
	for status, session := range map[int]string{http.StatusConflict: "200 1 <nil>", http.StatusBadGateway: "200 0 <nil>"} {
		a := newApp(t, sessions.Options{})
		a.GET("/", func(c *gin.Context) { c.Next(); c.JSON(status, c.Errors.Last()) }, count, func(c *gin.Context) {
			_ = c.Error(errors.New("no"))
		})
		get := a.client(t)
		want(t, "page", get("/"), fmt.Sprintf(`%d {"error":"no"}`, status))
		want(t, "session", get("/read"), session)
	}
}

// TestFailuresAreGinsErrors: what keeps a session from being loaded or saved is
// one error of the gin.Context, and middleware outside can write the page. It
// does not get the cause by accident.
func TestFailuresAreGinsErrors(t *testing.T) {
	for _, tc := range []struct {
		name     string
		down     string
		handlers []gin.HandlerFunc
	}{
		{"loaded by HandlerFunc", "load", []gin.HandlerFunc{
			ginsessions.HandlerFunc(func(*gin.Context, *sessions.Session) { panic("called") }),
			func(*gin.Context) { panic("not aborted") },
		}},
		{"loaded by KeyHandlerFunc", "load", []gin.HandlerFunc{
			ginsessions.KeyHandlerFunc(visits, func(*gin.Context, *sessions.Typed[int]) { panic("called") }),
			func(*gin.Context) { panic("not aborted") },
		}},
		{"saved before the body", "save", []gin.HandlerFunc{count, func(c *gin.Context) { c.JSON(http.StatusOK, "saved") }}},
		{"saved before the header", "save", []gin.HandlerFunc{count, func(c *gin.Context) { c.Status(http.StatusNoContent) }}},
		{"saved at the end", "save", []gin.HandlerFunc{count}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var failures []error
			a := newApp(t, sessions.Options{}, func(c *gin.Context) {
				c.Next()
				if len(c.Errors) == 0 {
					return
				}
				for _, err := range c.Errors {
					failures = append(failures, err)
				}
				c.JSON(-1, c.Errors.Last())
			})
			a.GET("/count", count)
			a.GET("/", tc.handlers...)
			get := a.client(t)
			want(t, "visit", get("/count"), "200 ")
			a.down = tc.down
			want(t, "page", get("/"), `503 {"error":"Service Unavailable"}`)
			if len(failures) != 1 || !errors.Is(failures[0], sessions.ErrUnavailable) || !errors.Is(failures[0], faultstore.ErrDown) {
				t.Errorf("c.Errors: %v, want the store's once", failures)
			}
			a.down = ""
			want(t, "session", get("/read"), "200 1 <nil>")
		})
	}
}

// TestManagerErrorAborts: a handler in the middle of a chain can answer.
func TestManagerErrorAborts(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", func(c *gin.Context) { a.manager.Error(c.Writer, c.Request, sessions.ErrConflict) }, func(*gin.Context) { panic("not aborted") })
	want(t, "page", a.client(t)("/"), "503 ")
}

// TestErrorHandlerReplacesTheAnswer: an ErrorHandler that writes by itself has
// answered, and the chain is aborted all the same.
func TestErrorHandlerReplacesTheAnswer(t *testing.T) {
	var reported int
	a := newApp(t, sessions.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "later", http.StatusServiceUnavailable)
	}}, func(c *gin.Context) { c.Next(); reported += len(c.Errors) })
	a.GET("/load", ginsessions.HandlerFunc(func(*gin.Context, *sessions.Session) { panic("called") }), func(*gin.Context) { panic("not aborted") })
	a.GET("/save", count, func(c *gin.Context) { c.Status(http.StatusNoContent) })
	get := a.client(t)
	want(t, "visit", get("/save"), "204 ")
	a.down = "load"
	want(t, "load", get("/load"), "503 later\n")
	a.down = "save"
	want(t, "save", get("/save"), "503 later\n")
	want(t, "errors", reported, 0)
}
