package fibersessions

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v3"
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
	header := make(http.Header, 8)
	for _, line := range from.PeekAll("Cookie") { // as the client sent them
		header["Cookie"] = append(header["Cookie"], string(line))
	}
	for name, value := range from.All() {
		if string(name) != "Cookie" {
			name := http.CanonicalHeaderKey(string(name))
			header[name] = append(header[name], string(value))
		}
	}
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
		Header:     header,
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
