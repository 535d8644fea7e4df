package sessions

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
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
	// SameSite of the cookie. The default is Lax, so that visitors who follow a
	// link from another site are still logged in.
	SameSite http.SameSite
	// Partitioned separates the cookies of an embedded page by the site that
	// embeds it (CHIPS). That page needs SameSite None as well.
	Partitioned bool
	// InsecureHTTP drops Secure from the cookie, for development over plain
	// HTTP. Anyone on the network path can then read the token.
	InsecureHTTP bool
	// InsecureScriptAccess drops HttpOnly from the cookie: any script on the
	// page can then read the token.
	InsecureScriptAccess bool
}

// write puts the one Set-Cookie line of our name into a response's header.
func (o *CookieOptions) write(h http.Header, r Reply) {
	cookie := http.Cookie{
		Name:        o.Name,
		Domain:      o.Domain,
		Path:        o.Path,
		Secure:      !o.InsecureHTTP,
		HttpOnly:    !o.InsecureScriptAccess,
		SameSite:    o.SameSite,
		Partitioned: o.Partitioned,
	}
	switch r.action {
	case Clear:
		cookie.MaxAge, cookie.Expires = -1, time.Unix(1, 0)
	case Set:
		cookie.Value = r.Token()
		if r.age > 0 {
			cookie.MaxAge = int(math.Ceil(r.age.Seconds()))
		}
	}
	ours := o.Name + "="
	h["Set-Cookie"] = append(slices.DeleteFunc(slices.Clone(h["Set-Cookie"]), func(line string) bool {
		return strings.HasPrefix(line, ours)
	}), cookie.String())
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
}

// check finds what a browser or net/http would drop silently.
func (o *CookieOptions) check(valueLen int) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	prefix := func(p string) bool { return len(o.Name) >= len(p) && strings.EqualFold(o.Name[:len(p)], p) }
	secure := !o.InsecureHTTP
	if prefix("__Host-") {
		if o.Domain != "" {
			fault("the cookie %s cannot have a Domain; set a Name without __Host-", o.Name)
		}
		if o.Path != "/" {
			fault("the cookie %s must have the Path /; set a Name without __Host-", o.Name)
		}
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
	if o.Partitioned && !secure {
		fault("Partitioned cannot go with InsecureHTTP")
	}
	if !strings.HasPrefix(o.Path, "/") {
		fault("Path %q does not begin with /", o.Path)
	}
	if len(o.Name)+valueLen > 4096 {
		fault("the cookie's name and value are longer than 4096 bytes")
	}
	for _, a := range []struct {
		what, value string
		cookie      http.Cookie
	}{
		{"Name", o.Name, http.Cookie{Name: o.Name}},
		{"Domain", o.Domain, http.Cookie{Name: "id", Domain: o.Domain}},
		{"Path", o.Path, http.Cookie{Name: "id", Path: o.Path}},
	} {
		if err := a.cookie.Valid(); err != nil {
			fault("%s %.99q cannot stand in a cookie: %w", a.what, a.value, err)
		} else if len(a.value) > 1024 && a.what != "Name" {
			fault("%s is longer than 1024 bytes, which browsers ignore", a.what)
		}
	}
	return faults
}
