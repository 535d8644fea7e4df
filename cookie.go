package sessions

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosessions/sessions/internal/token"
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

// cookieChange is what the response tells the browser about our cookie.
type cookieChange struct {
	kind byte
	tok  *token.Token  // not to be changed
	life time.Duration // 0: until the browser is closed

	vital bool // a response without it would lose the session, or keep it
}

const (
	cookieKept byte = iota
	cookieSet
	cookieRemoved
)

// write puts the one Set-Cookie line of our name into a response's header,
// and keeps the response out of caches, which may ignore Vary.
func (m *Manager) write(h http.Header, c cookieChange) {
	if c.kind == cookieKept {
		return
	}
	cookie := http.Cookie{
		Name:        m.opts.Name,
		Domain:      m.opts.Domain,
		Path:        m.opts.Path,
		Secure:      !m.opts.InsecureHTTP,
		HttpOnly:    !m.opts.InsecureScriptAccess,
		SameSite:    m.opts.SameSite,
		Partitioned: m.opts.Partitioned,
	}
	switch c.kind {
	case cookieRemoved:
		cookie.MaxAge, cookie.Expires = -1, time.Unix(1, 0)
	case cookieSet:
		cookie.Value = m.sealer.Seal(*c.tok)
		if c.life > 0 {
			cookie.MaxAge = int(math.Ceil(c.life.Seconds()))
		}
	}
	ours := m.opts.Name + "="
	h["Set-Cookie"] = append(slices.DeleteFunc(slices.Clone(h["Set-Cookie"]), func(line string) bool {
		return strings.HasPrefix(line, ours)
	}), cookie.String())
	if !noStore(h["Cache-Control"]) {
		h["Cache-Control"] = []string{"no-store"}
	}
}

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

// vary adds Cookie to the Vary header unless it is there. Every response that
// passes the middleware gets it, read or not: caches must not hand one
// visitor's page to another (RFC 9111).
func vary(h http.Header, buf *[1]string) {
	lines := h["Vary"]
	if len(lines) == 0 {
		buf[0] = "Cookie"
		h["Vary"] = buf[:]
		return
	}
	for _, line := range lines {
		for f := range strings.SplitSeq(line, ",") {
			if f = strings.TrimSpace(f); f == "*" || strings.EqualFold(f, "Cookie") {
				return
			}
		}
	}
	h["Vary"] = append(slices.Clip(lines), "Cookie")
}
