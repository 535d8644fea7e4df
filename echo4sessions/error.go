package echo4sessions

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// explain returns an error of this library as one of echo. Others it returns as
// they are.
func explain(err error) error {
	status := login.StatusCode(err)
	if status == http.StatusInternalServerError || errors.As(err, new(*echo.HTTPError)) {
		return err
	}
	return echo.NewHTTPError(status).SetInternal(err)
}

// forgotten adds the remedy to an error if no middleware has begun a session.
func forgotten(err error, middleware string) error {
	if errors.Is(err, sessions.ErrNoSession) {
		return fmt.Errorf("%w; install e.Use(echo4sessions.Wrap(%s))", err, middleware)
	}
	return err
}

// render lets the app write the response of an error. If it writes nothing, the
// response has the error's status, because the server's 200 would save the
// session.
func render(c echo.Context, response *echo.Response, err error) {
	c.Echo().HTTPErrorHandler(err, c)
	if !response.Committed {
		status := http.StatusInternalServerError
		if he, ok := err.(*echo.HTTPError); ok {
			status = he.Code
		}
		response.WriteHeader(status)
	}
}

// WriteError writes the page of an error of this library to w: the middleware
// refuses the request, a handler calls the ErrorHandler, or the session cannot
// be saved, which may be in the middle of a write to the handler's response.
func (b *bridge) WriteError(w http.ResponseWriter, _ *http.Request, status int, message string, cause error) {
	b.err = echo.NewHTTPError(status, message).SetInternal(cause)
	interrupted := b.c.Response()
	above := responsesAbove(w, interrupted)
	page := echo.NewResponse(w, b.c.Echo())
	b.c.SetResponse(page)
	defer b.c.SetResponse(interrupted)
	render(b.c, page, b.err)
	for _, r := range above {
		r.Status, r.Size, r.Committed = page.Status, page.Size, true
	}
}

// responsesAbove returns the responses of echo from top down to w, whose writes
// end in w. There are none if w is not below top.
func responsesAbove(w http.ResponseWriter, top *echo.Response) (above []*echo.Response) {
	below := unwrap(w)
	for r := top; r != nil; r = unwrap(r.Writer) {
		if r == below {
			return above
		}
		above = append(above, r)
	}
	return nil
}

// unwrap returns the outermost response of echo in a writer, or nil.
func unwrap(w http.ResponseWriter) *echo.Response {
	for {
		switch layer := w.(type) {
		case *echo.Response:
			return layer
		case interface{ Unwrap() http.ResponseWriter }:
			w = layer.Unwrap()
		default:
			return nil
		}
	}
}
