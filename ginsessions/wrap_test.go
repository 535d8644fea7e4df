package ginsessions_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const visits = sessions.Key[int]("visits")

// app is an engine with sessions in a store that fails on demand.
type app struct {
	*gin.Engine
	manager *sessions.Manager
	down    string           // the operations of the store that fail
	events  []sessions.Event // that are problems
}

// newApp returns an app; outside are the handlers outside of the sessions.
func newApp(t *testing.T, opts sessions.Options, outside ...gin.HandlerFunc) *app {
	t.Helper()
	a := &app{Engine: gin.New()}
	st := &faultstore.Store{Store: new(memstore.Store), Fault: func(_ int, op string) faultstore.Fault {
		if a.down != "" && strings.Contains(a.down, op) {
			return faultstore.Before
		}
		return faultstore.None
	}}
	opts.Cookie.InsecureHTTP = true
	opts.OnEvent = func(_ context.Context, e sessions.Event) {
		if e.Err != nil {
			a.events = append(a.events, e)
		}
	}
	var err error
	if a.manager, err = sessions.New(st, opts); err != nil {
		t.Fatal(err)
	}
	a.Use(outside...)
	a.Use(ginsessions.Wrap(a.manager.Handler))
	a.GET("/read", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) {
		n, err := visits.Get(s)
		c.String(http.StatusOK, "%d %v", n, err)
	}))
	return a
}

// count adds a visit.
func count(c *gin.Context) {
	s, err := sessions.Load(c.Request.Context())
	if err == nil {
		_, err = visits.Update(s, func(n int) int { return n + 1 })
	}
	if err != nil {
		panic(err)
	}
}

// client returns a function that gets a page of the app, and keeps cookies. The
// result is "status body".
func (a *app) client(t *testing.T) (get func(path string) string) {
	t.Helper()
	server := httptest.NewUnstartedServer(a)
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.Start()
	t.Cleanup(server.Close)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(path string) string {
		resp, err := client.Get(server.URL + path)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%d %s", resp.StatusCode, body)
	}
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// written is what a gin.ResponseWriter says about its response.
type written struct {
	Status, Size int
	Written      bool
}

func of(w gin.ResponseWriter) written { return written{w.Status(), w.Size(), w.Written()} }

// TestWriterTellsTheTruth: handlers inside and outside see what has become of the
// response, as in Gin.
func TestWriterTellsTheTruth(t *testing.T) {
	for _, tc := range []struct {
		name    string
		down    string
		handler gin.HandlerFunc
		inside  written // when the handler has returned
		outside written // after that
		client  string
	}{
		{name: "nothing", handler: func(*gin.Context) {},
			inside: written{200, -1, false}, outside: written{200, -1, false}, client: "200 "},
		{name: "a status", handler: func(c *gin.Context) { c.Status(http.StatusTeapot) },
			inside: written{418, -1, false}, outside: written{418, -1, false}, client: "418 "},
		{name: "two statuses", handler: func(c *gin.Context) { c.Status(http.StatusTeapot); c.Status(http.StatusNoContent) },
			inside: written{204, -1, false}, outside: written{204, -1, false}, client: "204 "},
		{name: "no status", handler: func(c *gin.Context) { c.Status(http.StatusTeapot); c.JSON(-1, 1) },
			inside: written{418, 1, true}, outside: written{418, 1, true}, client: "418 1"},
		{name: "a header", handler: func(c *gin.Context) { c.AbortWithStatus(http.StatusTeapot) },
			inside: written{418, 0, true}, outside: written{418, 0, true}, client: "418 "},
		{name: "a body", handler: func(c *gin.Context) { c.String(http.StatusAccepted, "four") },
			inside: written{202, 4, true}, outside: written{202, 4, true}, client: "202 four"},
		{name: "a string", handler: func(c *gin.Context) { _, _ = c.Writer.WriteString("four") },
			inside: written{200, 4, true}, outside: written{200, 4, true}, client: "200 four"},
		{name: "a flush", handler: func(c *gin.Context) { c.Status(http.StatusAccepted); c.Writer.Flush() },
			inside: written{202, 0, true}, outside: written{202, 0, true}, client: "202 "},
		{name: "a status after the body", handler: func(c *gin.Context) { c.String(http.StatusOK, "four"); c.Status(http.StatusTeapot) },
			inside: written{200, 4, true}, outside: written{200, 4, true}, client: "200 four"},
		{name: "a connection taken over", handler: takeOver,
			inside: written{200, 0, true}, outside: written{200, 0, true}, client: "200 four"},
		{name: "a body that is not saved", down: "create", handler: func(c *gin.Context) { c.String(http.StatusAccepted, "four") },
			inside: written{503, 0, true}, outside: written{503, -1, false}, client: "503 "},
		{name: "a flush that is not saved", down: "create", handler: func(c *gin.Context) { c.Writer.Flush() },
			inside: written{503, 0, true}, outside: written{503, 0, true}, client: "503 "},
		{name: "a status that is not saved", down: "create", handler: func(c *gin.Context) { c.Status(http.StatusNoContent) },
			inside: written{204, -1, false}, outside: written{503, -1, false}, client: "503 "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inside, outside := make(chan written, 1), make(chan written, 1)
			a := newApp(t, sessions.Options{}, func(c *gin.Context) { c.Next(); outside <- of(c.Writer) })
			a.down = tc.down
			a.GET("/", func(c *gin.Context) { c.Next(); inside <- of(c.Writer) }, count, tc.handler)
			want(t, "client", a.client(t)("/"), tc.client)
			want(t, "inside", <-inside, tc.inside)
			want(t, "outside", <-outside, tc.outside)
		})
	}
}

