package echosessions_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echosessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
)

const unavailable = `{"message":"Service Unavailable"}` + "\n"

// answers are ways in which a handler of echo answers.
var answers = map[string]func(*echo.Context) error{
	"JSON":       func(c *echo.Context) error { return c.JSON(http.StatusOK, "secret") },
	"JSONPretty": func(c *echo.Context) error { return c.JSONPretty(http.StatusOK, "secret", " ") },
	"JSONP":      func(c *echo.Context) error { return c.JSONP(http.StatusOK, "call", "secret") },
	"XML":        func(c *echo.Context) error { return c.XML(http.StatusOK, "secret") },
	"String":     func(c *echo.Context) error { return c.String(http.StatusOK, "secret") },
	"Blob":       func(c *echo.Context) error { return c.Blob(http.StatusOK, "text/plain", []byte("secret")) },
	"Stream": func(c *echo.Context) error {
		return c.Stream(http.StatusOK, "text/plain", strings.NewReader("secret"))
	},
	"File": func(c *echo.Context) error {
		return c.FileFS("file", fstest.MapFS{"file": {Data: []byte("secret")}})
	},
	"NoContent": func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) },
	"Redirect":  func(c *echo.Context) error { return c.Redirect(http.StatusSeeOther, "/secret") },
	"nothing":   func(*echo.Context) error { return nil },
	"flush first": func(c *echo.Context) error {
		_ = http.NewResponseController(c.Response()).Flush()
		return c.String(http.StatusOK, "secret")
	},
	"net/http": func(c *echo.Context) error {
		_, err := fmt.Fprint(c.Response(), "secret")
		return err
	},
	"error": func(*echo.Context) error { return echo.NewHTTPError(http.StatusNotFound, "secret") },
}

// TestFailedSave: whichever way a handler answers, the client gets the app's
// error page once, and loggers on both sides of Wrap see what was sent.
func TestFailedSave(t *testing.T) {
	for name, answer := range answers {
		for what, around := range map[string]struct{ outside, inside []echo.MiddlewareFunc }{
			"alone":       {},
			"around Gzip": {inside: []echo.MiddlewareFunc{middleware.Gzip()}},
			"in Gzip":     {outside: []echo.MiddlewareFunc{middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1000})}}, // which waits
			"twice":       {inside: []echo.MiddlewareFunc{echosessions.Wrap(func(next http.Handler) http.Handler { return next })}},
		} {
			if name == "flush first" && what == "in Gzip" {
				continue // it compresses the page
			}
			t.Run(name+" "+what, func(t *testing.T) {
				a := newApp(t)
				var outside, inside entry
				a.Use(around.outside...)
				a.Use(logger(&outside), echosessions.Wrap(a.auth.Handler), logger(&inside))
				a.Use(around.inside...)
				a.GET("/", func(c *echo.Context) error {
					if _, err := visit(c); err != nil {
						return err
					}
					a.down.Store("create save")
					return answer(c)
				})
				r := a.browser(t).send("GET", "/", "", "Accept-Encoding", "gzip")
				if r.StatusCode != http.StatusServiceUnavailable || r.text != unavailable || r.Header.Get("Retry-After") == "" || len(r.Cookies()) > 0 {
					t.Errorf("got %d, %q, %v", r.StatusCode, r.text, r.Header)
				}
				want := entry{http.StatusServiceUnavailable, int64(len(unavailable)), true, true, http.StatusServiceUnavailable}
				if diff := cmp.Diff(want, outside); diff != "" {
					t.Errorf("outside (-want +got):\n%s", diff)
				}
				if name == "nothing" || name == "error" || what == "around Gzip" && (name == "NoContent" || name == "Redirect") {
					return // the response begins after the handler and this logger
				}
				inside.Err, inside.Code = want.Err, want.Code // NoContent does not learn of it
				if diff := cmp.Diff(want, inside); diff != "" {
					t.Errorf("inside (-want +got):\n%s", diff)
				}
			})
		}
	}
}

var errApp = errors.New("an error of the app")

