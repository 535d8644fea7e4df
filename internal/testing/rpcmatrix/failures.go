package rpcmatrix

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// failures are unary calls that do not end well.
var failures = []play{
	{scenario: "call fails with any code: changes and login are dropped", run: func(tr *trial) {
		v := tr.known()
		token := v.token
		for code := Canceled; code <= Unauthenticated; code++ {
			tr.failing("fail", code, signIn)
			tr.want("the call", v.do("fail"), code.String())
			tr.holds("a token comes", !v.told())
			stranger := tr.visitor()
			tr.want("the call of a new visitor", stranger.do("fail"), code.String())
			tr.holds("a token comes", !stranger.told())
		}
		tr.want("after them", tr.as(token).do("read"), `1 ""`)
	}},
	{scenario: "call fails after a Save: the new token arrives", run: func(tr *trial) {
		tr.failing("fail", InvalidArgument, func(ctx context.Context, s *sessions.Session) error {
			return errors.Join(signIn(ctx, s), s.Save(ctx), counter.Set(s, 7))
		})
		v := tr.known()
		before := v.token
		tr.want("the call", v.do("fail"), "InvalidArgument")
		tr.want("after it", v.do("read"), `2 "ann"`)
		tr.want("with the token before", tr.as(before).do("read"), `0 ""`)
	}},
	{scenario: "call fails: a logout stands", run: func(tr *trial) {
		tr.failing("fail", NotFound, destroy)
		tr.loggedOut("NotFound")
	}},
	{scenario: "call fails with SaveOnError: changes and login are saved", opts: sessions.Options{SaveOnError: true}, run: func(tr *trial) {
		tr.failing("fail", InvalidArgument, signIn)
		v := tr.known()
		tr.want("the call", v.do("fail"), "InvalidArgument")
		tr.want("after it", v.do("read"), `2 "ann"`)
	}},
	{scenario: "errors of the library have codes, and messages without details", run: func(tr *trial) {
		v := tr.visitor()
		for _, tc := range []struct {
			err  error
			code Code
		}{
			{sessions.ErrNoSession, Internal},
			{sessions.ErrNotFound, Aborted},
			{sessions.ErrConflict, Aborted},
			{sessions.ErrCorrupt, Internal},
			{sessions.ErrTooLarge, ResourceExhausted},
			{sessions.ErrUnavailable, Unavailable},
			{errors.Join(sessions.ErrUnavailable, context.DeadlineExceeded), Unavailable},
			{sessions.ErrRefused, ResourceExhausted},
			{sessions.ErrHeadersSent, Internal},
			{&sessions.CodecError{Op: "encode", Key: "key", Err: errors.ErrUnsupported}, Internal},
			{login.ErrCredentials, Unauthenticated},
			{login.ErrNoUser, Unauthenticated},
			{login.ErrAnonymous, Unauthenticated},
			{login.ErrNotRecent, Unauthenticated},
			{login.ErrForbidden, PermissionDenied},
			{login.ErrBackend, Unavailable},
			{login.ErrBusy, Unavailable},
			{login.ErrMaxSessions, FailedPrecondition},
			{fmt.Errorf("%w: %w", sessions.ErrUnavailable, tr.f.Error(NotFound, "of another server")), Unavailable},
			{tr.f.Error(NotFound, "of the handler"), NotFound},
		} {
			own := tc.code != NotFound
			tr.setup.on("err", func(context.Context) (string, error) {
				if own {
					return "", fmt.Errorf("SECRET-DETAIL: %w", tc.err)
				}
				return "", tc.err
			})
			_, err := v.call(tr.ctx, Do, "err")
			tr.want(tc.err.Error(), tr.result("", err), tc.code.String())
			if err != nil {
				tr.holds("the client sees "+err.Error(), !own || !strings.Contains(err.Error(), "SECRET-DETAIL") && !strings.Contains(err.Error(), "server"))
			}
		}
	}},
	{scenario: "panic, recovered inside: changes and login are dropped, a logout stands", layers: []Layer{Sessions, Recover}, run: panics},
	{scenario: "panic, recovered outside: changes and login are dropped, a logout stands", layers: []Layer{Recover, Sessions}, run: panics},
	{scenario: "panic, recovered outside, with SaveOnError: changes are dropped", layers: []Layer{Recover, Sessions}, opts: sessions.Options{SaveOnError: true}, run: panics},
	{scenario: "deadline passes in the handler: changes are dropped", layers: []Layer{Timeout, Sessions}, timeout: 20 * time.Millisecond, run: func(tr *trial) {
		tr.setup.onSession("slow", func(ctx context.Context, s *sessions.Session) (string, error) {
			<-ctx.Done()
			return count(s)
		})
		v := tr.visitor()
		tr.want("the call", v.do("slow"), "DeadlineExceeded")
		tr.holds("a token comes", !v.told())
		tr.want("store operations", tr.store.Ops(), "")
	}},
	{scenario: "client cancels: a handler that ends well has saved", run: func(tr *trial) {
		tr.setup.onSession("wait", func(_ context.Context, s *sessions.Session) (string, error) {
			n, err := count(s)
			tr.setup.wait()
			return n, err
		})
		v := tr.known()
		ctx, cancel := context.WithCancel(tr.ctx)
		canceled := make(chan error)
		go func() {
			_, err := v.call(ctx, Do, "wait")
			canceled <- err
		}()
		tr.receive("the handler does not wait", tr.setup.entered)
		cancel()
		tr.want("the call", tr.result("", <-canceled), "Canceled")
		close(tr.setup.release)
		tr.receive("nothing is saved", tr.store.saved)
		tr.want("after it", v.do("read"), `2 ""`)
	}},
	{scenario: "store down at load: Unavailable", run: func(tr *trial) { tr.outage("count", "load") }},
	{scenario: "store down at Save in the handler: Unavailable", run: func(tr *trial) { tr.outage("save", "create save") }},
	{scenario: "store down at the end: Unavailable instead of the response", run: func(tr *trial) { tr.outage("count", "create save") }},
	{scenario: "store down at a logout: Unavailable, also if the handler failed", run: func(tr *trial) {
		v := tr.known()
		tr.failing("fail", NotFound, destroy)
		tr.store.down.Store("delete")
		tr.want("the call", v.do("destroy"), "Unavailable")
		tr.want("a call that fails", v.do("fail"), "Unavailable")
		tr.store.down.Store("")
		tr.want("after it", v.do("read"), `1 ""`)
	}},
	{scenario: "others keep changing the session: Aborted", opts: sessions.Options{SaveTimeout: 50 * time.Millisecond}, run: func(tr *trial) {
		v := tr.known()
		tr.store.conflict.Store(true)
		tr.want("the call", v.do("count"), "Aborted")
		tr.store.conflict.Store(false)
		tr.want("after it", v.do("count"), "2")
	}},
	{scenario: "session ends during a renewal: Aborted, and no token", run: func(tr *trial) {
		tr.setup.onSession("revoked", func(ctx context.Context, s *sessions.Session) (string, error) {
			return "", errors.Join(s.Renew(), tr.setup.Manager.Revoke(ctx, s.ID()))
		})
		v := tr.known()
		tr.want("the call", v.do("revoked"), "Aborted")
		tr.holds("a token comes", !v.told())
	}},
	{
		scenario: "BeforeCreate refuses: ResourceExhausted",
		opts: sessions.Options{BeforeCreate: func(context.Context) error {
			return errors.New("SECRET-DETAIL")
		}},
		run: func(tr *trial) {
			v := tr.visitor()
			_, err := v.call(tr.ctx, Do, "count")
			tr.want("the call", tr.result("", err), "ResourceExhausted")
			tr.holds("the client sees the cause", err == nil || !strings.Contains(err.Error(), "SECRET-DETAIL"))
			tr.holds("a token comes", !v.told())
		},
	},
}