// takeOver writes the response to the connection.
func takeOver(c *gin.Context) {
	conn, _, err := c.Writer.Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour")
	_ = conn.Close()
}

// TestMiddlewareOutsideWritesTheBody: a status that is only noted lets middleware
// outside of the sessions answer, and the changes are saved before.
func TestMiddlewareOutsideWritesTheBody(t *testing.T) {
	a := newApp(t, sessions.Options{}, func(c *gin.Context) {
		c.Next()
		if !c.Writer.Written() && c.Writer.Status() == http.StatusNotFound {
			c.String(http.StatusNotFound, "not here")
		}
	})
	a.GET("/", count, func(c *gin.Context) { c.Status(http.StatusNotFound) })
	get := a.client(t)
	want(t, "page", get("/"), "404 not here")
	want(t, "session", get("/read"), "200 1 <nil>")
}

// TestReportedErrorSavesNothing: a handler that reports an error and leaves the
// answer to middleware outside has failed, unless it has set a status.
func TestReportedErrorSavesNothing(t *testing.T) {
	answers := func(c *gin.Context) {
		c.Next()
		if len(c.Errors) > 0 && !c.Writer.Written() {
			c.JSON(http.StatusConflict, c.Errors.Last())
		}
	}
	for _, tc := range []struct {
		name    string
		outside gin.HandlerFunc
		status  int
		page    string
		session string
	}{
		{"middleware answers", answers, 0, `409 {"error":"no"}`, "200 0 <nil>"},
		{"nobody answers", func(*gin.Context) {}, 0, "500 ", "200 0 <nil>"},
		{"with a status of 200", func(*gin.Context) {}, 200, "200 ", "200 1 <nil>"},
		{"with a status of 422", func(*gin.Context) {}, 422, "422 ", "200 1 <nil>"},
		{"with a status of 502", answers, 502, `409 {"error":"no"}`, "200 0 <nil>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{}, tc.outside)
			a.GET("/", count, func(c *gin.Context) {
				_ = c.Error(errors.New("no"))
				if tc.status != 0 {
					c.Status(tc.status)
				}
			})
			get := a.client(t)
			want(t, "page", get("/"), tc.page)
			want(t, "session", get("/read"), tc.session)
		})
	}
}

// TestErrorInsideDecides: middleware inside that answers errors decides by its
// status whether changes are saved.
func TestErrorInsideDecides(t *testing.T) {
	for status, session := range map[int]string{http.StatusConflict: "200 1 <nil>", http.StatusBadGateway: "200 0 <nil>"} {
		a := newApp(t, sessions.Options{})
		a.GET("/", func(c *gin.Context) { c.Next(); c.JSON(status, c.Errors.Last()) }, count, func(c *gin.Context) {
			_ = c.Error(errors.New("no"))
		})
		get := a.client(t)
		want(t, "page", get("/"), fmt.Sprintf(`%d {"error":"no"}`, status))
		want(t, "session", get("/read"), session)
	}
}

