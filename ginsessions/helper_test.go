package ginsessions_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

const visits = sessions.Key[int]("visits")

// app is an engine with sessions in a store that fails on demand.
type app struct {
	*gin.Engine
	manager *sessions.Manager
	down    string           // the operations of the store that fail
	events  []sessions.Event // that are problems
}

// newApp returns an app; outside are the handlers outside of the sessions.
func newApp(t *testing.T, opts sessions.Options, outside ...gin.HandlerFunc) *app {
	t.Helper()
	a := &app{Engine: gin.New()}
	st := &faultstore.Store{Store: new(memstore.Store), Fault: func(_ int, op string) faultstore.Fault {
		if a.down != "" && strings.Contains(a.down, op) {
			return faultstore.Before
		}
		return faultstore.None
	}}
	opts.Cookie.InsecureHTTP = true
	opts.OnEvent = func(_ context.Context, e sessions.Event) {
		if e.Err != nil {
			a.events = append(a.events, e)
		}
	}
	var err error
	if a.manager, err = sessions.New(st, opts); err != nil {
		t.Fatal(err)
	}
	a.Use(outside...)
	a.Use(ginsessions.Wrap(a.manager.Handler))
	a.GET("/read", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) {
		n, err := visits.Get(s)
		c.String(http.StatusOK, "%d %v", n, err)
	}))
	return a
}

// count adds a visit.
func count(c *gin.Context) {
	s, err := sessions.Load(c.Request.Context())
	if err == nil {
		_, err = visits.Update(s, func(n int) int { return n + 1 })
	}
	if err != nil {
		panic(err)
	}
}

// client returns a function that gets a page of the app, and keeps cookies. The
// result is "status body".
func (a *app) client(t *testing.T) (get func(path string) string) {
	t.Helper()
	server := httptest.NewUnstartedServer(a)
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.Start()
	t.Cleanup(server.Close)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(path string) string {
		resp, err := client.Get(server.URL + path)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%d %s", resp.StatusCode, body)
	}
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
