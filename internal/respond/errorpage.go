package respond

import (
	"context"
	"net/http"
)

// ErrorWriter writes the page of an error: its status, its message for the
// visitor, and its cause, which is not for the visitor.
type ErrorWriter interface {
	WriteError(w http.ResponseWriter, r *http.Request, status int, message string, err error)
}

type (
	// ErrorWriterKey is the context key of an ErrorWriter.
	ErrorWriterKey struct{}

	// Completer is the context key of a func(http.Header) that completes the
	// header of a response without a Writer.
	Completer struct{}
)

// WithErrorWriter returns a context below which Error calls f.
func WithErrorWriter(ctx context.Context, f func(w http.ResponseWriter, r *http.Request, status int, message string, err error)) context.Context {
	return context.WithValue(ctx, ErrorWriterKey{}, errorWriter(f))
}

type errorWriter func(w http.ResponseWriter, r *http.Request, status int, message string, err error)

func (f errorWriter) WriteError(w http.ResponseWriter, r *http.Request, status int, message string, err error) {
	f(w, r, status, message, err)
}

// Error writes the page of an error as the framework does, or as plain text.
func Error(w http.ResponseWriter, r *http.Request, status int, message string, err error) {
	if f, ok := r.Context().Value(ErrorWriterKey{}).(ErrorWriter); ok {
		f.WriteError(w, r, status, message, err)
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