// TestFailuresAreGinsErrors: what keeps a session from being loaded or saved is
// one error of the gin.Context, and middleware outside can write the page. It
// does not get the cause by accident.
func TestFailuresAreGinsErrors(t *testing.T) {
	for _, tc := range []struct {
		name     string
		down     string
		handlers []gin.HandlerFunc
	}{
		{"loaded by HandlerFunc", "load", []gin.HandlerFunc{
			ginsessions.HandlerFunc(func(*gin.Context, *sessions.Session) { panic("called") }),
			func(*gin.Context) { panic("not aborted") },
		}},
		{"loaded by KeyHandlerFunc", "load", []gin.HandlerFunc{
			ginsessions.KeyHandlerFunc(visits, func(*gin.Context, *sessions.Typed[int]) { panic("called") }),
			func(*gin.Context) { panic("not aborted") },
		}},
		{"saved before the body", "save", []gin.HandlerFunc{count, func(c *gin.Context) { c.JSON(http.StatusOK, "saved") }}},
		{"saved before the header", "save", []gin.HandlerFunc{count, func(c *gin.Context) { c.Status(http.StatusNoContent) }}},
		{"saved at the end", "save", []gin.HandlerFunc{count}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var failures []error
			a := newApp(t, sessions.Options{}, func(c *gin.Context) {
				c.Next()
				if len(c.Errors) == 0 {
					return
				}
				for _, err := range c.Errors {
					failures = append(failures, err)
				}
				c.JSON(-1, c.Errors.Last())
			})
			a.GET("/count", count)
			a.GET("/", tc.handlers...)
			get := a.client(t)
			want(t, "visit", get("/count"), "200 ")
			a.down = tc.down
			want(t, "page", get("/"), `503 {"error":"Service Unavailable"}`)
			if len(failures) != 1 || !errors.Is(failures[0], sessions.ErrUnavailable) || !errors.Is(failures[0], faultstore.ErrDown) {
				t.Errorf("c.Errors: %v, want the store's once", failures)
			}
			a.down = ""
			want(t, "session", get("/read"), "200 1 <nil>")
		})
	}
}

// TestManagerErrorAborts: a handler in the middle of a chain can answer.
func TestManagerErrorAborts(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", func(c *gin.Context) { a.manager.Error(c.Writer, c.Request, sessions.ErrConflict) }, func(*gin.Context) { panic("not aborted") })
	want(t, "page", a.client(t)("/"), "503 ")
}

// TestErrorHandlerReplacesTheAnswer: an ErrorHandler that writes by itself has
// answered, and the chain is aborted all the same.
func TestErrorHandlerReplacesTheAnswer(t *testing.T) {
	var reported int
	a := newApp(t, sessions.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "later", http.StatusServiceUnavailable)
	}}, func(c *gin.Context) { c.Next(); reported += len(c.Errors) })
	a.GET("/load", ginsessions.HandlerFunc(func(*gin.Context, *sessions.Session) { panic("called") }), func(*gin.Context) { panic("not aborted") })
	a.GET("/save", count, func(c *gin.Context) { c.Status(http.StatusNoContent) })
	get := a.client(t)
	want(t, "visit", get("/save"), "204 ")
	a.down = "load"
	want(t, "load", get("/load"), "503 later\n")
	a.down = "save"
	want(t, "save", get("/save"), "503 later\n")
	want(t, "errors", reported, 0)
}

// TestNoRoute: sessions work in handlers of NoRoute and NoMethod, and Gin's own
// answers stay.
func TestNoRoute(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.HandleMethodNotAllowed = true
	a.POST("/post", count)
	get := a.client(t)
	want(t, "no route", get("/nowhere"), "404 404 page not found")
	want(t, "no method", get("/post"), "405 405 method not allowed")
	a.NoRoute(func(c *gin.Context) { _ = c.Error(errors.New("no")) })
	want(t, "NoRoute with an error", get("/nowhere"), "404 404 page not found")
	a.NoRoute(count)
	want(t, "NoRoute", get("/nowhere"), "404 404 page not found")
	a.NoMethod(count, func(c *gin.Context) { c.String(http.StatusOK, "all right") })
	want(t, "NoMethod", get("/post"), "200 all right")
	want(t, "session", get("/read"), "200 2 <nil>")
	a.down = "save"
	want(t, "NoRoute, not saved", get("/nowhere"), "503 ")
}

// TestHandleContext: a path that another one was rewritten to still answers
// through the middleware of the first one.
func TestHandleContext(t *testing.T) {
	for _, page := range []string{"/status", "/body"} {
		a := newApp(t, sessions.Options{})
		second, err := sessions.New(new(memstore.Store), sessions.Options{Cookie: sessions.CookieOptions{Name: "second", InsecureName: true, InsecureHTTP: true}})
		if err != nil {
			t.Fatal(err)
		}
		group := a.Group("/", ginsessions.Wrap(second.Handler))
		group.GET("/status", count, func(c *gin.Context) { c.Status(http.StatusTeapot) })
		group.GET("/body", count, func(c *gin.Context) { c.String(http.StatusTeapot, "") })
		a.GET("/", func(c *gin.Context) {
			s, err := a.manager.Load(c.Request.Context())
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = visits.Update(s, func(n int) int { return n + 10 })
			c.Request.URL.Path = page
			a.HandleContext(c)
		})
		group.GET("/second", func(c *gin.Context) {
			s, _ := second.Load(c.Request.Context())
			n, err := visits.Get(s)
			c.String(http.StatusOK, "%d %v", n, err)
		})
		get := a.client(t)
		want(t, "page", get("/"), "418 ")
		want(t, "session", get("/read"), "200 10 <nil>")
		want(t, "session of the group", get("/second"), "200 1 <nil>")
		want(t, "problems", len(a.events), 0)
	}
}

