// Proxy has [httputil.ReverseProxy] in front of the middleware of sessions, as a
// server that terminates TLS, and behind it, as a gateway.
//
//	go run ./examples/frameworks/proxy [-addr host:port]
//
// A request passes three servers: the front, the gateway, which counts in
// sessions of its own, and the backend, which does so too. Streams and
// WebSockets pass as well. If the backend answers with a status of 500 or more,
// what the gateway has changed is dropped, as with any handler.
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"

	"github.com/coder/websocket"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/store/memstore"
)

const (
	Counter = sessions.Key[int]("counter")

	gatewayCookie = "gateway" // each server needs a cookie of its own
	backendCookie = "backend"
	visits        = "X-Gateway-Visits" // header that the backend gets
)

func main() {
	demo.Serve(func() (http.Handler, error) {
		b, err := listen(backend())
		if err != nil {
			return nil, err
		}
		g, err := listen(gateway(b))
		if err != nil {
			return nil, err
		}
		return front(g), nil
	})
}

// listen serves a handler until the program ends, and returns its address.
func listen(h http.Handler, err error) (*url.URL, error) {
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { _ = http.Serve(listener, h) }()
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}, nil
}

func newManager(cookie string) (*sessions.Manager, error) {
	return sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{Name: cookie, InsecureHTTP: true, InsecureName: true}, // plain HTTP; behind TLS, begin the name with __Host-
	})
}

// front passes requests on as they are. The servers behind compare the host with
// the Origin header, and X-Forwarded-Proto says that the browser used TLS.
func front(to *url.URL) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}}
}

func gateway(to *url.URL) (http.Handler, error) {
	manager, err := newManager(gatewayCookie)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				r.Out.Header[name] = r.In.Header[name] // the front has set them
			}
			r.Out.Header.Del("Cookie")
			for _, c := range r.In.Cookies() {
				if c.Name != gatewayCookie { // whose token is not the backend's business
					r.Out.AddCookie(c)
				}
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			resp.Header["Set-Cookie"] = slices.DeleteFunc(resp.Header["Set-Cookie"], func(line string) bool {
				c, err := http.ParseSetCookie(line)
				return err != nil || c.Name == gatewayCookie // the backend signs nobody in here
			})
			return nil
		},
	}
	return manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		r.Header.Set(visits, strconv.Itoa(n)) // replaces what the client may have sent
		proxy.ServeHTTP(w, r)
	})), nil
}

func backend() (http.Handler, error) {
	manager, err := newManager(backendCookie)
	if err != nil {
		return nil, err
	}
	more := new(demo.Feed[struct{}])
	count := func(end func(w http.ResponseWriter, r *http.Request, text string)) http.Handler {
		return sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			n, err := Counter.Update(s, func(n int) int { return n + 1 })
			if err != nil {
				manager.Error(w, r, err)
				return
			}
			end(w, r, fmt.Sprintf("%d here, %s at the gateway", n, r.Header.Get(visits)))
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/{$}", count(func(w http.ResponseWriter, _ *http.Request, text string) {
		_, _ = fmt.Fprintln(w, text)
	}))
	mux.Handle("GET /fail", count(func(w http.ResponseWriter, _ *http.Request, text string) {
		http.Error(w, text, http.StatusInternalServerError)
	}))
	mux.Handle("GET /cookies", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: gatewayCookie, Value: "planted", Path: "/"})
		for _, c := range r.Cookies() {
			_, _ = fmt.Fprintln(w, c.Name)
		}
	}))
	mux.HandleFunc("POST /more", func(http.ResponseWriter, *http.Request) { more.Publish("", struct{}{}) })
	mux.Handle("GET /events", count(func(w http.ResponseWriter, r *http.Request, text string) {
		next := more.Subscribe(r.Context(), "")
		w.Header().Set("Content-Type", "text/event-stream") // ReverseProxy then sends each event at once
		for ok := true; ok; _, ok = <-next {
			_, _ = fmt.Fprintf(w, "data: %s\n\n", text)
			_ = http.NewResponseController(w).Flush()
		}
	}))
	mux.Handle("GET /socket", count(func(w http.ResponseWriter, r *http.Request, text string) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // it has answered
		}
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(text))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	return http.NewCrossOriginProtection().Handler(manager.Handler(mux)), nil
}