// TestErrorPageDecides: the status that the HTTPErrorHandler chooses decides
// whether changes are saved, and the error is seen outside and written once.
func TestErrorPageDecides(t *testing.T) {
	for name, tc := range map[string]struct {
		handler echo.HTTPErrorHandler
		status  int
		visits  int
		text    string
	}{
		"echo's":  {nil, http.StatusInternalServerError, 0, `{"message":"Internal Server Error"}` + "\n"},
		"a 409":   {func(c *echo.Context, _ error) { _ = c.String(http.StatusConflict, "conflict") }, http.StatusConflict, 1, "conflict"},
		"a 500":   {func(c *echo.Context, _ error) { _ = c.String(http.StatusInternalServerError, "sorry") }, 500, 0, "sorry"},
		"nothing": {func(*echo.Context, error) {}, http.StatusInternalServerError, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t)
			if tc.handler != nil {
				a.HTTPErrorHandler = func(c *echo.Context, err error) {
					if !errors.Is(err, errApp) {
						t.Errorf("the HTTPErrorHandler gets %v", err)
					}
					if r, _ := echo.UnwrapResponse(c.Response()); !r.Committed {
						tc.handler(c, err)
					}
				}
			}
			var outside entry
			a.Use(logger(&outside), echosessions.Wrap(a.manager.Handler))
			a.GET("/fail", func(c *echo.Context) error {
				if _, err := visit(c); err != nil {
					return err
				}
				return errApp
			})
			b := a.browser(t)
			r := b.get("/fail")
			if r.StatusCode != tc.status || r.text != tc.text {
				t.Errorf("got %d, %q; want %d, %q", r.StatusCode, r.text, tc.status, tc.text)
			}
			if diff := cmp.Diff(entry{tc.status, int64(len(tc.text)), true, true, 0}, outside); diff != "" {
				t.Errorf("outside (-want +got):\n%s", diff)
			}
			if got := a.visits(b); got != tc.visits {
				t.Errorf("%d visits are saved, want %d", got, tc.visits)
			}
		})
	}
}

// TestErrorAfterTheResponse: an error that a handler returns after it has begun
// its response is no second response.
func TestErrorAfterTheResponse(t *testing.T) {
	a := newApp(t)
	calls := 0
	a.HTTPErrorHandler = func(_ *echo.Context, _ error) { calls++ }
	a.Use(echosessions.Wrap(a.manager.Handler))
	a.GET("/", func(c *echo.Context) error {
		if _, err := visit(c); err != nil {
			return err
		}
		return errors.Join(c.String(http.StatusOK, "page"), errApp)
	})
	b := a.browser(t)
	if r := b.get("/"); r.StatusCode != http.StatusOK || r.text != "page" || a.visits(b) != 1 {
		t.Errorf("got %d, %q, and %d visits", r.StatusCode, r.text, a.visits(b))
	}
	if calls != 1 {
		t.Errorf("the HTTPErrorHandler is called %d times, want once, by echo", calls)
	}
}

// TestErrorPageKnowsTheUser: the HTTPErrorHandler runs while the session is
// there.
func TestErrorPageKnowsTheUser(t *testing.T) {
	a := newApp(t)
	a.HTTPErrorHandler = func(c *echo.Context, _ error) {
		if r, _ := echo.UnwrapResponse(c.Response()); r.Committed {
			return
		}
		u, _, err := a.auth.User(c.Request().Context())
		if err != nil {
			t.Error(err)
		}
		_ = c.String(http.StatusNotFound, "Sorry, "+string(u))
	}
	a.Use(echosessions.Wrap(a.auth.Handler))
	a.GET("/login", func(c *echo.Context) error {
		return errors.Join(a.auth.Login(c.Request().Context(), "ann", login.Details{}), c.NoContent(http.StatusNoContent))
	})
	b := a.browser(t)
	b.get("/login")
	if r := b.get("/nowhere"); r.text != "Sorry, ann" {
		t.Errorf("got %q", r.text)
	}
}

