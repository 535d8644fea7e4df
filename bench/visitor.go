package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
)

// visitor sends one request after the other to a page, with the cookie that
// it was told to bring.
type visitor interface {
	visit()
	answer() string
	cookie() string // what the last answer set, or ""
	bring(cookie string)
	leave()
}

func newVisitor(p page) visitor {
	switch p := p.(type) {
	case http.Handler:
		ctx, cancel := context.WithCancel(context.Background()) // as a server's requests have
		r := must(http.NewRequestWithContext(ctx, "GET", "http://localhost/", nil))
		return &httpVisitor{page: p, r: r, w: sink{h: http.Header{}}, cancel: cancel}
	case fasthttp.RequestHandler:
		v := &fastVisitor{page: p}
		v.r.SetRequestURI("http://localhost/")
		v.c.Init(&fasthttp.Request{}, nil, nil)
		return v
	}
	panic("no page")
}

// httpVisitor gives every visit a fresh shallow copy of the request, and a
// response writer that costs next to nothing.
type httpVisitor struct {
	page http.Handler
	r    *http.Request
	w    sink

	cancel context.CancelFunc
}

func (v *httpVisitor) visit() {
	clear(v.w.h)
	copied := *v.r
	v.page.ServeHTTP(&v.w, &copied)
}

func (v *httpVisitor) answer() string { return string(v.w.body) }

func (v *httpVisitor) cookie() string { return firstCookie(v.w.h) }

func (v *httpVisitor) bring(cookie string) {
	if lines := v.r.Header["Cookie"]; len(lines) == 1 {
		lines[0] = cookie
		return
	}
	v.r.Header["Cookie"] = []string{cookie}
}

func (v *httpVisitor) leave() { v.cancel() }

func firstCookie(h http.Header) string {
	if lines := h["Set-Cookie"]; len(lines) > 0 {
		pair, _, _ := strings.Cut(lines[0], ";")
		return pair
	}
	return ""
}

type sink struct {
	h    http.Header
	body []byte
}

func (s *sink) Header() http.Header { return s.h }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(p []byte) (int, error) {
	s.body = append(s.body[:0], p...)
	return len(p), nil
}

// fastVisitor does the same for fasthttp.
type fastVisitor struct {
	page fasthttp.RequestHandler
	r    fasthttp.Request
	c    fasthttp.RequestCtx
}

func (v *fastVisitor) visit() {
	v.r.CopyTo(&v.c.Request)
	v.c.Response.Reset()
	v.c.ResetUserValues()
	v.page(&v.c)
}

func (v *fastVisitor) answer() string { return string(v.c.Response.Body()) }

func (v *fastVisitor) cookie() string {
	pair, _, _ := bytes.Cut(v.c.Response.Header.Peek("Set-Cookie"), []byte(";"))
	return string(pair)
}

func (v *fastVisitor) bring(cookie string) {
	v.r.Header.DelAllCookies()
	v.r.Header.Set("Cookie", cookie)
}

func (v *fastVisitor) leave() {}

// wireVisitor talks to a server of its own over a loopback connection.
type wireVisitor struct {
	listener net.Listener
	conn     net.Conn
	r        *bufio.Reader
	request  []byte
	header   http.Header
	body     []byte
}

func dial(p page) visitor {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	switch p := p.(type) {
	case http.Handler:
		go func() { _ = http.Serve(l, p) }() // until leave
	case fasthttp.RequestHandler:
		go func() { _ = fasthttp.Serve(l, p) }()
	}
	conn := must(net.Dial("tcp", l.Addr().String()))
	v := &wireVisitor{listener: l, conn: conn, r: bufio.NewReader(conn)}
	v.bring("")
	return v
}

func (v *wireVisitor) visit() {
	_, err := v.conn.Write(v.request)
	check(err)
	resp := must(http.ReadResponse(v.r, nil))
	v.header, v.body = resp.Header, must(io.ReadAll(resp.Body))
}

func (v *wireVisitor) answer() string { return string(v.body) }
func (v *wireVisitor) cookie() string { return firstCookie(v.header) }

func (v *wireVisitor) bring(cookie string) {
	v.request = []byte("GET / HTTP/1.1\r\nHost: localhost\r\n")
	if cookie != "" {
		v.request = append(v.request, "Cookie: "+cookie+"\r\n"...)
	}
	v.request = append(v.request, "\r\n"...)
}

func (v *wireVisitor) leave() {
	_ = v.conn.Close()
	_ = v.listener.Close()
}
