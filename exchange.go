package sessions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/internal/lazy"
	"github.com/gosessions/sessions/internal/respond"
	"github.com/gosessions/sessions/internal/token"
)

// Exchange is one request's dealings with one manager, for servers that are
// not net/http: interceptors of RPC frameworks, workers, tests.
// [Manager.Handler] is an exchange around an HTTP handler.
//
// An exchange begins with [Manager.Begin] or [Manager.BeginRequest], and ends
// with [Exchange.Discard]. Commit or Respond saves in between.
type Exchange struct {
	parent  context.Context // of the request
	m       *Manager
	r       *http.Request // if it is an HTTP request; it brings the token then
	foreign *foreign      // what brings the token otherwise, or makes r when the session is loaded; else nil
	session lazy.Value[*Session]
	inner   *Exchange // of another manager, next in the chain

	begun atomic.Bool // the response has begun, or is about to
	stage stage
	sent  bool   // the request brought a token, whatever it opens
	via   uint16 // index of transport, once the session is loaded
}

// foreign is an exchange whose request is not of net/http. It is apart so that
// the others take less memory.
type foreign struct {
	Exchange
	token   string               // as the caller of Begin brought it
	convert func() *http.Request // makes the request, which brings the token; nil after Begin
}

// exchange returns the exchange, which begins.
func (f *foreign) exchange(ctx context.Context, m *Manager) *Exchange {
	f.Exchange = Exchange{parent: ctx, m: m, foreign: f}
	return &f.Exchange
}

// stage says how far an exchange is.
type stage byte

const (
	open      stage = iota
	committed       // the last Commit went well
	discarded
	joined // the manager has an exchange of this request already; this one does nothing
)

// exchangeContext is an exchange as the context below it.
type exchangeContext Exchange

// exchangeOf returns the manager's exchange that a context belongs to, or nil.
func exchangeOf(ctx context.Context, m *Manager) *Exchange {
	x, _ := ctx.Value(managed{m}).(*Exchange)
	return x
}

// innermostOf returns the innermost exchange that a context belongs to, or nil.
func innermostOf(ctx context.Context) *Exchange {
	x, _ := ctx.Value(innermost{}).(*Exchange)
	return x
}

// Value finds the exchange itself, and otherwise what the request's context
// holds.
func (c *exchangeContext) Value(key any) any {
	switch k := key.(type) {
	case innermost:
		return (*Exchange)(c)
	case managed:
		if k.m == c.m {
			return (*Exchange)(c)
		}
	case respond.ErrorWriterKey:
		if f, ok := c.parent.(respond.ErrorWriter); ok {
			return f
		}
	}
	return c.parent.Value(key)
}

func (c *exchangeContext) Deadline() (time.Time, bool) { return c.parent.Deadline() }
func (c *exchangeContext) Done() <-chan struct{}       { return c.parent.Done() }
func (c *exchangeContext) Err() error                  { return c.parent.Err() }

// Format prints nothing of the request, whose header holds the token.
func (c *exchangeContext) Format(f fmt.State, verb rune) { (*Exchange)(c).Format(f, verb) }

// context returns the context below the exchange.
func (x *Exchange) context() context.Context { return (*exchangeContext)(x) }

// Begin starts an exchange: the request that ctx belongs to brought a token, or
// none (""). Nothing is loaded yet. Below the returned context, [Load] and
// [Manager.Load] return the session.
//
//	ctx, x := manager.Begin(ctx, token)
//	defer x.Discard()
//	... // handlers run: they may set values, log in, renew and destroy
//	reply, err := x.Commit(ctx)
//
// The caller sends the reply's token to the client before the response, and
// answers with an error if Commit returns one.
func (m *Manager) Begin(ctx context.Context, token string) (context.Context, *Exchange) {
	x := (&foreign{token: token}).exchange(ctx, m)
	return x.context(), x
}

// Commit saves what has changed. Call it when the call has succeeded and the
// response is about to begin: the reply says what the client must be told about
// its token. From then on no new token can follow: [Session.Renew] and
// [Session.SetSubject] return [ErrHeadersSent]. A stream calls Commit again at
// its end, for what has changed since; that reply is always [Keep].
//
// After an error nothing of the call may be shown as saved, and the reply says
// what an earlier Save has done to the token. Errors are those of
// [Session.Save]; one that matches [context.DeadlineExceeded] means that ctx
// ended before the response began, and nothing was saved.
func (x *Exchange) Commit(ctx context.Context) (Reply, error) {
	if x.stage == joined {
		return Reply{}, nil
	}
	first := !x.begun.Swap(true)
	s, ok := x.session.Peek()
	if !ok {
		x.stage = committed
		return Reply{}, nil
	}
	mode := commitLate
	if first {
		mode = commitBegin
	}
	if r, quiet := s.answerIfQuiet(mode); quiet {
		x.stage = committed
		if !first {
			r = Reply{}
		}
		return r, nil
	}
	if late(ctx) {
		mode = commitExpired
	}
	err := s.commit(ctx, mode, nil)
	if x.stage = open; err == nil {
		x.stage = committed
	}
	if gone(err) { // others may have sent a newer token
		return Reply{}, err
	}
	if !first && mode != commitExpired {
		return Reply{}, err
	}
	return s.reply(), err
}

