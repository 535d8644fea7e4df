package fibersessions

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/valyala/fasthttp"
)

// field is a line of a response's header.
type field struct{ name, value string }

// fields returns the lines that neither describe the body nor are made by the
// server.
func fields(h *fasthttp.ResponseHeader) (lines []field) {
	for name, value := range h.All() {
		switch string(name) {
		case "Content-Type", "Content-Length", "Content-Encoding", "Server", "Connection", "Date", "Trailer":
		default:
			lines = append(lines, field{string(name), string(value)})
		}
	}
	return lines
}

// write adds lines to a header.
func write(h *fasthttp.ResponseHeader, lines []field) {
	for _, f := range lines {
		h.Add(f.name, f.value)
	}
}

// reset drops what handlers have written: the body, the status and the header,
// whose lines become those from before.
func reset(ctx *fasthttp.RequestCtx, before []field) {
	ctx.Hijack(nil)
	ctx.HijackSetNoResponse(false)
	ctx.Response.ResetBody()
	ctx.Response.SetStatusCode(fasthttp.StatusOK)
	h := &ctx.Response.Header
	for _, f := range fields(h) {
		h.Del(f.name)
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Trailer"} {
		h.Del(name)
	}
	write(h, before)
}

// header is a response's header in the form of net/http, before and after a
// manager has completed it.
type header struct{ before, after http.Header }

var headers = sync.Pool{New: func() any { return &header{http.Header{}, http.Header{}} }}

// newHeader copies a header. Call release at the end.
func newHeader(from *fasthttp.ResponseHeader) *header {
	h := headers.Get().(*header)
	for _, f := range fields(from) {
		name := http.CanonicalHeaderKey(f.name)
		h.after[name] = append(h.after[name], f.value)
	}
	maps.Copy(h.before, h.after)
	return h
}

func (h *header) release() {
	clear(h.before)
	clear(h.after)
	headers.Put(h)
}

// added returns the lines that the manager has added.
func (h *header) added() (lines []field) {
	for name, values := range h.after {
		for _, value := range values {
			if !slices.Contains(h.before[name], value) {
				lines = append(lines, field{name, value})
			}
		}
	}
	return lines
}

// write makes the manager's changes in a response's header.
func (h *header) write(to *fasthttp.ResponseHeader) {
	for name := range h.before {
		if _, ok := h.after[name]; !ok {
			to.Del(name)
		}
	}
	for name, values := range h.after {
		if slices.Equal(values, h.before[name]) {
			continue
		}
		to.Del(name)
		for _, value := range values {
			to.Add(name, value)
		}
	}
}
