package echo4sessions_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echo4sessions"
	"github.com/gosessions/sessions/login"
)

// TestRefusals: the middleware of package login refuses as the app does, on
// groups and routes, and middleware outside sees why.
func TestRefusals(t *testing.T) {
	a := newApp(t)
	var outside entry
	a.Use(logger(&outside), echo4sessions.Wrap(a.auth.Handler))
	a.routes()
	group := a.Group("/members", echo4sessions.Wrap(a.auth.RequireLogin))
	page := func(c echo.Context) error { return c.String(http.StatusOK, "members only") }
	group.GET("/page", page)
	refuse := a.auth.RequirePredicate(func(r *http.Request, _ user) (bool, error) {
		return r.PathValue("id") == "1", nil
	})
	a.GET("/item/:id", page, echo4sessions.Wrap(refuse))
	a.POST("/form", page)
	b := a.browser(t)
	check := func(name string, r response, status int, text string) {
		t.Helper()
		if r.StatusCode != status || r.text != text {
			t.Errorf("%s: got %d, %q; want %d, %q", name, r.StatusCode, r.text, status, text)
		}
		if status >= 400 && (outside.Status != status || !outside.Committed || outside.Code != status || outside.Size != int64(len(text))) {
			t.Errorf("%s: the logger got %+v", name, outside)
		}
	}
	check("a script", b.send("GET", "/members/page", "", "Accept", "application/json"), 401, `{"message":"Unauthorized"}`+"\n")
	check("a person", b.get("/members/page"), 303, "<a href=\"/login?next=%2Fmembers%2Fpage\">See Other</a>.\n\n")
	check("a form of another site", b.send("POST", "/form", "", "Sec-Fetch-Site", "cross-site"), 403,
		`{"message":"Forbidden"}`+"\n")
	b.get("/enter")
	check("a member", b.get("/members/page"), 200, "members only")
	check("a predicate", b.get("/item/2"), 403, `{"message":"Forbidden"}`+"\n")
	check("its path value", b.get("/item/1"), 200, "members only")
	if !slices.ContainsFunc(a.events, func(e login.Event) bool { return e.Kind == login.EventForbidden && e.Pattern == "/item/:id" }) {
		t.Errorf("no event has the pattern: %v", a.events)
	}
}

// TestMiddlewareIsBuiltOnce: it may keep something between requests, such as how
// often somebody has asked.
func TestMiddlewareIsBuiltOnce(t *testing.T) {
	a := newApp(t)
	a.Use(echo4sessions.Wrap(func(next http.Handler) http.Handler {
		asked := 0
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("X-Asked", strconv.Itoa(asked))
			next.ServeHTTP(w, r)
		})
	}))
	a.GET("/", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	b := a.browser(t)
	b.get("/")
	if r := b.get("/"); r.Header.Get("X-Asked") != "2" {
		t.Errorf("got %q, want 2", r.Header.Get("X-Asked"))
	}
}

// TestHandlerAroundTheApp: the middleware of package login refuses as the app
// does if the session comes from middleware around the app.
func TestHandlerAroundTheApp(t *testing.T) {
	a := newApp(t)
	a.GET("/", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }, echo4sessions.Wrap(a.auth.RequireLogin))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept", "application/json")
	a.auth.Handler(a).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized || w.Body.String() != `{"message":"Unauthorized"}`+"\n" {
		t.Errorf("got %d, %q", w.Code, w.Body)
	}
}

// TestPanicOutside: Recover outside of Wrap answers once, with the header of the
// session: the cookie of a Save before the panic.
func TestPanicOutside(t *testing.T) {
	a := newApp(t)
	a.Use(middleware.Recover(), echo4sessions.Wrap(a.auth.Handler))
	a.GET("/panic", func(c echo.Context) error {
		if _, err := visit(c); err != nil {
			return err
		}
		s, err := sessions.Load(c.Request().Context())
		if err != nil {
			return err
		}
		if err := s.Save(c.Request().Context()); err != nil {
			return err
		}
		if _, err := visit(c); err != nil {
			return err
		}
		panic("the handler panics")
	})
	a.GET("/logout", func(c echo.Context) error {
		s, err := sessions.Load(c.Request().Context())
		if err != nil {
			return err
		}
		s.Destroy()
		a.down.Store("delete")
		panic("the handler panics")
	})
	b := a.browser(t)
	r := b.get("/panic")
	if r.StatusCode != http.StatusInternalServerError || r.text != `{"message":"Internal Server Error"}`+"\n" {
		t.Errorf("got %d, %q", r.StatusCode, r.text)
	}
	if vary, cookies := r.Header.Values("Vary"), r.Header.Values("Set-Cookie"); len(vary) != 1 || len(cookies) != 1 {
		t.Errorf("the header is %v", r.Header)
	}
	if got := a.visits(b); got != 1 {
		t.Errorf("%d visits are saved, want that before Save", got)
	}
	if r := b.get("/logout"); r.StatusCode != http.StatusInternalServerError { // the page of Recover stands
		t.Errorf("a logout that fails: got %d, %q", r.StatusCode, r.text)
	}
}

