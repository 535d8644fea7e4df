package test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// serveTLS starts a real server, and a client of it that keeps cookies.
func serveTLS(t *testing.T, h http.Handler, http2 bool) (*httptest.Server, *http.Client) {
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return server, client
}

// fetch gets a page and returns "status body".
func fetch(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return text(resp)
}

// protocols runs f with a real server and a client that keeps cookies, over
// HTTP/1.1 and over HTTP/2.
func protocols(t *testing.T, h http.Handler, f func(t *testing.T, get func(path string) *http.Response)) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP/2 %t", http2), func(t *testing.T) {
			server, client := serveTLS(t, h, http2)
			f(t, func(path string) *http.Response {
				resp, err := client.Get(server.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				if http2 != (resp.ProtoMajor == 2) {
					t.Fatalf("protocol %s", resp.Proto)
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				resp.Body = io.NopCloser(strings.NewReader(string(body)))
				return resp
			})
		})
	}
}

func TestR31_CookieArrivesWhicheverWayTheResponseBegins(t *testing.T) {
	a := newApp(t, sessions.Options{})
	mux := http.NewServeMux()
	routes := map[string]http.HandlerFunc{
		"write header": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); _, _ = io.WriteString(w, "late") },
		"write":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("body")) },
		"write string": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "body") },
		"read from": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("body"))
		},
		"copy": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, io.LimitReader(strings.NewReader("body"), 9))
		},
		"copy nothing": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, io.LimitReader(nil, 0)) },
		"flush":        func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"controller":   func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() },
		"return":       func(http.ResponseWriter, *http.Request) {},
		"redirect":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
		"not found":    http.NotFound,
		"no content":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
		"hints":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(200) },
	}
	for name, route := range routes {
		mux.Handle("/"+strings.ReplaceAll(name, " ", "-"), sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
				t.Error(err)
			}
			route(w, r)
		}))
	}
	mux.Handle("/read", sessions.HandlerFunc(read))
	for name := range routes {
		protocols(t, a.Handler(mux), func(t *testing.T, get func(string) *http.Response) {
			resp := get("/" + strings.ReplaceAll(name, " ", "-"))
			want(t, name+": cookies", len(resp.Cookies()), 1)
			want(t, name+": Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
			want(t, name+": saved", text(get("/read")), "200 1")
		})
	}
}

func TestR29_EveryResponseVaries(t *testing.T) {
	a := newApp(t, sessions.Options{})
	page := func(vary []string, h http.Handler) *http.Response {
		b := &browser{cookies: map[string]string{}, h: a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if vary != nil {
				w.Header()["Vary"] = vary
			}
			h.ServeHTTP(w, r)
		}))}
		return b.do(httptest.NewRequest("GET", "/", nil))
	}
	for name, tc := range map[string]struct {
		vary []string
		h    http.Handler
		want string
	}{
		"untouched":         {nil, http.HandlerFunc(hello), "Cookie"},
		"nothing written":   {nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "Cookie"},
		"read":              {nil, sessions.HandlerFunc(read), "Cookie"},
		"written":           {nil, sessions.HandlerFunc(count), "Cookie"},
		"not found":         {nil, http.NotFoundHandler(), "Cookie"},
		"another":           {[]string{"Accept-Encoding"}, http.HandlerFunc(hello), "Accept-Encoding|Cookie"},
		"there already":     {[]string{"Accept, cookie"}, http.HandlerFunc(hello), "Accept, cookie"},
		"in a second line":  {[]string{"Accept", "COOKIE"}, http.HandlerFunc(hello), "Accept|COOKIE"},
		"part of a name":    {[]string{"Cookie-Consent"}, http.HandlerFunc(hello), "Cookie-Consent|Cookie"},
		"star":              {[]string{"*"}, http.HandlerFunc(hello), "*"},
		"star among others": {[]string{"Accept, *"}, sessions.HandlerFunc(count), "Accept, *"},
		"an error page":     {nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }), "Cookie"},
		"page of a bad save": {[]string{"Accept"}, sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			open(t, sessions.Key[any]("f"), s).Data = func() {}
		}), "Cookie"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, "Vary", strings.Join(page(tc.vary, tc.h).Header["Vary"], "|"), tc.want)
		})
	}
}

// TestR29_RecoveredPanicVaries: the error page of a middleware outside is a
// response that passed the manager, too.
func TestR29_RecoveredPanicVaries(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"untouched": func(http.ResponseWriter, *http.Request) {},
		"read": func(w http.ResponseWriter, r *http.Request) {
			sessions.HandlerFunc(read).ServeHTTP(httptest.NewRecorder(), r)
		},
		"destroyed": func(w http.ResponseWriter, r *http.Request) {
			sessions.HandlerFunc(signOut).ServeHTTP(httptest.NewRecorder(), r)
		},
	} {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.h = recovering(a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page(w, r)
			panic("oops")
		})))
		resp := b.do(httptest.NewRequest("GET", "/", nil))
		want(t, name+": reply", text(resp), "500 recovered")
		want(t, name+": Vary", resp.Header.Get("Vary"), "Cookie")
	}
}

