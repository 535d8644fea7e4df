package sessions

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Secret is key material. No verb of fmt, no logger and no encoder prints it,
// but package fmt cannot ask it inside of an unexported field.
type Secret []byte

const redacted = "[secret]"

// Format prints "[secret]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns "[secret]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// GobEncode returns "[secret]".
func (Secret) GobEncode() ([]byte, error) { return []byte(redacted), nil }

// MarshalText returns "[secret]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// CookieOptions describe the session cookie. The zero CookieOptions are secure:
// options that weaken the cookie have Insecure in their name; a Domain and
// SameSite None are weaker, too.
type CookieOptions struct {
	// Name of the cookie. The default is "__Host-id", or "id" with
	// InsecureHTTP. Browsers bind a name with the prefix __Host- to one host, to
	// HTTPS and to the path / (RFC 6265bis).
	Name string
	// Domain makes the cookie one of all subdomains. If empty, it is that of
	// this host only. It needs a Name without the prefix __Host-.
	Domain string
	// Path that the cookie is sent for. The default is "/".
	Path string
	// StrippedPrefix is what a proxy in front removes from the path of requests,
	// such as "/app". It is needed with a Path other than "/" only: outside of
	// its Path a browser does not send the cookie, and so no session begins.
	StrippedPrefix string
	// SameSite of the cookie. The default is Lax, so that visitors who follow a
	// link from another site are still logged in.
	SameSite http.SameSite
	// Partitioned separates the cookies of an embedded page by the site that
	// embeds it (CHIPS). That page needs SameSite None as well.
	Partitioned bool
	// Former are scopes that the cookie had before: a browser keeps the cookie of
	// each scope, and sends them all. Responses that set or remove the cookie
	// remove it from these scopes as well. Drop a scope from the list when its
	// cookies have ended.
	Former []CookieScope
	// InsecureName accepts a Name without the prefix __Host- or __Secure-. A
	// sibling domain, or anyone on the network path, can then give visitors a
	// cookie of their choice.
	InsecureName bool
	// InsecureHTTP drops Secure from the cookie, for development over plain
	// HTTP. Anyone on the network path can then read the token.
	InsecureHTTP bool
	// InsecureScriptAccess drops HttpOnly from the cookie: any script on the
	// page can then read the token.
	InsecureScriptAccess bool
}

// CookieScope says where a browser sends a cookie. Two cookies of one name that
// differ in it are two cookies.
type CookieScope struct {
	Domain      string // as in CookieOptions
	Path        string // as in CookieOptions; the default is "/"
	Partitioned bool   // as in CookieOptions
}

// scope returns where browsers send the cookie.
func (o *CookieOptions) scope() CookieScope { return CookieScope{o.Domain, o.Path, o.Partitioned} }

// canonical returns the scope as browsers compare it.
func (s CookieScope) canonical() CookieScope {
	s.Domain = strings.ToLower(strings.TrimPrefix(s.Domain, "."))
	return s
}

// in returns the cookie of a scope, without a value.
func (o *CookieOptions) in(s CookieScope) http.Cookie {
	return http.Cookie{
		Name:        o.Name,
		Domain:      s.Domain,
		Path:        s.Path,
		Secure:      !o.InsecureHTTP,
		HttpOnly:    !o.InsecureScriptAccess,
		SameSite:    o.SameSite,
		Partitioned: s.Partitioned,
	}
}

// removal returns what removes the cookie from a scope.
func (o *CookieOptions) removal(s CookieScope) http.Cookie {
	cookie := o.in(s)
	cookie.MaxAge, cookie.Expires = -1, time.Unix(1, 0)
	return cookie
}

// write puts the Set-Cookie lines of our name into a response's header, in
// place of those that are there.
func (o *CookieOptions) write(h http.Header, r Reply) {
	var cookie http.Cookie
	switch r.action {
	case Clear:
		cookie = o.removal(o.scope())
	case Set:
		cookie = o.in(o.scope())
		cookie.Value = r.Token()
		if r.age > 0 {
			cookie.MaxAge = int(math.Ceil(r.age.Seconds()))
		}
	}
	ours := o.Name + "="
	lines := slices.DeleteFunc(slices.Clone(h["Set-Cookie"]), func(line string) bool {
		return strings.HasPrefix(line, ours)
	})
	for _, s := range o.Former {
		former := o.removal(s)
		lines = append(lines, former.String())
	}
	h["Set-Cookie"] = append(lines, cookie.String())
}

// covers reports whether a browser sends the cookie with requests of a path
// (RFC 6265, section 5.1.4).
func (o *CookieOptions) covers(path string) bool {
	if o.Path == "/" {
		return true
	}
	path = o.StrippedPrefix + path
	rest, ok := strings.CutPrefix(path, o.Path)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(o.Path, "/"))
}

// withheld reports whether a browser that has the cookie may have left it out
// of a request, because another site sent it.
func (o *CookieOptions) withheld(r *http.Request) bool {
	if field(r, "Sec-Fetch-Site") != "cross-site" {
		return false
	}
	switch o.SameSite {
	case http.SameSiteNoneMode:
		return false
	case http.SameSiteLaxMode: // goes with links, as far as they lead to a whole page
		dest := field(r, "Sec-Fetch-Dest")
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions || r.Method == http.MethodTrace
		return !safe || field(r, "Sec-Fetch-Mode") != "navigate" || dest != "document" && dest != ""
	}
	return true
}

