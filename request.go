package sessions

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosessions/sessions/internal/respond"
	"github.com/gosessions/sessions/internal/token"
)

// BeginRequest is [Manager.Begin] for a request that brings its token as
// Options.Transports say, on a server whose response is not an
// [http.ResponseWriter]. It reads the request's Method, Header, URL and
// RequestURI, and TLS, which the caller may have made up from another
// protocol's: the metadata of a call, for instance. The names in Header are
// canonical. The exchange's context is below that of the request.
//
//	ctx, x := manager.BeginRequest(r)
//	defer x.Discard()
//	... // handlers run
//	if err := x.Respond(ctx, status, header); err != nil {
//		status = sessions.StatusCode(err) // of a response in place of the handler's
//	}
//
// If r's context comes from BeginRequest of this manager already, it is returned
// with an exchange that does nothing. Within [Manager.Handler] the new exchange
// has a session of its own, for a call that can fail with an HTTP status of 200.
func (m *Manager) BeginRequest(r *http.Request) (context.Context, *Exchange) {
	return (&Exchange{parent: r.Context(), m: m, r: r}).beginRequest()
}

// BeginRequestFunc is [Manager.BeginRequest] for a server whose requests are
// not of net/http and would have to be copied: convert makes the request, and is
// called only if the session is asked for. Until the exchange is discarded it
// may be called several times, also by several goroutines, and returns the same
// request each time.
func (m *Manager) BeginRequestFunc(ctx context.Context, convert func() *http.Request) (context.Context, *Exchange) {
	return (&foreign{convert: convert}).exchange(ctx, m).beginRequest()
}

// beginRequest finds exchanges that the request has already.
func (x *Exchange) beginRequest() (context.Context, *Exchange) {
	if same := exchangeOf(x.parent, x.m); same != nil && !same.served() {
		x.stage = joined
		return x.parent, x
	}
	if outer := innermostOf(x.parent); outer != nil {
		outer.inner = x
		x.m.compare(outer)
	}
	return x.context(), x
}

// compare finds managers around this one that have the same cookie.
func (m *Manager) compare(outer *Exchange) {
	cookie := func(m *Manager) bool {
		return slices.ContainsFunc(m.transports, func(t Transport) bool { return t.cookie })
	}
	for ; outer != nil; outer = innermostOf(outer.parent) {
		if outer.m != m && outer.m.opts.Cookie.Name == m.opts.Cookie.Name && cookie(outer.m) && cookie(m) {
			m.misuse(outer.parent, sameName, errSameName)
		}
	}
}

// served reports whether the exchange is that of Manager.Handler.
func (x *Exchange) served() bool {
	return x.foreign == nil && x.r.Context() == x.context() // the first Load sets r of others
}

// Respond is called before the response to a request begins, with its status,
// as an HTTP handler would choose it: it saves what has changed, and puts into
// the response's header what the client must be told about its token, and what
// caches must know. With a status of 500 or more it drops the changes instead,
// unless Options.SaveOnError is set; what was destroyed stays destroyed. ctx is
// that of the handler.
//
// After an error nothing of the request may be shown as saved: answer with
// [StatusCode] instead of the handler's response, but with this header, without
// the fields that describe the handler's. Respond has kept the answer out of
// caches. Errors are those of [Exchange.Commit], and are events. A stream calls
// Commit at its end.
//
// After [Exchange.Discard], Respond only completes the header: of the
// response that a middleware outside sends when it has recovered a panic.
func (x *Exchange) Respond(ctx context.Context, status int, h http.Header) error {
	if x.stage == joined {
		return nil
	}
	_, err := x.respond(ctx, status, h, new([1]string))
	if err != nil {
		if r := x.reply(); r.action == Set && !gone(err) {
			x.write(h, r) // of a save that went well before
		}
		keepPrivate(h)
		err = x.tell(err)
	}
	respond.Complete(ctx, h)
	return err
}

// respond saves the session and completes a header. buf holds what it adds to
// Vary, if that is one name.
func (x *Exchange) respond(ctx context.Context, status int, h http.Header, buf *[1]string) (Reply, error) {
	x.vary(h, buf)
	if s, ok := x.session.Peek(); ok && status == http.StatusSwitchingProtocols {
		s.upgrade()
	}
	reply, err := x.commit(ctx, status)
	if err == nil {
		x.put(h, reply)
	}
	return reply, err
}

// vary adds to the Vary header, unless the request has not asked for its
// session and the options say that this matters: then it cannot any more.
func (x *Exchange) vary(h http.Header, buf *[1]string) {
	if x.m.opts.VaryOnUse {
		if _, asked := x.session.Peek(); !asked {
			if _, asked = x.session.Close(); !asked {
				return
			}
		}
	}
	vary(h, x.m.varies, buf)
}

