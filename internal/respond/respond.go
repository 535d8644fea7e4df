// Package respond wraps a response writer so that a hook runs once, before
// the first byte of the final response, whichever way the handler begins it.
package respond

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
)

// Hooks is told before the response begins.
type Hooks interface {
	// Begin runs once, before the first final byte, with the status about to
	// be sent. It may add headers. An error suppresses the handler's
	// response; Fail then answers in its stead.
	Begin(status int, h http.Header) error
	// Fail answers on w, the underlying writer, whose headers are back to
	// what they were before the handler.
	Fail(w http.ResponseWriter, err error)
	// Carry returns the header fields that Begin added and that must travel with
	// the response. If the handler takes over the connection, they are added to
	// the head that it writes itself.
	Carry() http.Header
	// Carried says that those fields are in such a head. It may be called in any
	// goroutine.
	Carried()
}

// Writer is a response writer that runs hooks before the response begins.
// Call Init before anything else. It may be part of a larger struct and
// allocates nothing of its own. As with any [http.ResponseWriter], its methods
// must not be called at the same time.
type Writer struct {
	under  http.ResponseWriter
	hooks  Hooks
	before http.Header // the headers before the handler; nil if there were none
	lost   http.Header // what Header returns once the response is suppressed
	err    error       // why the response is suppressed
	status int16

	kept  bool        // before is set
	sent  sent        // what the underlying writer has
	begun atomic.Bool // Begin has been called; others may ask
}

// sent is what the underlying writer has.
type sent byte

const (
	nothing  sent = iota
	header        // the final one
	hijacked      // the handler has the connection
)

// wrote notes that the underlying writer has the final header.
func (w *Writer) wrote() { w.sent = max(w.sent, header) }

// Init makes w write to under and forget everything else.
func (w *Writer) Init(under http.ResponseWriter, hooks Hooks) {
	*w = Writer{under: under, hooks: hooks}
}

// Err returns why the handler's response is suppressed, or nil.
func (w *Writer) Err() error { return w.err }

// Begun says whether the headers are out or about to be: Begin has been called.
func (w *Writer) Begun() bool { return w.begun.Load() }

// Hijacked says whether the handler has taken over the connection.
func (w *Writer) Hijacked() bool { return w.sent == hijacked }

// Status returns the status of the handler's response, and 0 until it begins.
// If the response is suppressed, it is the status that was not sent.
func (w *Writer) Status() int { return int(w.status) }

// Unwrap lets [http.ResponseController] reach the underlying writer.
func (w *Writer) Unwrap() http.ResponseWriter { return w.under }

// Header returns the headers of the response. The first call notes what was
// there before the handler. Headers of a suppressed response go nowhere.
func (w *Writer) Header() http.Header {
	if w.err != nil {
		if w.lost == nil {
			w.lost = make(http.Header)
		}
		return w.lost
	}
	w.keep()
	return w.under.Header()
}

// WriteHeader begins the response, unless status is an informational one:
// those are sent on at once, except 101, which is final. Like net/http it
// panics if status is not a number of three digits.
func (w *Writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		if w.err == nil {
			w.under.WriteHeader(status)
		}
		return
	}
	if w.begin(status) != nil {
		return
	}
	w.wrote()
	w.under.WriteHeader(status)
}

// Write begins the response and writes p to it.
func (w *Writer) Write(p []byte) (int, error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	w.wrote()
	return w.under.Write(p)
}

// WriteString begins the response and writes s to it.
func (w *Writer) WriteString(s string) (int, error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	w.wrote()
	return io.WriteString(w.under, s)
}

// ReadFrom begins the response and copies src to it, by the underlying
// writer's own ReadFrom if it has one.
func (w *Writer) ReadFrom(src io.Reader) (n int64, err error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	if rf, ok := w.under.(io.ReaderFrom); ok {
		n, err = rf.ReadFrom(src)
	} else {
		n, err = io.Copy(struct{ io.Writer }{w.under}, src)
	}
	// As in net/http, copying nothing leaves the status open.
	if n > 0 {
		w.wrote()
	}
	return n, err
}

// Flush begins the response and sends what is buffered, if that is possible.
func (w *Writer) Flush() { _ = w.FlushError() }

// FlushError begins the response and sends what is buffered. The error
// matches [http.ErrNotSupported] if the underlying writer cannot flush.
func (w *Writer) FlushError() error {
	suppressed := w.begin(http.StatusOK)
	err := http.NewResponseController(w.under).Flush()
	if suppressed != nil {
		return suppressed
	}
	if !errors.Is(err, http.ErrNotSupported) {
		w.wrote()
	}
	return err
}

