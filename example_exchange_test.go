package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleManager_Begin() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})

	// An interceptor of an RPC framework: the token travels in the metadata of
	// the call instead of a cookie.
	intercept := func(token string, call func(context.Context) error) (newToken string, err error) {
		ctx, x := manager.Begin(context.Background(), token)
		defer x.Discard() // if the call fails, nothing is saved
		if err := call(ctx); err != nil {
			return "", err
		}
		reply, err := x.Commit(ctx)
		return reply.Token(), err
	}

	login := func(ctx context.Context) error {
		s, err := sessions.Load(ctx)
		if err != nil {
			return err
		}
		return s.SetSubject("ann") // the password has been verified
	}
	whoAmI := func(ctx context.Context) error {
		s, err := sessions.Load(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("hello %s\n", s.Subject())
		return nil
	}

	token, err := intercept("", login)
	fmt.Println("a new token:", token != "", err)
	token, err = intercept(token, whoAmI)
	fmt.Println("a new token:", token != "", err)
	// Output:
	// a new token: true <nil>
	// hello ann
	// a new token: false <nil>
}

func ExampleManager_BeginRequestFunc() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})

	// Middleware of a server whose requests are of another type.
	serve := func(path, cookie string, handle func(context.Context)) http.Header {
		ctx, x := manager.BeginRequestFunc(context.Background(), func() *http.Request {
			fmt.Println("converted", path)
			return &http.Request{Method: "GET", URL: &url.URL{Path: path}, Header: http.Header{
				"Cookie": {cookie}, "X-Forwarded-Proto": {"https"},
			}}
		})
		defer x.Discard()
		handle(ctx)
		header := http.Header{}
		if err := x.Respond(ctx, http.StatusOK, header); err != nil {
			fmt.Println("answered with", sessions.StatusCode(err))
		}
		return header
	}

	serve("/style.css", "", func(context.Context) {})
	header := serve("/count", "", func(ctx context.Context) {
		if s, err := sessions.Load(ctx); err == nil {
			_ = Counter.Set(s, 1)
		}
	})
	fmt.Println("cookies:", len(header["Set-Cookie"]))
	// Output:
	// converted /count
	// cookies: 1
}

func ExampleExchange() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})

	// A call that fails: its changes are dropped.
	ctx, x := manager.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = Counter.Set(s, 1)
	_, err := x.Discard()
	fmt.Println("discarded:", err, s.ID() == "")

	// A stream: one commit before its first message, one at its end.
	ctx, x = manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ = sessions.Load(ctx)
	_ = Counter.Set(s, 1)
	reply, err := x.Commit(ctx)
	fmt.Println("at the start:", reply.Action() == sessions.Set, err)

	_, _ = Counter.Update(s, func(n int) int { return n + 1 })
	fmt.Println("too late for a token:", errors.Is(s.Renew(), sessions.ErrHeadersSent))
	reply, err = x.Commit(ctx)
	fmt.Println("at the end:", reply.Action() == sessions.Keep, err)
	// Output:
	// discarded: <nil> true
	// at the start: true <nil>
	// too late for a token: true
	// at the end: true <nil>
}

func ExampleReply() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	client := "" // what the client stores
	call := func(f func(*sessions.Session)) {
		ctx, x := manager.Begin(context.Background(), client)
		defer x.Discard()
		s, _ := sessions.Load(ctx)
		f(s)
		reply, _ := x.Commit(ctx)
		switch reply.Action() {
		case sessions.Set:
			client = reply.Token()
			fmt.Println("store the token for", reply.MaxAge().Round(time.Hour)) // 0s: until the client ends
		case sessions.Clear:
			client = ""
			fmt.Println("forget the token")
		case sessions.Keep:
			fmt.Println("nothing to do")
		}
	}
	call(func(s *sessions.Session) {
		_ = s.SetSubject("ann")
		s.SetExpiry(sessions.Remember(7*24*time.Hour, 30*24*time.Hour))
	})
	call(func(s *sessions.Session) { _ = s.Set("theme", "dark") })
	call(func(s *sessions.Session) { s.Destroy() })
	// Output:
	// store the token for 168h0m0s
	// store the token for 168h0m0s
	// forget the token
}
