package rpcmatrix

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// streams are calls that are not unary.
var streams = []play{
	{scenario: "stream of responses: the token comes with the header, later changes are saved at the end", run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, e end) error { return countAndSend(ctx, e, 2) })
		tr.streams(Watch)
	}},
	{scenario: "stream of responses without one: changes are saved", run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, _ end) error { return countInStream(ctx) })
		v := tr.visitor()
		tr.want("the stream", v.stream(Watch, "count"), "OK")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "stream of requests: the token comes with the response", run: func(tr *trial) {
		tr.setup.onStream("sum", func(ctx context.Context, e end) error {
			for {
				if _, err := e.receive(); err != nil {
					break
				}
				if err := countInStream(ctx); err != nil {
					return err
				}
			}
			return e.send("summed")
		})
		v := tr.visitor()
		tr.want("the stream", v.stream(Collect, "sum", "a", "b", "c"), "summed OK")
		tr.want("after it", v.do("read"), `3 ""`)
	}},
	{scenario: "stream in both directions: as a stream of responses", run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, e end) error { return countAndSend(ctx, e, 2) })
		tr.streams(Chat)
	}},
	{scenario: "stream fails before its first message: changes and login are dropped, a logout stands", run: func(tr *trial) {
		tr.setup.onStream("sign in", func(ctx context.Context, _ end) error { return tr.failingStream(ctx, signIn) })
		tr.setup.onStream("log out", func(ctx context.Context, _ end) error { return tr.failingStream(ctx, destroy) })
		v := tr.known()
		tr.want("the stream", v.stream(Watch, "sign in"), "FailedPrecondition")
		tr.holds("a token comes", !v.told())
		tr.want("after it", v.do("read"), `1 ""`)
		token := v.token
		tr.want("the stream that logs out", v.stream(Watch, "log out"), "FailedPrecondition")
		tr.holds("the client keeps its token", v.told() && v.token == "")
		tr.want("with the token", tr.as(token).do("read"), `0 ""`)
	}},
	{scenario: "stream fails after its first message: only later changes are dropped", run: func(tr *trial) {
		tr.setup.onStream("fail", func(ctx context.Context, e end) error {
			if err := countAndSend(ctx, e, 1); err != nil {
				return err
			}
			return tr.failingStream(ctx, func(_ context.Context, s *sessions.Session) error { return counter.Set(s, 9) })
		})
		v := tr.visitor()
		tr.want("the stream", v.stream(Watch, "fail"), "1 FailedPrecondition")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "stream signs in after its first message: Internal, and nothing of it is saved", run: func(tr *trial) {
		tr.setup.onStream("late", func(ctx context.Context, e end) error {
			if err := countAndSend(ctx, e, 1); err != nil {
				return err
			}
			s, err := sessions.Load(ctx)
			if err != nil {
				return err
			}
			return signIn(ctx, s)
		})
		v := tr.visitor()
		tr.want("the stream", v.stream(Watch, "late"), "1 Internal")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "store down at the first message: Unavailable, and no message", run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, e end) error { return countAndSend(ctx, e, 2) })
		tr.setup.onStream("stubborn", func(ctx context.Context, e end) error {
			_ = countAndSend(ctx, e, 1)
			_ = e.send("unsaved")
			return nil
		})
		v := tr.known()
		tr.store.down.Store("save")
		tr.want("the stream", v.stream(Watch, "count"), "Unavailable")
		tr.want("a handler that ignores errors", v.stream(Watch, "stubborn"), "Unavailable")
		tr.store.down.Store("")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "store down at the end of a stream: Unavailable after the messages", run: func(tr *trial) {
		tr.setup.onStream("count", func(ctx context.Context, e end) error {
			if err := countAndSend(ctx, e, 1); err != nil {
				return err
			}
			tr.store.down.Store("save")
			return countInStream(ctx)
		})
		v := tr.known()
		tr.want("the stream", v.stream(Watch, "count"), "2 Unavailable")
		tr.store.down.Store("")
		tr.want("after it", v.do("read"), `2 ""`)
	}},
	{scenario: "panic in a stream, recovered outside: later changes are dropped", layers: []Layer{Recover, Sessions}, run: func(tr *trial) {
		tr.setup.onStream("panic", func(ctx context.Context, e end) error {
			_ = countAndSend(ctx, e, 1)
			_ = countInStream(ctx)
			panic("rpcmatrix: the handler panics")
		})
		v := tr.visitor()
		tr.want("the stream", v.stream(Watch, "panic"), "1 Internal")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "session is revoked during a stream: Fresh tells", layers: []Layer{Login}, run: func(tr *trial) {
		tr.setup.onStream("fresh", func(ctx context.Context, e end) error {
			for {
				u, ok, err := tr.setup.Auth.Fresh(ctx)
				switch {
				case err != nil:
					return err
				case !ok:
					return login.ErrAnonymous
				}
				if err := e.send(u.Name); err != nil {
					return err
				}
				if _, err := e.receive(); err != nil {
					return err
				}
			}
		})
		one, other := tr.visitor(), tr.visitor()
		tr.want("login", one.do("login"), "done")
		tr.want("login elsewhere", other.do("login"), "done")
		s := one.begin(Chat, "fresh")
		if s == nil {
			return
		}
		text, err := s.Receive()
		tr.want("before", tr.result(text, err), "ann")
		tr.fail("Send", s.Send("again"))
		text, err = s.Receive()
		tr.want("again", tr.result(text, err), "ann")
		tr.want("logout everywhere", other.do("everywhere"), "done")
		tr.fail("Send", s.Send("again"))
		text, err = s.Receive()
		tr.want("after it", tr.result(text, err), "Unauthenticated")
	}},
}

// streams plays a stream of two responses.
func (tr *trial) streams(procedure string) {
	v := tr.visitor()
	tr.want("the first stream", v.stream(procedure, "count"), "1 2 OK")
	tr.want("after it", v.do("read"), `2 ""`)
	tr.want("the second stream", v.stream(procedure, "count"), "3 4 OK")
	tr.holds("a token comes again", !v.told())
	tr.want("after it", v.do("read"), `4 ""`)
}

func countInStream(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	_, err = count(s)
	return err
}

// countAndSend counts some times, and sends each number.
func countAndSend(ctx context.Context, e end, times int) error {
	for range times {
		if err := countInStream(ctx); err != nil {
			return err
		}
		s, err := sessions.Load(ctx)
		if err != nil {
			return err
		}
		n, err := counter.Get(s)
		if err != nil {
			return err
		}
		if err := e.send(fmt.Sprint(n)); err != nil {
			return err
		}
	}
	return nil
}

// failingStream does something and returns an error of the framework.
func (tr *trial) failingStream(ctx context.Context, f func(context.Context, *sessions.Session) error) error {
	s, err := sessions.Load(ctx)
	if err = errors.Join(err, f(ctx, s)); err != nil {
		return err
	}
	return tr.f.Error(FailedPrecondition, "the handler failed")
}