// TestUploadLeavesNoFile: the server removes the files of a form, though it was
// the middleware's request that was parsed.
func TestUploadLeavesNoFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a := newApp(t, sessions.Options{})
	a.MaxMultipartMemory = 1
	a.POST("/", func(c *gin.Context) {
		c.Request = c.Request.WithContext(context.WithoutCancel(c.Request.Context())) // as handlers do
		file, err := c.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		c.String(http.StatusOK, file.Filename)
	})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "name.txt")
	_, _ = part.Write(make([]byte, 64<<10))
	_ = form.Close()
	server := httptest.NewServer(a)
	resp, err := http.Post(server.URL, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	server.Close()
	want(t, "page", string(got), "name.txt")
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

// TestRequestAndWriterAreRestored: middleware outside has its own again, also
// after a panic, and Recovery outside answers.
func TestRequestAndWriterAreRestored(t *testing.T) {
	restored := func(c *gin.Context) {
		request, writer := c.Request, c.Writer
		defer func() {
			if c.Request != request || c.Writer != writer {
				t.Error("they are not restored")
			}
		}()
		c.Next()
	}
	a := newApp(t, sessions.Options{}, gin.RecoveryWithWriter(io.Discard), restored)
	a.GET("/", count)
	a.GET("/panic", count, func(*gin.Context) { panic("no") })
	get := a.client(t)
	want(t, "page", get("/"), "200 ")
	want(t, "panic", get("/panic"), "500 ")
	want(t, "session", get("/read"), "200 1 <nil>")
}

// upper is a gin.ResponseWriter as middleware has it.
type upper struct{ gin.ResponseWriter }

func (w upper) Write(p []byte) (int, error) { return w.ResponseWriter.Write(bytes.ToUpper(p)) }

// TestWriterInBetween: a writer of other middleware between two managers stays in
// its place.
func TestWriterInBetween(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.Use(func(c *gin.Context) { c.Writer = upper{c.Writer}; c.Next() })
	a.Use(ginsessions.Wrap(newAuth(t, login.Options{}).Handler))
	a.GET("/", count, func(c *gin.Context) { c.JSON(http.StatusOK, "page") })
	want(t, "page", a.client(t)("/"), `200 "PAGE"`)
}

// TestControllerReachesTheConnection: deadlines are the server's.
func TestControllerReachesTheConnection(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", func(c *gin.Context) {
		rc := http.NewResponseController(c.Writer)
		c.String(http.StatusOK, "%v", errors.Join(rc.SetWriteDeadline(time.Time{}), rc.EnableFullDuplex(), rc.Flush()))
	})
	want(t, "page", a.client(t)("/"), "200 <nil>")
}

// TestEarlyHints: informational responses go out before the handler's.
func TestEarlyHints(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.GET("/", count, func(c *gin.Context) {
		c.Header("Link", "</style.css>; rel=preload")
		c.Writer.(interface{ Unwrap() http.ResponseWriter }).Unwrap().WriteHeader(http.StatusEarlyHints)
		c.String(http.StatusCreated, "page")
	})
	server := httptest.NewServer(a)
	defer server.Close()
	var hints []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		hints = append(hints, code)
		return nil
	}})
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	want(t, "informational", hints, []int{http.StatusEarlyHints})
	want(t, "status", resp.StatusCode, http.StatusCreated)
	want(t, "cookies", len(resp.Cookies()), 1)
}

// TestStreamOverHTTP2: the cookie comes with the first flush, and the handler
// notices that the client goes away.
func TestStreamOverHTTP2(t *testing.T) {
	a := newApp(t, sessions.Options{})
	gone := make(chan bool, 1)
	a.GET("/", count, func(c *gin.Context) {
		gone <- c.Stream(func(w io.Writer) bool {
			if c.Request.Context().Err() == nil {
				_, _ = io.WriteString(w, "part")
				c.Writer.Flush()
				<-c.Request.Context().Done()
			}
			return true // until Gin notices
		})
	})
	server := httptest.NewUnstartedServer(a)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "HTTP", resp.ProtoMajor, 2)
	want(t, "cookies", len(resp.Cookies()), 1)
	_ = resp.Body.Close() // the client goes away
	want(t, "the client has gone", <-gone, true)
}

// TestContext: c is the context of the session with ContextWithFallback, also as
// a copy in a goroutine.
func TestContext(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.ContextWithFallback = true
	a.GET("/", func(c *gin.Context) {
		done := make(chan error)
		go func(c *gin.Context) {
			s, err := a.manager.Load(c)
			if err == nil {
				err = visits.Set(s, 7)
			}
			done <- err
		}(c.Copy())
		c.String(http.StatusOK, "%v", <-done)
	})
	get := a.client(t)
	want(t, "page", get("/"), "200 <nil>")
	want(t, "session", get("/read"), "200 7 <nil>")
}