// late reports whether the request's time is over: whoever set the deadline
// has answered already.
func late(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }

// Discard ends the exchange: the call failed, and nothing is saved that was not
// saved before; what was destroyed stays destroyed, and Discard returns the
// error if that fails. The reply says what an earlier Save or the end of the
// session has done to the token. After a Commit, Discard only ends the use of
// the session, so that it can be deferred.
func (x *Exchange) Discard() (Reply, error) {
	if x.stage == joined {
		return Reply{}, nil
	}
	s, ok := x.session.Peek()
	if ok && x.stage == committed && s.Modified() {
		x.m.event(x.context(), Event{Kind: EventUnsaved, ID: s.ID(), Subject: s.Subject(), Err: errDiscarded})
	}
	err := x.drop()
	reply := x.reply()
	x.stage = discarded
	x.close()
	return reply, err
}

var errDiscarded = errors.New("sessions: changes after Commit were discarded; call Commit again at the end")

// drop gives up all changes but what was destroyed.
func (x *Exchange) drop() error {
	if s, ok := x.session.Peek(); ok {
		return s.commit(x.context(), commitDiscard, nil)
	}
	return nil
}

// close ends the use of the session.
func (x *Exchange) close() {
	if s, loaded := x.session.Close(); loaded {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.close()
	}
}

// reachable reports whether a token can still be sent.
func (x *Exchange) reachable() bool { return !x.begun.Load() && !x.ticketed() }

// ticketed reports whether the request brought a ticket, whose client could not
// keep a token. It is known when the session is loaded.
func (x *Exchange) ticketed() bool { return x.transport().param != "" }

// brought reports whether the client sent a token, whatever it opens.
func (x *Exchange) brought() bool { return x.sent }

// load returns the session, which the first call loads. Events are told when
// the session is there, so that the observer may ask for it.
func (x *Exchange) load(ctx context.Context) (*Session, error) {
	var told []Event
	s, err := x.session.Get(func() (s *Session, err error) {
		var brought token.Values
		rejected := x.bring(&brought)
		x.sent = brought.N > 0
		if x.ticketed() {
			s, told, err = x.m.redeem(x.parent, brought.Of[0], x)
		} else {
			s, told, err = x.m.load(ctx, &brought, x)
		}
		if rejected != nil {
			told = append(rejected, told...)
		}
		return s, err
	})
	for _, e := range told {
		x.m.event(ctx, e)
	}
	switch {
	case !errors.Is(err, lazy.ErrClosed):
		return s, err
	case x.m.opts.VaryOnUse:
		return nil, errUnvaried
	}
	return nil, errReturned
}

// tell makes an event of an error that has had none, and returns it as one that
// has.
func (x *Exchange) tell(err error) error {
	if hasEvent(err) {
		return err
	}
	e := Event{Kind: EventFailed, Err: err}
	if s, ok := x.session.Peek(); ok {
		e.ID, e.Subject = s.ID(), s.Subject()
	}
	x.m.event(x.context(), e)
	return told{err}
}

// Format prints the cookie's name and nothing secret, for every verb.
func (x *Exchange) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sessions.Exchange("+x.m.opts.Cookie.Name+")")
}

// reply returns what the client is to be told.
func (s *Session) reply() Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told()
}

// TakeReply saves the session, as [Session.Save] does, and takes the reply out
// of the response: the handler tells the client about its token by itself, in
// the JSON of a login for mobile applications, for instance. The response then
// sets no cookie and no header, unless the session gets another token. Nobody
// sends the taken token again: if the response fails afterwards, it is lost, so
// take the reply last.
//
//	err := auth.Login(ctx, user, login.Details{})
//	…
//	reply, err := s.TakeReply(ctx)
//	…
//	json.NewEncoder(w).Encode(map[string]any{"token": reply.Token()})
//
// The client sends the token back by [Bearer] or [Header], one of which
// Options.Transports must have. If the request brought a cookie, TakeReply
// returns an error, because scripts must not see the token of a cookie. Other
// errors are those of Save, and [ErrHeadersSent] if the response has begun or
// there is none.
func (s *Session) TakeReply(ctx context.Context) (Reply, error) {
	if !s.reachable() {
		return Reply{}, ErrHeadersSent
	}
	if err := s.client.taking(); err != nil {
		return Reply{}, err
	}
	if err := s.Save(ctx); err != nil {
		return Reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.told()
	if r.action == Set {
		s.keep().taken = s.answer.tok
	}
	s.answer = answer{}
	return r, nil
}

// answerIfQuiet returns what the client is to be told, if a commit has nothing
// to do.
func (s *Session) answerIfQuiet(mode commitMode) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.quiet(mode) {
		return Reply{}, false
	}
	return s.told(), true
}

// told is reply, and needs s.mu.
func (s *Session) told() Reply {
	if s.answer.action == Keep {
		return Reply{}
	}
	r := Reply{action: s.answer.action, age: time.Duration(s.answer.age) * time.Second, vital: s.answer.vital}
	if r.action == Set {
		text := s.m.sealer.Seal(*s.answer.tok)
		r.text = &text
	}
	return r
}

// reply returns what the client is to be told so far.
func (x *Exchange) reply() Reply {
	if s, ok := x.session.Peek(); ok {
		return s.reply()
	}
	return Reply{}
}