// signIn counts and signs in, and leaves it to the interceptor to save that.
func signIn(_ context.Context, s *sessions.Session) error {
	_, err := count(s)
	return errors.Join(err, s.SetSubject("ann"))
}

func destroy(_ context.Context, s *sessions.Session) error {
	s.Destroy()
	return nil
}

func panics(tr *trial) {
	panicking := func(f func(context.Context, *sessions.Session) error) {
		tr.setup.onSession("fail", func(ctx context.Context, s *sessions.Session) (string, error) {
			tr.fail("before the panic", f(ctx, s))
			panic("rpcmatrix: the handler panics")
		})
	}
	panicking(signIn)
	v := tr.known()
	tr.want("the call", v.do("fail"), "Internal")
	tr.holds("a token comes", !v.told())
	tr.want("after it", v.do("read"), `1 ""`)
	panicking(destroy)
	tr.loggedOut("Internal")
}

// loggedOut checks that the call "fail", which destroys the session, does.
func (tr *trial) loggedOut(code string) {
	v := tr.known()
	token := v.token
	tr.want("the call", v.do("fail"), code)
	tr.holds("the client keeps its token after the logout", v.told() && v.token == "")
	tr.want("with the token", tr.as(token).do("read"), `0 ""`)
}

// outage checks that a call fails while store operations do.
func (tr *trial) outage(text, operations string) {
	v, stranger := tr.known(), tr.visitor()
	tr.store.down.Store(operations)
	_, err := v.call(tr.ctx, Do, text)
	tr.want("the call", tr.result("", err), "Unavailable")
	tr.holds("the client sees the cause", err == nil || !strings.Contains(err.Error(), "load") && !strings.Contains(err.Error(), "save"))
	if operations != "load" { // a new visitor costs none
		tr.want("the call of a new visitor", stranger.do(text), "Unavailable")
		tr.holds("a token comes", !stranger.told())
	}
	tr.store.down.Store("")
	tr.want("after the outage", v.do("count"), "2")
}
