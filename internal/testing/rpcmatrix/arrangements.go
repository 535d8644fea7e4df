package rpcmatrix

import (
	"context"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
	"github.com/gosessions/sessions/login"
)

// arrangements are orders of interceptors.
var arrangements = []play{
	{scenario: "interceptor installed twice", layers: []Layer{Sessions, Sessions}, run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, e end) error { return countAndSend(ctx, e, 2) })
		v := tr.visitor()
		tr.want("the first call", v.do("count"), "1")
		tr.holds("more or less than one cookie", len(v.header.Values("Set-Cookie")) == 1)
		tr.store.Ops()
		tr.want("the second call", v.do("count"), "2")
		tr.want("store operations", tr.store.Ops(), "load save")
		tr.want("a stream", v.stream(Watch, "count"), "3 4 OK")
		tr.want("store operations", tr.store.Ops(), "load save save")
	}},
	{scenario: "two managers, also if one of them cannot save", layers: []Layer{Second, Sessions}, run: func(tr *trial) {
		tr.setup.on("both", func(ctx context.Context) (string, error) {
			var numbers []string
			for _, m := range []*sessions.Manager{tr.setup.Manager, tr.setup.Second} {
				s, err := m.Load(ctx)
				if err != nil {
					return "", err
				}
				n, err := count(s)
				if err != nil {
					return "", err
				}
				numbers = append(numbers, n)
			}
			return fmt.Sprint(numbers), nil
		})
		v := tr.visitor()
		tr.want("the first call", v.do("both"), "[1 1]")
		tr.holds("not two cookies", len(v.header.Values("Set-Cookie")) == 2)
		tr.want("the second call", v.do("both"), "[2 2]")
		tr.want("logout from the inner one", v.do("destroy"), "destroyed")
		tr.holds("the client keeps the inner token", v.token == "")
		tr.store.down.Store("save") // of the outer one, while the inner one creates
		tr.want("the third call", v.do("both"), "Unavailable")
		tr.holds("the inner token does not arrive", v.token != "")
		tr.store.down.Store("")
		tr.want("the fourth call", v.do("both"), "[2 3]")
	}},
}

// users are scenarios of callers who sign in.
var users = []play{
	{scenario: "login: new token, the token before is dead; logout", layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.known()
		before := v.token
		tr.want("before", v.do("me"), "nobody")
		tr.want("login", v.do("login"), "done")
		tr.want("after it", v.do("me"), "ann")
		tr.holds("the login gives no new token", v.token != before && v.token != "")
		tr.want("with the token before", tr.as(before).do("me"), "nobody")
		during := v.token
		tr.want("logout", v.do("logout"), "done")
		tr.holds("the client keeps its token after the logout", v.told() && v.token == "")
		tr.want("with the token before the logout", tr.as(during).do("me"), "nobody")
	}},
	{scenario: "rules: Unauthenticated, PermissionDenied, and procedures for everyone", layers: []Layer{Guard}, run: func(tr *trial) {
		tr.setup.onStream("free", func(_ context.Context, e end) error { return e.send("free") })
		tr.setup.on("login as bob", func(ctx context.Context) (string, error) {
			return "done", tr.setup.Auth.Login(ctx, matrix.User{Name: "bob"}, login.Details{})
		})
		v := tr.visitor()
		tr.want("a visitor", v.do("free"), "Unauthenticated")
		tr.want("a visitor's stream", v.stream(Watch, "free"), "Unauthenticated")
		text, err := v.call(tr.ctx, SignIn, "login")
		tr.want("login", tr.result(text, err), "done")
		tr.want("a user", v.do("free"), "free")
		tr.want("a user's stream", v.stream(Watch, "free"), "PermissionDenied")
		text, err = v.call(tr.ctx, SignIn, "login as bob")
		tr.want("login as bob", tr.result(text, err), "done")
		tr.want("bob's stream", v.stream(Watch, "free"), "free OK")
	}},
	{scenario: "call of a page of another site: PermissionDenied, and no store operation", layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.known()
		tr.store.Ops()
		tr.want("the call", v.do("count", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), "PermissionDenied")
		tr.want("store operations", tr.store.Ops(), "")
		tr.want("a call of the same site", v.do("count", "Sec-Fetch-Site", "same-origin"), "2")
	}},
	{scenario: "20 parallel renewals: all succeed, still signed in", layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.visitor()
		tr.want("login", v.do("login"), "done")
		before := v.token
		for _, answer := range v.parallel("renew") {
			tr.want("renewal", answer, "renewed")
		}
		tr.holds("no new token", v.token != before)
		tr.want("after them", v.do("me"), "ann")
	}},
	{scenario: "logout everywhere", layers: []Layer{Login}, run: func(tr *trial) {
		one, other := tr.visitor(), tr.visitor()
		for _, v := range []*visitor{one, other} {
			tr.want("login", v.do("login"), "done")
			tr.want("after it", v.do("me"), "ann")
		}
		tr.want("logout everywhere", one.do("everywhere"), "done")
		tr.want("the other one", other.do("me"), "nobody")
		tr.want("the one", one.do("me"), "nobody")
	}},
}