// field returns the first value of a header field. The name is canonical, which
// [http.Header.Get] would check each time.
func field(r *http.Request, name string) string {
	if lines := r.Header[name]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// says reports whether a header field has a text in it, in whatever case. The
// name is canonical, and the text in lower case.
func says(r *http.Request, name, text string) bool {
	return strings.Contains(strings.ToLower(field(r, name)), text)
}

// fill sets the defaults.
func (o *CookieOptions) fill() {
	name := "__Host-id"
	if o.InsecureHTTP {
		name = "id"
	}
	o.Name = cmp.Or(o.Name, name)
	o.Path = cmp.Or(o.Path, "/")
	o.SameSite = cmp.Or(o.SameSite, http.SameSiteLaxMode)
	o.Former = slices.Clone(o.Former) // the caller's may change
	for i := range o.Former {
		o.Former[i].Path = cmp.Or(o.Former[i].Path, "/")
	}
}

// check finds what a browser or net/http would drop silently.
func (o *CookieOptions) check(valueLen int) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	prefix := func(p string) bool { return len(o.Name) >= len(p) && strings.EqualFold(o.Name[:len(p)], p) }
	secure := !o.InsecureHTTP
	for i, s := range append([]CookieScope{o.scope()}, o.Former...) {
		former := ""
		if i > 0 {
			former = fmt.Sprintf("Former[%d]: ", i-1)
		}
		if prefix("__Host-") {
			if s.Domain != "" {
				fault("%sthe cookie %s cannot have a Domain; set a Name without __Host-, such as __Secure-id", former, o.Name)
			}
			if s.Path != "/" {
				fault("%sthe cookie %s must have the Path /; set a Name without __Host-, such as __Secure-id", former, o.Name)
			}
		}
		if s.Partitioned && !secure {
			fault("%sPartitioned cannot go with InsecureHTTP", former)
		}
		switch {
		case !strings.HasPrefix(s.Path, "/"):
			fault("%sPath %q does not begin with /", former, s.Path)
		case s.Path != "/" && strings.TrimSuffix(s.Path, "/") != path.Clean(s.Path), strings.ContainsAny(s.Path, "?# \"<>^`{}"): // which browsers encode
			fault("%sPath %q is never the path of a request", former, s.Path)
		}
		if strings.HasSuffix(s.Domain, ".") {
			fault("%sDomain %q ends in a dot, and browsers ignore such a cookie", former, s.Domain)
		}
		for _, a := range []struct {
			what, value string
			cookie      http.Cookie
		}{
			{"Domain", s.Domain, http.Cookie{Name: "id", Domain: s.Domain}},
			{"Path", s.Path, http.Cookie{Name: "id", Path: s.Path}},
		} {
			if err := a.cookie.Valid(); err != nil {
				fault("%s%s %.99q cannot stand in a cookie: %w", former, a.what, a.value, err)
			} else if len(a.value) > 1024 {
				fault("%s%s is longer than 1024 bytes, which browsers ignore", former, a.what)
			}
		}
		if i > 0 && s.canonical() == o.scope().canonical() {
			fault("%sit is the scope that the cookie has", former)
		}
	}
	switch stripped := o.StrippedPrefix; {
	case stripped == "":
	case !strings.HasPrefix(stripped, "/"), strings.HasSuffix(stripped, "/"):
		fault("StrippedPrefix %q does not begin with /, or ends with it", stripped)
	case !o.covers("/") && !strings.HasPrefix(o.Path, stripped+"/"):
		fault("no request is below Path %q if a proxy removes %q; begin Path with StrippedPrefix", o.Path, stripped)
	}
	if err := (&http.Cookie{Name: o.Name}).Valid(); err != nil {
		fault("Name %.99q cannot stand in a cookie: %w", o.Name, err)
	} else if secure && !o.InsecureName && !prefix("__Host-") && !prefix("__Secure-") && !prefix("__Http-") {
		fault("the Name %.99q has no prefix, so other sites of the domain can set the cookie; begin it with __Host- or __Secure-, or set InsecureName", o.Name)
	}
	if (prefix("__Host-") || prefix("__Secure-")) && !secure {
		fault("the cookie %s cannot go with InsecureHTTP; leave Name empty or drop the prefix", o.Name)
	}
	if (prefix("__Host-Http-") || prefix("__Http-")) && (o.InsecureScriptAccess || !secure) {
		fault("the cookie %s cannot go with InsecureScriptAccess or InsecureHTTP", o.Name)
	}
	if o.SameSite == http.SameSiteNoneMode && !secure {
		fault("SameSite=None cannot go with InsecureHTTP")
	}
	if o.SameSite < http.SameSiteLaxMode || o.SameSite > http.SameSiteNoneMode {
		fault("SameSite %d is none of Lax, Strict and None", o.SameSite)
	}
	if len(o.Name)+valueLen > 4096 {
		fault("the cookie's name and value are longer than 4096 bytes")
	}
	return faults
}