// TestHooks: Before hooks inside of Wrap may still change the session and the
// header, and each hook runs as often as without Wrap.
func TestHooks(t *testing.T) {
	a := newApp(t)
	var hooks []string
	hook := func(name string) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				r := c.Response()
				r.Before(func() {
					hooks = append(hooks, "before "+name)
					if name == "inside" {
						if _, err := visit(c); err != nil {
							t.Error(err)
						}
						r.Header().Set("X-Hook", "inside")
					}
				})
				r.After(func() { hooks = append(hooks, "after "+name) })
				return next(c)
			}
		}
	}
	a.Use(hook("outside"), echo4sessions.Wrap(a.manager.Handler), hook("inside"))
	a.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "page") })
	b := a.browser(t)
	r := b.get("/")
	if diff := cmp.Diff([]string{"before inside", "before outside", "after outside", "after inside"}, hooks); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
	if r.Header.Get("X-Hook") != "inside" || len(r.Cookies()) != 1 {
		t.Errorf("the header is %v", r.Header)
	}
}

// TestOtherMiddleware: Wrap serves any middleware for net/http, which may wrap
// the writer, change the request and answer by itself.
func TestOtherMiddleware(t *testing.T) {
	a := newApp(t)
	a.Use(echo4sessions.Wrap(func(next http.Handler) http.Handler { return http.StripPrefix("/app", http.MaxBytesHandler(next, 4)) }))
	a.Pre(echo4sessions.Wrap(http.NewCrossOriginProtection().Handler))
	a.POST("/app/form", func(c echo.Context) error {
		if err := c.Request().ParseForm(); err != nil {
			return echo.ErrStatusRequestEntityTooLarge.WithInternal(err)
		}
		return c.String(http.StatusOK, c.Request().URL.Path)
	})
	b := a.browser(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if r := b.send("POST", "/app/form", "a=1", form...); r.text != "/form" {
		t.Errorf("got %d, %q", r.StatusCode, r.text)
	}
	if r := b.send("POST", "/app/form", "a=12345", form...); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, %q", r.StatusCode, r.text)
	}
	if r := b.send("POST", "/app/form", "a=1", append(form, "Sec-Fetch-Site", "cross-site")...); r.StatusCode != http.StatusForbidden {
		t.Errorf("got %d, %q", r.StatusCode, r.text)
	}
}

// TestStaticFiles: a request for a file costs no store operation, and
// range requests work.
func TestStaticFiles(t *testing.T) {
	a := newApp(t)
	a.Use(echo4sessions.Wrap(a.auth.Handler))
	a.StaticFS("/static", fstest.MapFS{"file.txt": {Data: []byte("0123456789")}})
	a.down.Store("load create save touch")
	b := a.browser(t)
	for _, tc := range []struct {
		path, header, value string
		status              int
		text                string
	}{
		{"/static/file.txt", "Accept", "*/*", 200, "0123456789"},
		{"/static/file.txt", "Range", "bytes=2-4", 206, "234"},
		{"/static/absent.txt", "Accept", "*/*", 404, `{"message":"Not Found"}` + "\n"},
	} {
		if r := b.send("GET", tc.path, "", tc.header, tc.value); r.StatusCode != tc.status || r.text != tc.text {
			t.Errorf("%v: got %d, %q", tc, r.StatusCode, r.text)
		}
	}
}

// TestDeadlineOfTheRequest: an error of the request's deadline is a 503 also if
// the middleware that set the deadline is outside of Wrap, and saves nothing.
func TestDeadlineOfTheRequest(t *testing.T) {
	a := newApp(t)
	a.Use(middleware.ContextTimeout(1), echo4sessions.Wrap(a.manager.Handler)) // over at once
	a.GET("/", func(c echo.Context) error {
		ctx := c.Request().Context()
		<-ctx.Done()
		return fmt.Errorf("query: %w", ctx.Err())
	})
	if r := a.browser(t).get("/"); r.StatusCode != http.StatusServiceUnavailable || r.text != unavailable {
		t.Errorf("got %d, %q", r.StatusCode, r.text)
	}
}

// TestUploads: middleware outside of Wrap finds the form that the handler has
// parsed, and the server removes its files.
func TestUploads(t *testing.T) {
	a := newApp(t)
	var parsed bool
	a.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			err := next(c)
			parsed = r.MultipartForm != nil
			return err
		}
	}, echo4sessions.Wrap(a.auth.Handler), middleware.ContextTimeout(time.Minute)) // which copies the request
	a.POST("/", func(c echo.Context) error {
		f, err := c.MultipartForm()
		return errors.Join(err, c.String(http.StatusOK, strings.Join(f.Value["name"], "")))
	})
	body := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nann\r\n--b--\r\n"
	if r := a.browser(t).send("POST", "/", body, "Content-Type", "multipart/form-data; boundary=b"); r.text != "ann" || !parsed {
		t.Errorf("got %d, %q; seen outside: %t", r.StatusCode, r.text, parsed)
	}
}
