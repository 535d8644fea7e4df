package sessions

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosessions/sessions/internal/respond"
)

// DefaultErrorHandler answers with [StatusCode] and its text, which does not
// show the cause. A 503 and a 429 have Retry-After. No cache keeps the answer.
func DefaultErrorHandler(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusCode(err)
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "60")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	respond.Error(w, r, status, http.StatusText(status), err)
}

// StatusCode returns the HTTP status of the default answer to an error of this
// package: 503 if the store fails, others kept changing the session or the
// request's deadline has passed, 409 if the session ended or changed its
// privileges while the request ran, 429 if Options.BeforeCreate refused a
// session, 403 if no session may begin in such a request, and 500 otherwise.
func StatusCode(err error) int {
	switch {
	case errors.Is(err, errCrossSite), errors.Is(err, errOutOfPath), errors.Is(err, errTicketed):
		return http.StatusForbidden
	case errors.Is(err, ErrRefused):
		return http.StatusTooManyRequests
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrConflict), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, ErrNotFound):
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// WithErrorWriter returns a context for requests whose error pages a framework
// writes: [DefaultErrorHandler] and login.Manager.DefaultError call f instead
// of [http.Error], after they have set headers. message is for the visitor, err
// is the cause and for logs only. It is for the middleware of frameworks: an
// application sets Options.ErrorHandler, and one that writes by itself does not
// call f.
func WithErrorWriter(ctx context.Context, f func(w http.ResponseWriter, r *http.Request, status int, message string, err error)) context.Context {
	return respond.WithErrorWriter(ctx, f)
}