// TestRequestLogger: echo's logger, which writes error pages itself, may be on
// both sides of Wrap. The page is written once.
func TestRequestLogger(t *testing.T) {
	a := newApp(t)
	var logged []int
	log := middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		HandleError: true, LogStatus: true,
		LogValuesFunc: func(_ *echo.Context, v middleware.RequestLoggerValues) error {
			logged = append(logged, v.Status)
			return nil
		},
	})
	a.Use(log, echosessions.Wrap(a.auth.Handler), log)
	for path, err := range map[string]error{
		"/fail": nil, "/reject": echo.NewHTTPError(http.StatusConflict, "rejected"), "/error": echo.NewHTTPError(http.StatusBadGateway, "failed"),
	} {
		a.GET(path, func(c *echo.Context) error {
			if _, err := visit(c); err != nil {
				return err
			}
			if err == nil {
				a.down.Store("create save")
				return c.JSON(http.StatusOK, "secret")
			}
			return err
		})
	}
	for _, tc := range []struct {
		path   string
		status int
		text   string
		visits int
	}{
		{"/error", http.StatusBadGateway, `{"message":"failed"}` + "\n", 0},
		{"/reject", http.StatusConflict, `{"message":"rejected"}` + "\n", 1},
		{"/fail", http.StatusServiceUnavailable, unavailable, 0},
	} {
		a.down.Store("")
		logged = nil
		b := a.browser(t)
		r := b.get(tc.path)
		if r.StatusCode != tc.status || r.text != tc.text || a.visits(b) != tc.visits {
			t.Errorf("%s: got %d, %q, and %d visits", tc.path, r.StatusCode, r.text, a.visits(b))
		}
		if diff := cmp.Diff([]int{tc.status, tc.status}, logged); diff != "" {
			t.Errorf("%s: logged (-want +got):\n%s", tc.path, diff)
		}
	}
}

// TestErrorsOfThisLibrary: a handler returns them as they are, and the visitor
// gets their status.
func TestErrorsOfThisLibrary(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
	}{
		{sessions.ErrUnavailable, http.StatusServiceUnavailable},
		{fmt.Errorf("wrapped: %w", login.ErrForbidden), http.StatusForbidden},
		{login.ErrCredentials, http.StatusUnauthorized},
		{login.ErrMaxSessions, http.StatusConflict},
		{echo.ErrBadRequest.Wrap(login.ErrForbidden), http.StatusBadRequest}, // has a status
		{errApp, http.StatusInternalServerError},
	} {
		a := newApp(t)
		a.Use(echosessions.Wrap(a.auth.Handler))
		a.GET("/", func(*echo.Context) error { return tc.err })
		if r := a.browser(t).get("/"); r.StatusCode != tc.status || r.text != fmt.Sprintf(`{"message":%q}`+"\n", http.StatusText(tc.status)) {
			t.Errorf("%v: got %d, %q; want %d", tc.err, r.StatusCode, r.text, tc.status)
		}
	}
}

// TestManagerErrorInAHandler: a handler may let the manager answer. The page is
// the app's, through the handler's response.
func TestManagerErrorInAHandler(t *testing.T) {
	for what, around := range map[string][]echo.MiddlewareFunc{"alone": nil, "with Gzip": {middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1000})}} {
		t.Run(what, func(t *testing.T) {
			a := newApp(t)
			var outside entry
			a.Use(logger(&outside), echosessions.Wrap(a.auth.Handler))
			a.Use(around...)
			a.GET("/", func(c *echo.Context) error {
				if _, err := visit(c); err != nil {
					return err
				}
				before := c.Response()
				a.auth.Error(before, c.Request(), login.ErrForbidden)
				if c.Response() != before {
					t.Error("the handler has another response afterwards")
				}
				return nil
			})
			b := a.browser(t)
			r := b.send("GET", "/", "", "Accept-Encoding", "gzip")
			if want := `{"message":"Forbidden"}` + "\n"; r.StatusCode != http.StatusForbidden || r.text != want {
				t.Errorf("got %d, %q; want 403, %q", r.StatusCode, r.text, want)
			}
			if outside.Status != http.StatusForbidden || outside.Code != http.StatusForbidden {
				t.Errorf("outside: %+v", outside)
			}
			if got := a.visits(b); got != 1 {
				t.Errorf("%d visits are saved, want 1", got)
			}
		})
	}
}

// TestCauseIsForLogs: the error that Wrap returns leads to its cause, which no
// page shows.
func TestCauseIsForLogs(t *testing.T) {
	a := newApp(t)
	a.down.Store("create save")
	var got error
	a.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			got = next(c)
			return got
		}
	}, echosessions.Wrap(a.manager.Handler))
	a.GET("/", func(c *echo.Context) error {
		s, err := sessions.Load(c.Request().Context())
		if err != nil {
			return err
		}
		if err := Counter.Set(s, 1); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	r := a.browser(t).get("/")
	var he *echo.HTTPError
	if !errors.As(got, &he) || !errors.Is(got, sessions.ErrUnavailable) || !errors.Is(got, faultstore.ErrDown) {
		t.Errorf("Wrap returns %v", got)
	}
	if r.text != unavailable {
		t.Errorf("the page is %q", r.text)
	}
}