func TestR30_ResponseWithOurCookieIsNotStored(t *testing.T) {
	a := newApp(t, sessions.Options{})
	for before, after := range map[string]string{
		"":                                "no-store",
		"public, s-maxage=600, immutable": "no-store",
		"private":                         "no-store",
		`no-cache="Set-Cookie"`:           "no-store",
		"no-store, private":               "no-store, private",
		"private, No-Store":               "private, No-Store",
	} {
		for _, writes := range []bool{true, false} {
			b := a.browser(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				if before != "" {
					w.Header().Set("Cache-Control", before)
				}
				if writes {
					_ = counter.Set(s, 1)
				}
			})
			expected := after
			if !writes {
				expected = before
			}
			resp := b.do(httptest.NewRequest("GET", "/", nil))
			want(t, fmt.Sprintf("%q, written %t", before, writes), resp.Header.Get("Cache-Control"), expected)
		}
	}
}

func TestR33_ControllerReachesTheConnection(t *testing.T) {
	a := newApp(t, sessions.Options{})
	page := sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		c := http.NewResponseController(w)
		for what, err := range map[string]error{
			"read deadline":  c.SetReadDeadline(time.Now().Add(time.Minute)),
			"write deadline": c.SetWriteDeadline(time.Now().Add(time.Minute)),
			"full duplex":    c.EnableFullDuplex(),
			"flush":          c.Flush(),
		} {
			if err != nil && !(r.ProtoMajor == 2 && what == "full duplex") {
				t.Errorf("%s over %s: %v", what, r.Proto, err)
			}
		}
		_, _ = io.WriteString(w, "done")
	})
	protocols(t, a.Handler(page), func(t *testing.T, get func(string) *http.Response) {
		resp := get("/")
		want(t, "reply", text(resp), "200 done")
		want(t, "cookies", len(resp.Cookies()), 1)
	})
}

func TestR30_EveryChangeOfTheCookieIsNotStored(t *testing.T) {
	public := func(page handler) handler {
		return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			w.Header()["Cache-Control"] = []string{"public", "s-maxage=600"}
			http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "1"})
			page(w, r, s)
		}
	}
	a, b := fresh(t, sessions.Options{})
	for _, step := range []struct {
		name string
		page handler
		want string
	}{
		{"nothing of ours", read, "public|s-maxage=600"},
		{"a new session", count, "no-store"},
		{"a write", count, "public|s-maxage=600"},
		{"a renewal", renewing, "no-store"},
		{"a login", signIn("ann"), "no-store"},
		{"a logout", signOut, "no-store"},
	} {
		resp := b.visit(a, public(step.page))
		want(t, step.name, strings.Join(resp.Header["Cache-Control"], "|"), step.want)
		cookies := 1
		if step.want == "no-store" {
			cookies = 2
		}
		want(t, step.name+": cookies", len(resp.Cookies()), cookies)
	}
}

// TestHeadersOfOthersAreNotWrittenTo: a handler may share the lines of a
// header between responses.
func TestHeadersOfOthersAreNotWrittenTo(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	cookies := []string{"__Host-id=forged", "theme=dark"}
	vary := append(make([]string, 0, 4), "Accept")
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		w.Header()["Set-Cookie"], w.Header()["Vary"] = cookies, vary
		count(w, r, s)
	})
	want(t, "cookies of the response", len(resp.Cookies()), 2)
	want(t, "Vary of the response", strings.Join(resp.Header["Vary"], ", "), "Accept, Cookie")
	want(t, "the handler's cookies", strings.Join(cookies, ", "), "__Host-id=forged, theme=dark")
	want(t, "room after the handler's Vary", vary[:2][1], "")
}

// TestR29_VaryOnUseLetsCachesSharePublicPages: a response that depends on the
// session still says so, and a page that asks too late gets no session.
func TestR29_VaryOnUseLetsCachesSharePublicPages(t *testing.T) {
	a, b := fresh(t, sessions.Options{VaryOnUse: true})
	b.visit(a, count)
	var late error
	for name, tc := range map[string]struct {
		page http.HandlerFunc
		vary string
	}{
		"public":      {hello, ""},
		"nothing":     {func(http.ResponseWriter, *http.Request) {}, ""},
		"not found":   {http.NotFound, ""},
		"asks":        {sessions.HandlerFunc(read), "Cookie"},
		"writes":      {sessions.HandlerFunc(count), "Cookie"},
		"asks, empty": {sessions.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Session) {}), "Cookie"},
		"asks too late": {func(w http.ResponseWriter, r *http.Request) {
			hello(w, r)
			_, late = sessions.Load(r.Context())
		}, ""},
	} {
		r := httptest.NewRequest("GET", "https://example.com/", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
		w := httptest.NewRecorder()
		a.Handler(tc.page).ServeHTTP(w, r)
		want(t, name+": Vary", w.Result().Header.Get("Vary"), tc.vary)
	}
	want(t, "too late is ErrNoSession", errors.Is(late, sessions.ErrNoSession), true)
	a.store.Fault = failing("load", faultstore.Before)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "https://example.com/", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
	a.Handler(sessions.HandlerFunc(read)).ServeHTTP(w, r)
	want(t, "the error page of a store that is down: status", w.Code, 503)
	want(t, "the error page: Cache-Control", w.Header().Get("Cache-Control"), "no-store")
}
