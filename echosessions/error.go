package echosessions

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// explain returns an error of this library as one of echo. Others it returns as
// they are.
func explain(err error) error {
	status := login.StatusCode(err)
	if status == http.StatusInternalServerError || echo.StatusCode(err) != 0 {
		return err
	}
	return echo.NewHTTPError(status, http.StatusText(status)).Wrap(err)
}

// forgotten adds the remedy to an error if no middleware has begun a session.
func forgotten(err error, middleware string) error {
	if errors.Is(err, sessions.ErrNoSession) {
		return fmt.Errorf("%w; install e.Use(echosessions.Wrap(%s))", err, middleware)
	}
	return err
}

// render lets the app write the response of an error. If it writes nothing, the
// response has the error's status, because the server's 200 would save the
// session.
func render(c *echo.Context, response *echo.Response, err error) {
	c.Echo().HTTPErrorHandler(c, err)
	if !response.Committed {
		_, status := echo.ResolveResponseStatus(response, err)
		response.WriteHeader(status)
	}
}

// WriteError writes the page of an error of this library to w: the middleware
// refuses the request, a handler calls the ErrorHandler, or the session cannot
// be saved, which may be in the middle of a write to the handler's response.
func (b *bridge) WriteError(w http.ResponseWriter, _ *http.Request, status int, message string, cause error) {
	b.err = echo.NewHTTPError(status, message).Wrap(cause)
	interrupted := b.c.Response()
	above := responsesAbove(w, interrupted)
	page := echo.NewResponse(w, b.c.Logger())
	b.c.SetResponse(page)
	defer b.c.SetResponse(interrupted)
	render(b.c, page, b.err)
	for _, r := range above {
		r.Status, r.Size, r.Committed = page.Status, page.Size, true
	}
	// If c.JSON was interrupted, it goes on writing to the page, because echo has
	// one buffer for both. The handler's response refuses that.
	page.ResponseWriter = b.response
}

// responsesAbove returns the responses of echo from top down to w, whose writes
// end in w. There are none if w is not below top.
func responsesAbove(w, top http.ResponseWriter) (above []*echo.Response) {
	below, err := echo.UnwrapResponse(w)
	if err != nil {
		return nil
	}
	for {
		r, err := echo.UnwrapResponse(top)
		switch {
		case err != nil:
			return nil
		case r == below:
			return above
		}
		above = append(above, r)
		top = r.ResponseWriter
	}
}
