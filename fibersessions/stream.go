package fibersessions

import (
	"bufio"
	"context"
	"sync"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
)

// SendStreamWriter is fiber's c.SendStreamWriter with a session: f runs after
// the handler has returned, and can use the session by ctx. What f has changed
// is saved when it returns; if that fails, it is an event. If f panics, it is
// dropped, and the process ends, as with c.SendStreamWriter.
//
// What the handlers have changed so far is saved before f starts. If that fails,
// SendStreamWriter returns an error as [Error] does, and f does not run. No new
// token can follow: in f, [sessions.Session.Renew] and
// [sessions.Session.SetSubject] return [sessions.ErrHeadersSent], and a session
// that begins in f is not saved. Status and header must be set before.
//
// ctx is never canceled. If the client has gone, w.Flush returns an error, and
// f must return.
//
// Below c.SendStreamWriter itself there is no session any more:
// [sessions.Load] returns [sessions.ErrNoSession].
func SendStreamWriter(c fiber.Ctx, f func(ctx context.Context, w *bufio.Writer)) error {
	ctx, done, err := keep(c)
	if err != nil {
		return Error(c, err)
	}
	for v := visitOf(c); v != nil; v = v.outer {
		if err := v.begin(c.Response(), c.Response().StatusCode()); err != nil {
			done(false)
			return v.fail(c, err)
		}
	}
	return c.SendStreamWriter(func(w *bufio.Writer) {
		ok := false
		defer func() { done(ok) }()
		f(ctx, w)
		ok = true
	})
}

// Keep keeps the request's session usable after the handler has returned: for a
// WebSocket, whose handler runs then. done must be called at the end, and saves
// what has changed.
//
//	ctx, done, err := fibersessions.Keep(c)
//	if err != nil {
//		return fibersessions.Error(c, err)
//	}
//	err = upgrader.Upgrade(c.RequestCtx(), func(conn *websocket.Conn) {
//		defer done()
//		…
//	})
//	if err != nil {
//		done()
//	}
//	return err
//
// ctx leads to the session, is never canceled, and holds nothing of c. For
// streams, use [SendStreamWriter]. The error is [sessions.ErrNoSession] if the
// request has no session, because New is not installed or the handlers have
// returned.
func Keep(c fiber.Ctx) (ctx context.Context, done func(), err error) {
	ctx, end, err := keep(c)
	return ctx, func() { end(true) }, err
}

// keep is Keep. done's argument says whether to save.
func keep(c fiber.Ctx) (ctx context.Context, done func(ok bool), err error) {
	ctx = context.WithoutCancel(c.Context())
	innermost := visitOf(c)
	if innermost == nil {
		_, err := sessions.Load(ctx)
		return ctx, nil, err
	}
	for v := innermost; v != nil; v = v.outer {
		v.request() // which cannot be converted later
		if !v.hold() {
			for held := innermost; held != v; held = held.outer {
				held.release()
			}
			_, err := sessions.Load(ctx)
			return ctx, nil, err
		}
	}
	var once sync.Once
	return ctx, func(ok bool) {
		once.Do(func() {
			for v := innermost; v != nil; v = v.outer {
				if !ok {
					v.failed.Store(true)
				}
				v.release()
			}
		})
	}, nil
}
