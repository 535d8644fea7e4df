package sessions

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/gosessions/sessions/internal/token"
)

// Transport says where HTTP requests carry the session's token. It is never a
// URL, a form or a query: those end in logs and histories (OWASP ASVS 14.2.1).
// Make it with [Cookie], [Bearer] or [Header]; [Ticket] lets a URL carry a
// ticket for one connection instead.
type Transport struct {
	cookie   bool
	request  string // request header
	response string // response header
	scheme   string // in front of the token in the request
	param    string // query parameter with a ticket
}

// responseHeader brings new tokens to clients that send them as bearer tokens.
const responseHeader = "X-Session-Token"

// Cookie is the transport of browsers and the default: the cookie that
// Options.Cookie describes.
func Cookie() Transport { return Transport{cookie: true} }

// Bearer is a transport of scripts and mobile applications: requests bring the
// token as Authorization: Bearer, and responses bring a new one in the header
// X-Session-Token, which is empty if the client must forget its token.
func Bearer() Transport {
	return Transport{request: "Authorization", response: responseHeader, scheme: "Bearer"}
}

// Header is a transport of scripts and mobile applications: requests and
// responses bring the token in a header of that name, such as
// "X-Session-Token". In a response, an empty header means that the client must
// forget its token.
func Header(name string) Transport {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return Transport{request: name, response: name}
}

// Ticket is a transport for clients that cannot send headers when they open a
// WebSocket or an EventSource, such as scripts of another origin, which have a
// bearer token and no cookie. The request brings a one-time ticket of
// [Session.NewTicket] in a query parameter, and never the token:
//
//	sessions.Options{Transports: []sessions.Transport{sessions.Bearer(), sessions.Ticket("ticket")}}
//
// A ticket counts in requests that open a WebSocket or accept text/event-stream
// only, so a link with a ticket signs nobody in. The session is as in a request
// with an earlier token: it can be read and written and destroyed, but gets no
// token, so [Session.SetSubject] returns [ErrHeadersSent]. A ticket that is
// used, over or unknown opens nothing, and is an [EventRejected] or an
// [EventExpired]; no session begins in its request. An EventSource that connects
// again by itself repeats its URL: close it, and open another one with a new
// ticket.
func Ticket(param string) Transport { return Transport{param: param} }

// check refuses a header that cannot carry a token, and a transport that is
// there already.
func (t Transport) check(others []Transport) error {
	switch {
	case slices.Contains(others, t):
		return fmt.Errorf("the transport %v is there twice", t)
	case t.cookie:
		return nil
	case t.param != "":
		if url.QueryEscape(t.param) != t.param {
			return fmt.Errorf("the name %q of the ticket's parameter needs escaping in a URL", t.param)
		}
		return nil
	case t.request == "" || strings.ContainsFunc(t.request, notToken):
		return fmt.Errorf("the transport's header name %q is not a token of RFC 9110", t.request)
	case t.foreign(), slices.Contains([]string{
		"Cookie", "Set-Cookie", "Vary", "Cache-Control", "Host", "Connection", "Content-Length", "Content-Type", "Transfer-Encoding",
	}, t.request):
		return fmt.Errorf("the header %s cannot be a transport", t.request)
	case t.request == "Authorization" && t.scheme == "":
		return errors.New("the header Authorization cannot be a transport by itself; use Bearer()")
	}
	return nil
}

// foreign reports whether a browser sends the header by itself, or a page of
// another site can make it send one without asking the server (CORS): a token in
// it would not show that a program of this site has put it there.
func (t Transport) foreign() bool {
	return strings.HasPrefix(t.request, "Sec-") || strings.HasPrefix(t.request, "Proxy-") || slices.Contains([]string{
		"Accept", "Accept-Encoding", "Accept-Language", "Content-Language", "Range", "Origin", "Referer", "User-Agent", "Last-Event-Id",
	}, t.request)
}

// notToken reports the characters that a header name cannot have (RFC 9110).
func notToken(c rune) bool {
	return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", c))
}

// String describes the transport.
func (t Transport) String() string {
	switch {
	case t.cookie:
		return "cookie"
	case t.scheme != "":
		return "bearer"
	case t.param != "":
		return "ticket " + t.param
	}
	return "header " + t.request
}

// varies returns the request header that a response depends on, or "".
func (t Transport) varies() string {
	if t.cookie {
		return "Cookie"
	}
	return t.request
}

// read finds what may be the token of a request. Headers other than cookies that
// disagree are a fault of the client.
func (t *Transport) read(r *http.Request, cookie string, s *token.Sealer, v *token.Values) error {
	switch {
	case t.cookie:
		v.AddCookies(r.Header["Cookie"], cookie, s)
		return nil
	case t.param != "":
		if opensStream(r) {
			v.Set(r.URL.Query().Get(t.param))
		}
		return nil
	}
	value := ""
	for _, line := range r.Header[t.request] {
		if t.scheme != "" {
			scheme, rest, ok := strings.Cut(line, " ")
			if !ok || !strings.EqualFold(scheme, t.scheme) {
				continue
			}
			line = rest
		}
		if line = textproto.TrimString(line); line == "" {
			continue
		}
		if value != "" && line != value {
			return errTwoTokens
		}
		value = line
	}
	v.Set(value)
	return nil
}

// opensStream reports whether a request opens a WebSocket or an EventSource.
func opensStream(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, "":
		return says(r, "Upgrade", "websocket") || says(r, "Accept", "text/event-stream")
	case http.MethodConnect: // RFC 8441
		return says(r, ":protocol", "websocket")
	}
	return false
}

// write tells a client about its token, unless it has a ticket only, and keeps
// the response out of caches.
func (t *Transport) write(h http.Header, o *CookieOptions, r Reply) {
	switch {
	case t.cookie:
		o.write(h, r)
	case t.response != "":
		h[t.response] = []string{r.Token()}
	}
	keepPrivate(h)
}

// keepPrivate keeps a response out of caches: also out of those that heed a
// header of their own instead of Cache-Control (RFC 9213).
func keepPrivate(h http.Header) {
	if !noStore(h["Cache-Control"]) {
		h["Cache-Control"] = []string{"no-store"}
	}
	for name := range h {
		if strings.HasSuffix(name, "-Cache-Control") || slices.Contains(targeted, name) {
			delete(h, name)
		}
	}
}

// targeted are headers to one kind of cache that do not end in -Cache-Control:
// of Fastly and Varnish, of Akamai, and of nginx.
var targeted = []string{"Surrogate-Control", "Edge-Control", "X-Accel-Expires"}

// noStore reports whether the directives forbid storing already.
func noStore(lines []string) bool {
	for _, line := range lines {
		for d := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(d), "no-store") {
				return true
			}
		}
	}
	return false
}

// vary adds the request headers that carry tokens to the Vary header, unless
// they are there. Every response that passes the middleware gets them, read or
// not: caches must not hand one visitor's page to another (RFC 9111).
func vary(h http.Header, names []string, buf *[1]string) {
	if len(h["Vary"]) == 0 && len(names) == 1 {
		buf[0] = names[0]
		h["Vary"] = buf[:]
		return
	}
	for _, name := range names {
		if !listed(h["Vary"], name) {
			h["Vary"] = append(slices.Clip(h["Vary"]), name)
		}
	}
}

// listed reports whether a list of header names has a name, or is all of them.
func listed(lines []string, name string) bool {
	for _, line := range lines {
		for f := range strings.SplitSeq(line, ",") {
			if f = strings.TrimSpace(f); f == "*" || strings.EqualFold(f, name) {
				return true
			}
		}
	}
	return false
}
