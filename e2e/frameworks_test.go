package e2e_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

const visits = sessions.Key[int]("visits")

func visit(s *sessions.Session) (string, error) {
	n, err := visits.Update(s, func(n int) int { return n + 1 })
	return strconv.Itoa(n), err
}

// counting is the page as net/http has it.
var counting = sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	n, err := visit(s)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, n)
})

// frameworks are installed as the README's table has it.
var frameworks = map[string]func(*sessions.Manager) http.Handler{
	"ServeMux": func(m *sessions.Manager) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("GET /{$}", counting)
		return m.Handler(mux)
	},
	"chi": func(m *sessions.Manager) http.Handler {
		r := chi.NewRouter()
		r.Use(m.Handler)
		r.Method("GET", "/", counting)
		return r
	},
	"echo": func(m *sessions.Manager) http.Handler {
		e := echo.New()
		e.Use(echo.WrapMiddleware(m.Handler))
		e.GET("/", func(c echo.Context) error {
			s, err := sessions.Load(c.Request().Context())
			if err != nil {
				return err
			}
			n, err := visit(s)
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, n)
		})
		return e
	},
	"gin": func(m *sessions.Manager) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		engine := gin.New()
		engine.GET("/", func(c *gin.Context) {
			s, err := sessions.Load(c.Request.Context())
			if err != nil {
				_ = c.AbortWithError(http.StatusInternalServerError, err)
				return
			}
			n, err := visit(s)
			if err != nil {
				_ = c.AbortWithError(http.StatusInternalServerError, err)
				return
			}
			c.String(http.StatusOK, n)
		})
		return m.Handler(engine)
	},
}

func manager(t *testing.T) *sessions.Manager {
	t.Helper()
	m, err := sessions.New(new(memstore.Store), sessions.Options{InsecureHTTP: true})
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
	for name, framework := range frameworks {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(framework(manager(t)))
			defer server.Close()
			countsToThree(t, server.Client().Do, server.URL+"/")
		})
	}
	t.Run("fiber", func(t *testing.T) {
		mux := http.NewServeMux()
		mux.Handle("GET /{$}", counting)
		app := fiber.New()
		app.All("/*", adaptor.HTTPHandler(manager(t).Handler(mux)))
		do := func(r *http.Request) (*http.Response, error) { return app.Test(r) }
		countsToThree(t, do, "http://localhost/")
	})
}
