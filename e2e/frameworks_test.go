package e2e_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const visits = sessions.Key[int]("visits")

// answer is what a handler answers by its request's context.
type answer func(context.Context) (string, error)

func visit(ctx context.Context) (string, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return "", err
	}
	n, err := visits.Update(s, func(n int) int { return n + 1 })
	return strconv.Itoa(n), err
}

// ServeHTTP makes it a handler of net/http.
func (p answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, err := p(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, n)
}

// middleware is the Handler of a sessions.Manager or of a login.Manager.
type middleware func(http.Handler) http.Handler

// frameworks are installed as the README's table has it. Those on net/http are
// in matrix_test.go.
var frameworks = map[string]func(middleware, answer) http.Handler{
	"echo": func(around middleware, p answer) http.Handler {
		e := echo.New()
		e.Use(echo.WrapMiddleware(around))
		e.GET("/", func(c echo.Context) error {
			n, err := p(c.Request().Context())
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, n)
		})
		return e
	},
	"gin": func(around middleware, p answer) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		engine := gin.New()
		engine.GET("/", func(c *gin.Context) {
			n, err := p(c.Request.Context())
			if err != nil {
				_ = c.AbortWithError(http.StatusInternalServerError, err)
				return
			}
			c.String(http.StatusOK, n)
		})
		return around(engine)
	},
}

func manager(t *testing.T) *sessions.Manager {
	t.Helper()
	m, err := sessions.New(new(memstore.Store), sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// countsToThree visits a page by a client that keeps cookies.
func countsToThree(t *testing.T, do func(*http.Request) (*http.Response, error), url string) {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	for _, count := range []string{"1", "2", "3"} {
		r := httptest.NewRequest("GET", url, nil)
		r.RequestURI = ""
		for _, c := range jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		resp, err := do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		jar.SetCookies(r.URL, resp.Cookies())
		want(t, "visits", string(body), count)
	}
}

func TestFrameworks(t *testing.T) {
	m := manager(t)
	auth := members(t, m)
	pages := map[string]struct {
		around middleware
		page   answer
	}{"sessions": {m.Handler, visit}, "login": {auth.Handler, func(ctx context.Context) (string, error) {
		_, ok, err := auth.User(ctx)
		if err == nil && !ok { // which begins to count anew
			err = auth.Login(ctx, "ann", login.Details{})
		}
		if err != nil {
			return "", err
		}
		return visit(ctx)
	}}}
	for what, p := range pages {
		for name, framework := range frameworks {
			t.Run(what+" in "+name, func(t *testing.T) {
				server := httptest.NewServer(framework(p.around, p.page))
				defer server.Close()
				countsToThree(t, server.Client().Do, server.URL+"/")
			})
		}
	}
}

// member is a user who needs no proof.
type member string

func (m member) UserID() string        { return string(m) }
func (member) SessionAuthHash() []byte { return nil }

type backend struct{}

func (backend) Authenticate(context.Context, struct{}) (member, error) {
	return "", login.ErrCredentials
}
func (backend) User(_ context.Context, id string) (member, error) { return member(id), nil }

func members(t *testing.T, m *sessions.Manager) *login.Manager[member, struct{}] {
	t.Helper()
	auth, err := login.New(m, backend{}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	return auth
}