// Hijack takes over the connection. A response that has not begun does so
// with status 101, for the handler writes it itself; if the hook has added
// fields that must travel, they are added to what the handler writes. A
// connection that cannot be hijacked, as in HTTP/2, leaves the response as it
// is.
func (w *Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.err == nil && w.sent == nothing && canHijack(w.under) {
		_ = w.begin(http.StatusSwitchingProtocols)
	}
	if w.err != nil {
		return nil, nil, w.err
	}
	conn, rw, err := http.NewResponseController(w.under).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if w.sent == nothing {
		if fields := w.hooks.Carry(); len(fields) > 0 {
			conn, rw = carry(conn, rw, fields, w.hooks.Carried)
		}
	}
	w.sent = hijacked
	return conn, rw, nil
}

// CloseNotify returns a channel that receives a value when the client goes
// away, if the underlying writer can tell. It is there for code that has not
// moved on to the request's context.
func (w *Writer) CloseNotify() <-chan bool {
	if under, ok := find[interface{ CloseNotify() <-chan bool }](w.under); ok {
		return under.CloseNotify()
	}
	return make(chan bool)
}

// Push starts a server push, if the underlying writer and the client can.
func (w *Writer) Push(target string, opts *http.PushOptions) error {
	if under, ok := find[http.Pusher](w.under); ok {
		return under.Push(target, opts)
	}
	return http.ErrNotSupported
}

// Bypassed reports whether a response that has not begun here has begun at an
// underlying writer, by code that was not given this one. It is false if nobody
// can tell.
func (w *Writer) Bypassed() bool {
	if w.begun.Load() {
		return false
	}
	if under, ok := find[interface{ Written() bool }](w.under); ok { // that of gin and negroni
		return under.Written()
	}
	var last http.ResponseWriter
	for last = range layers(w.under) {
	}
	return headerWritten(last)
}

// headerWritten reports whether a writer of package net/http has written its
// header: until then, an invalid status panics. Writers of its other packages,
// such as those of cgi and fcgi, would send that status.
func headerWritten(w http.ResponseWriter) (written bool) {
	t := reflect.TypeOf(w)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem() // HTTP/2 has none since Go 1.27
	}
	if t == nil || t.PkgPath() != "net/http" && t.PkgPath() != "net/http/httptest" {
		return false
	}
	defer func() { written = recover() == nil }()
	w.WriteHeader(0)
	return true
}

// find returns the outermost of a writer and those that it wraps which has a
// method.
func find[T any](w http.ResponseWriter) (T, bool) {
	for layer := range layers(w) {
		if t, ok := layer.(T); ok {
			return t, true
		}
	}
	return *new(T), false
}

// canHijack says whether [http.ResponseController] finds a way to hijack w.
func canHijack(w http.ResponseWriter) bool {
	for layer := range layers(w) {
		_, ours := layer.(*Writer) // can if what it wraps can
		if _, ok := layer.(http.Hijacker); ok && !ours {
			return true
		}
	}
	return false
}

// layers yields a writer and those that it wraps, from the outside.
func layers(w http.ResponseWriter) iter.Seq[http.ResponseWriter] {
	return func(yield func(http.ResponseWriter) bool) {
		for yield(w) {
			u, ok := w.(interface{ Unwrap() http.ResponseWriter })
			if !ok {
				return
			}
			w = u.Unwrap()
		}
	}
}

// HandOut gives the request of middleware outside what handlers have found out
// about theirs, which is a copy. The server deletes the files of its own
// request's MultipartForm only.
func HandOut(outer, inner *http.Request) {
	outer.Pattern = inner.Pattern
	outer.Form, outer.PostForm, outer.MultipartForm = inner.Form, inner.PostForm, inner.MultipartForm
}

// Finish is called when the handler has returned. A response that has not
// begun does so with status 200, which is left to the server to write. After a
// hijack there is nothing to do.
func (w *Writer) Finish() {
	if w.begin(http.StatusOK) != nil {
		// The handler may have set trailers through a header it got earlier.
		maps.DeleteFunc(w.under.Header(), func(name string, _ []string) bool {
			_, outer := w.before[name]
			return !outer && strings.HasPrefix(name, http.TrailerPrefix)
		})
	}
}

// begin calls the hook if that has not been done and returns the error that
// suppresses the response, if there is one.
func (w *Writer) begin(status int) error {
	if w.err != nil {
		return w.err
	}
	if w.sent == nothing {
		w.status = int16(status)
	}
	if w.begun.Load() {
		return nil
	}
	w.begun.Store(true)
	w.keep()
	h := w.under.Header()
	if w.err = w.hooks.Begin(status, h); w.err != nil {
		clear(h)
		maps.Copy(h, w.before)
		w.hooks.Fail(w.under, w.err)
	}
	return w.err
}

// keep notes the headers there are before the handler, once.
func (w *Writer) keep() {
	if w.kept {
		return
	}
	w.kept = true
	if h := w.under.Header(); len(h) > 0 {
		w.before = h.Clone()
	}
}
