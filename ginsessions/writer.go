package ginsessions

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

// writer is the [gin.ResponseWriter] of the handlers inside of a middleware. As in
// Gin, a status is only noted until the body begins or the header must be sent.
type writer struct {
	gin.ResponseWriter // outside of the middleware
	pass               *pass
	under              http.ResponseWriter // the middleware's

	status int  // noted, or sent by the middleware
	chosen bool // by a handler
	begun  bool // the middleware has the status
}

func writerOf(p *pass, under http.ResponseWriter) writer {
	return writer{ResponseWriter: p.ResponseWriter, pass: p, under: under, status: p.Status()}
}

// Unwrap lets [http.ResponseController] reach the middleware's writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.under }

func (w *writer) Header() http.Header { return w.under.Header() }
func (w *writer) Status() int         { return w.status }
func (w *writer) Written() bool       { return w.begun || w.ResponseWriter.Written() }

func (w *writer) Size() int {
	if size := w.ResponseWriter.Size(); size >= 0 || !w.begun {
		return size
	}
	return 0
}

func (w *writer) WriteHeader(status int) {
	if status > 0 && !w.Written() { // renderers without a status pass -1
		w.status, w.chosen = status, true
	}
}

// WriteHeaderNow also sends the header outside, unless the middleware holds it
// back.
func (w *writer) WriteHeaderNow() {
	w.pass.now = true
	w.begin()
}

// begin gives the status to the middleware.
func (w *writer) begin() {
	if !w.Written() {
		w.begun = true
		w.under.WriteHeader(w.status)
	}
}

func (w *writer) Write(p []byte) (int, error) {
	w.begin()
	n, err := w.under.Write(p)
	return n, w.explain(err)
}

func (w *writer) WriteString(s string) (int, error) {
	w.begin()
	n, err := io.WriteString(w.under, s)
	return n, w.explain(err)
}

// explain returns the failure of the middleware in place of an error of writing,
// so that a renderer reports it to Gin with its Meta.
func (w *writer) explain(err error) error {
	if err != nil && w.pass.failure != nil {
		return w.pass.failure
	}
	return err
}

func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush for [http.ResponseController].
func (w *writer) FlushError() error {
	w.begin()
	return w.explain(http.NewResponseController(w.under).Flush())
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.under).Hijack()
	return conn, rw, w.explain(err)
}

// finish gives a noted status to the middleware when the handlers have returned.
// If they have reported errors and done nothing else, they have failed.
func (w *writer) finish(failed bool) {
	if failed && !w.chosen && w.status == http.StatusOK {
		w.status = http.StatusInternalServerError
	}
	if w.status != http.StatusOK {
		w.begin()
	}
}
