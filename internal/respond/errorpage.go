package respond

import (
	"context"
	"net/http"
)

// ErrorWriter writes the page of an error: its status, its message for the
// visitor, and its cause, which is not for the visitor.
type ErrorWriter = func(w http.ResponseWriter, r *http.Request, status int, message string, err error)

type (
	errorWriter struct{} // context key of an ErrorWriter

	// Completer is the context key of a func(http.Header) that completes the
	// header of a response without a Writer.
	Completer struct{}
)

// Context returns the context for the handlers of a request: that which w
// derives from the request's own, if w is of a framework's middleware.
func Context(w http.ResponseWriter, r *http.Request) context.Context {
	if deriver, ok := w.(interface {
		RequestContext(context.Context) context.Context
	}); ok {
		return deriver.RequestContext(r.Context())
	}
	return r.Context()
}

// WithErrorWriter returns a context below which Error calls f.
func WithErrorWriter(ctx context.Context, f ErrorWriter) context.Context {
	return context.WithValue(ctx, errorWriter{}, f)
}

// Error writes the page of an error as the framework does, or as plain text.
func Error(w http.ResponseWriter, r *http.Request, status int, message string, err error) {
	if f, ok := Context(w, r).Value(errorWriter{}).(ErrorWriter); ok {
		f(w, r, status, message, err)
		return
	}
	http.Error(w, message, status)
}

// Complete calls the completer of a context, if there is one.
func Complete(ctx context.Context, h http.Header) {
	if f, ok := ctx.Value(Completer{}).(func(http.Header)); ok {
		f(h)
	}
}
