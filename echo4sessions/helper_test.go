package echo4sessions_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/internal/testing/matrix"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

// user is a user who needs no proof.
type user string

func (u user) UserID() string        { return string(u) }
func (user) SessionAuthHash() []byte { return nil }

type backend struct{}

func (backend) Authenticate(_ context.Context, u user) (user, error) { return u, nil }
func (backend) User(_ context.Context, id string) (user, error)      { return user(id), nil }

// app is an app of echo, with managers whose store can be down.
type app struct {
	*echo.Echo
	manager *sessions.Manager
	auth    *login.Manager[user, user]
	down    atomic.Value // the names of operations that fail, as in "create save"

	mu     sync.Mutex
	events []login.Event
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{Echo: echo.New()}
	a.down.Store("")
	a.Logger.SetOutput(io.Discard)
	st := &faultstore.Store{Store: new(memstore.Store), Fault: func(_ int, op string) faultstore.Fault {
		if strings.Contains(a.down.Load().(string), op) {
			return faultstore.Before
		}
		return faultstore.None
	}}
	var err error
	a.manager, err = sessions.New(st, sessions.Options{
		Cookie:  sessions.CookieOptions{InsecureHTTP: true},
		OnEvent: func(context.Context, sessions.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.auth, err = login.New(a.manager, backend{}, login.Options{
		HashKeys: []sessions.Secret{make([]byte, 32)},
		LoginURL: "/login",
		OnEvent: func(_ context.Context, e login.Event) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.events = append(a.events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// visit counts a visit.
func visit(c echo.Context) (int, error) {
	s, err := sessions.Load(c.Request().Context())
	if err != nil {
		return 0, err
	}
	return Counter.Update(s, func(n int) int { return n + 1 })
}

// visits returns the number of visits that were saved.
func (a *app) visits(b *browser) int {
	b.t.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	cookies := b.client.Jar.Cookies(u)
	if len(cookies) == 0 {
		return 0
	}
	s, err := a.manager.Open(b.t.Context(), cookies[0].Value)
	if err != nil {
		b.t.Fatal(err)
	}
	n, err := Counter.Get(s)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// browser is a client that keeps cookies.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
}

func (a *app) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, matrix.Serve(t, a), &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// response is one whose body has been read.
type response struct {
	*http.Response
	text string
}

func (b *browser) get(path string) response { return b.send(http.MethodGet, path, "") }

func (b *browser) send(method, path, body string, header ...string) response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		b.t.Fatal(err)
	}
	return response{resp, string(text)}
}

// entry is what a logger finds out about a request.
type entry struct {
	Status    int
	Size      int64
	Committed bool
	Err       bool // the handler returned an error
	Code      int  // of that error, as echo sees it
}

// logger keeps what it finds out about the last request.
func logger(last *entry) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			r := c.Response()
			*last = entry{r.Status, r.Size, r.Committed, err != nil, 0}
			if he, ok := err.(*echo.HTTPError); ok {
				last.Code = he.Code
			}
			return err
		}
	}
}
