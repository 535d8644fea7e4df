package fibersessions

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// Request returns the request in the form of net/http, for functions that take
// one, such as [login.Manager.Next]. Its context is c.Context(), and its body
// that of c. The request must not be used after the handler has returned.
func Request(c fiber.Ctx) *http.Request {
	r := requestOf(c).WithContext(c.Context())
	r.Body = io.NopCloser(bytes.NewReader(c.Body()))
	return r
}

// requestOf returns the request without its body.
func requestOf(c fiber.Ctx) *http.Request {
	if v := visitOf(c); v != nil {
		return v.request()
	}
	return convert(c)
}

// request returns the request, which the first call converts. Once the handlers
// have returned, fiber uses c for other requests, and an empty request stands in
// for one that nobody has asked for.
func (v *visit) request() *http.Request {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.r != nil:
	case v.c != nil:
		v.r = convert(v.c)
	default:
		v.r = &http.Request{Header: http.Header{}, URL: &url.URL{}, Body: http.NoBody}
	}
	return v.r
}

// leave notes that c is no longer that of this request.
func (v *visit) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.c = nil
}

// convert copies a request except for its body.
func convert(c fiber.Ctx) *http.Request {
	ctx := c.RequestCtx()
	from := &ctx.Request.Header
	uri := string(from.RequestURI())
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		u = &url.URL{Path: string(ctx.Path())}
	}
	r := &http.Request{
		Method:     c.Method(),
		URL:        u,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     convertHeader(from),
		Body:       http.NoBody,
		Host:       string(from.Host()),
		RemoteAddr: ctx.RemoteAddr().String(),
		RequestURI: uri,
	}
	if ctx.IsTLS() {
		if r.TLS = ctx.TLSConnectionState(); r.TLS == nil { // of a wrapped connection
			r.TLS = new(tls.ConnectionState)
		}
	}
	return r
}

// convertHeader copies a request's header. All strings are parts of one.
func convertHeader(from *fasthttp.RequestHeader) http.Header {
	text := make([]byte, 0, 1024)
	type field struct{ name, value int } // where they end in text
	fields := make([]field, 0, 24)
	add := func(name, value []byte) {
		text = append(text, name...)
		end := len(text)
		text = append(text, value...)
		fields = append(fields, field{end, len(text)})
	}
	for _, line := range from.PeekAll("Cookie") { // as the client sent them, which All does not show
		add([]byte("Cookie"), line)
	}
	cookies := len(fields) > 0 // otherwise they may come under a name that fiber.Config says not to change
	for name, value := range from.All() {
		if string(name) != "Host" && (string(name) != "Cookie" || !cookies) {
			add(name, value)
		}
	}
	all, values, begin := string(text), make([]string, 0, len(fields)), 0
	header := make(http.Header, len(fields))
	for _, f := range fields {
		name, value := http.CanonicalHeaderKey(all[begin:f.name]), all[f.name:f.value]
		begin = f.value
		if others, ok := header[name]; ok {
			header[name] = append(others, value)
			continue
		}
		values = append(values, value)
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	return header
}