// commit saves the session unless the status says that the request failed.
func (x *Exchange) commit(ctx context.Context, status int) (Reply, error) {
	if x.stage != discarded && !x.discards(status) {
		return x.Commit(ctx)
	}
	x.begun.Store(true)
	if err := x.drop(); err != nil {
		return Reply{}, err
	}
	return x.reply(), nil
}

// discards reports whether changes are dropped because the response says that
// the request failed.
func (x *Exchange) discards(status int) bool { return status >= 500 && !x.m.opts.SaveOnError }

// put writes a reply, and tells if the client will not heed it.
func (x *Exchange) put(h http.Header, r Reply) {
	if _, loaded := x.session.Peek(); r.action == Keep && !(loaded && x.ticketed()) {
		return
	}
	x.write(h, r)
	if r.action == Set && x.transport().cookie && !x.m.opts.Cookie.InsecureHTTP && x.r != nil && plain(x.r) {
		x.m.misuse(x.context(), plainHTTP, errPlainHTTP)
	}
}

// write puts a reply into a header, as the transport that brought the token
// says.
func (x *Exchange) write(h http.Header, r Reply) { x.transport().write(h, &x.m.opts.Cookie, r) }

// transport returns the transport of the token that the request brought, or of
// a new one. It is known when the session is loaded.
func (x *Exchange) transport() *Transport { return &x.m.transports[x.via] }

// plain reports whether a request came over plain HTTP, as far as one can see:
// a proxy may have ended TLS and say so, and browsers send Sec-Fetch-Site over
// HTTPS and to their own machine only.
func plain(r *http.Request) bool {
	return r.TLS == nil && field(r, "Sec-Fetch-Site") == "" && !says(r, "X-Forwarded-Proto", "https") &&
		!says(r, "X-Forwarded-Ssl", "on") && !says(r, "Forwarded", "proto=https") && !says(r, "Forwarded", `proto="https`)
}

// bring finds what may be the token that the request brought: that of the first
// transport with a value that is one by its form, otherwise of the first
// transport with any value. It returns what there is to tell.
func (x *Exchange) bring(brought *token.Values) (told []Event) {
	x.via = x.m.defaultVia
	if f := x.foreign; f != nil {
		if f.convert == nil {
			brought.Set(f.token)
			return nil
		}
		x.r = f.convert()
	}
	var other token.Values // the first that has no form of a token
	for i := range x.m.transports {
		t := &x.m.transports[i]
		err := t.read(x.r, x.m.opts.Cookie.Name, x.m.sealer, brought)
		switch {
		case err != nil:
			told = append(told, Event{Kind: EventRejected, Err: err})
		case brought.N == 0:
		case len(x.m.transports) == 1, t.param != "", brought.Plausible(x.m.sealer):
			x.via = uint16(i)
			return told
		default:
			if other.N == 0 {
				x.via, other = uint16(i), *brought
			}
			*brought = token.Values{}
		}
	}
	if other.N > 0 {
		*brought = other
	}
	return told
}

// ExplicitToken reports whether the session's token comes in a header that only
// a program can set, such as that of [Bearer]. If so, no page of another site
// has made the browser send it, and the request's origin needs no check. With
// the cookie, or with no token, a check is needed: by
// [http.CrossOriginProtection], or package login's.
func (m *Manager) ExplicitToken(r *http.Request) bool {
	if len(m.varies) == 1 && m.transports[0].cookie {
		return false
	}
	x := Exchange{m: m, r: r}
	var brought token.Values
	_ = x.bring(&brought)
	return brought.N > 0 && x.transport().request != ""
}

// taking says why a handler cannot tell the client about its token itself.
func (x *Exchange) taking() error {
	switch {
	case x.r == nil:
		return nil
	case x.sent && x.transport().cookie && !x.m.opts.Cookie.InsecureScriptAccess:
		return errCookieToken
	case !slices.ContainsFunc(x.m.transports, func(t Transport) bool { return t.request != "" }):
		return errNoTransport
	}
	return nil
}

// refusal says why no session without a subject may begin in this request: its
// token could not be told, its cookie would not come back, or replace one that
// the browser did not send.
func (x *Exchange) refusal() error {
	o := &x.m.opts.Cookie
	switch {
	case x.ticketed():
		return errTicketed
	case x.r == nil || !x.transport().cookie:
		return nil
	case !o.covers(requestPath(x.r)):
		return errOutOfPath
	case !x.sent && o.withheld(x.r):
		return errCrossSite
	}
	return nil
}

// requestPath returns the path that the client sent, also below
// [http.StripPrefix].
func requestPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if strings.HasPrefix(path, "/") {
		return path
	}
	if path != "" {
		if u, err := url.Parse(path); err == nil && u.Host != "" {
			return u.EscapedPath()
		}
	}
	return r.URL.EscapedPath()
}
