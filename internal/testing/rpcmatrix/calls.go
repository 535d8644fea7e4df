package rpcmatrix

import (
	"context"
	"net/http"
	"strings"

	"github.com/gosessions/sessions"
)

// calls are unary calls that end well.
var calls = []play{
	{scenario: "unary: counts 1, 2, 3; one cookie with its attributes", run: func(tr *trial) {
		v := tr.visitor()
		tr.want("the first call", v.do("count"), "1")
		cookies := v.header.Values("Set-Cookie")
		tr.holds("more or less than one cookie", len(cookies) == 1)
		_, attributes, _ := strings.Cut(strings.Join(cookies, ""), "; ")
		tr.want("attributes", attributes, "Path=/; HttpOnly; SameSite=Lax")
		for _, counted := range []string{"2", "3"} {
			tr.want("the next call", v.do("count"), counted)
			tr.holds("a token comes again", !v.told())
		}
	}},
	{scenario: "procedure without a session: no store operation, no token", run: func(tr *trial) {
		v := tr.known()
		tr.store.Ops()
		tr.want("with a token", v.do("free"), "free")
		tr.holds("a token comes", !v.told())
		v = tr.visitor()
		tr.want("without a token", v.do("free"), "free")
		tr.holds("a token comes", !v.told())
		tr.want("store operations", tr.store.Ops(), "")
	}},
	{
		scenario: "bearer token: new tokens come in x-session-token",
		opts:     sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}},
		run:      func(tr *trial) { tr.carries("Authorization", "Bearer ") },
	},
	{
		scenario: "token in a header of its own",
		opts:     sessions.Options{Transports: []sessions.Transport{sessions.Header("X-Session-Token")}},
		run:      func(tr *trial) { tr.carries("X-Session-Token", "") },
	},
	{scenario: "20 parallel increments add 20", run: func(tr *trial) {
		v := tr.known()
		for _, answer := range v.parallel("count") {
			tr.holds("a call fails", answer != "" && answer[0] >= '0' && answer[0] <= '9')
		}
		tr.want("after them", v.do("read"), `21 ""`)
	}},
}

// carries plays a session whose token travels in a header field.
func (tr *trial) carries(field, prefix string) {
	v := tr.visitor()
	v.field, v.prefix = field, prefix
	tr.want("the first call", v.do("count"), "1")
	first := v.token
	tr.holds("no token", first != "")
	tr.holds("a cookie", v.header.Get("Set-Cookie") == "")
	tr.want("the second call", v.do("count"), "2")
	tr.want("renewal", v.do("renew"), "renewed")
	tr.holds("no new token", v.token != first)
	tr.want("after it", v.do("count"), "3")
	tr.want("logout", v.do("destroy"), "destroyed")
	tr.holds("the token stays", v.told() && v.token == "")
}

// parallel makes 20 calls at once.
func (v *visitor) parallel(text string) []string {
	type answer struct {
		text   string
		header http.Header
		err    error
	}
	answers := make(chan answer)
	for range 20 {
		go func() {
			text, h, err := v.tr.client.Call(v.tr.ctx, Do, v.sent(), text)
			answers <- answer{text, h, err}
		}()
	}
	var all []string
	var brought []http.Header
	for range 20 {
		a := <-answers
		all, brought = append(all, v.tr.result(a.text, a.err)), append(brought, a.header)
	}
	for _, h := range brought {
		v.keep(h)
	}
	return all
}

// failing makes unary calls with the text fail after they have done something.
func (tr *trial) failing(text string, code Code, f func(context.Context, *sessions.Session) error) {
	tr.setup.onSession(text, func(ctx context.Context, s *sessions.Session) (string, error) {
		if err := f(ctx, s); err != nil {
			return "", err
		}
		return "", tr.f.Error(code, "the handler failed")
	})
}
