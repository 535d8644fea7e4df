package fibersessions

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// Error answers an error of package sessions or login, as Error of the innermost
// manager of that package does: with what its Options.ErrorHandler writes, or a redirect
// to a page of package login, or otherwise with an error for the app's
// ErrorHandler. A handler returns what Error returns:
//
//	s, err := sessions.Load(c.Context())
//	if err != nil {
//		return fibersessions.Error(c, err)
//	}
//
// The error that Error returns is a [fiber.Error] by [errors.As]. It has the
// status of [login.StatusCode] and a text for the visitor. It matches err by
// [errors.Is].
func Error(c fiber.Ctx, err error) error {
	v := visitOf(c)
	if v == nil {
		slog.Default().ErrorContext(c.Context(), err.Error(), "path", c.Path())
		return newFailure(login.StatusCode(err), "", err)
	}
	if login.StatusCode(err) != sessions.StatusCode(err) { // which only a manager of package login can answer
		for ; v.outer != nil && !v.ofLogin(); v = v.outer {
		}
	}
	return answer(c, v.m, err)
}

// answer is Error of a manager.
func answer(c fiber.Ctx, m Manager, err error) error {
	p := newPage(c)
	m.Error(p, p.request(), err)
	return p.send()
}

// render writes the page of an error that handlers have returned.
func render(c fiber.Ctx, err error) {
	if page := new(*fiber.Error); !errors.As(err, page) && login.StatusCode(err) != http.StatusInternalServerError {
		err = Error(c, err)
	}
	if err == nil { // it is written
		return
	}
	if err = c.App().ErrorHandler(c, err); err != nil {
		_ = c.SendStatus(fiber.StatusInternalServerError) // as fiber does
	}
}

// failure is an error with a page for the visitor, who does not see the cause.
type failure struct {
	page  *fiber.Error
	cause error
}

// newFailure returns a failure. Without a message, the status is the page.
func newFailure(status int, message string, cause error) error {
	if message == "" {
		message = http.StatusText(status)
	}
	return &failure{fiber.NewError(status, message), cause}
}

func (f *failure) Error() string   { return f.page.Message }
func (f *failure) Unwrap() []error { return []error{f.page, f.cause} }

// page is a response of net/http that becomes one of fiber.
type page struct {
	c      fiber.Ctx
	header http.Header
	status int
	body   []byte
	err    error // to be returned to fiber
	passed bool  // the request went on to the next handler
}

// newPage returns an empty page.
func newPage(c fiber.Ctx) *page { return &page{c: c, header: http.Header{}} }

// pageKey is the context key of a page.
type pageKey struct{}

// request returns the request that the page answers. The pages of errors become
// errors for fiber.
func (p *page) request() *http.Request {
	ctx := context.WithValue(p.c.Context(), pageKey{}, p)
	r := requestOf(p.c).WithContext(sessions.WithErrorWriter(ctx, p.fail))
	r.Pattern = p.c.Route().Path
	return r
}

// fail notes an error whose page fiber is to write.
func (p *page) fail(_ http.ResponseWriter, _ *http.Request, status int, message string, err error) {
	p.err = newFailure(status, message, err)
}

func (p *page) Header() http.Header { return p.header }

func (p *page) WriteHeader(status int) {
	if p.status == 0 && status >= http.StatusOK {
		p.status = status
	}
}

func (p *page) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	p.body = append(p.body, b...)
	return len(b), nil
}

// send makes the page fiber's response, or returns an error whose page fiber
// writes. The header is the page's in both cases.
func (p *page) send() error {
	if p.passed {
		return p.err
	}
	response := p.c.Response()
	for name, values := range p.header {
		response.Header.Del(name)
		for _, value := range values {
			response.Header.Add(name, value)
		}
	}
	if p.err != nil {
		return p.err
	}
	p.WriteHeader(http.StatusOK)
	response.SetStatusCode(p.status)
	response.SetBody(p.body) // ends a stream
	return nil
}
