package sessions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gosessions/sessions/internal/token"
)

// Options of a Manager. The zero Options are ready to use and secure. What
// takes Secure or HttpOnly off the cookie says Insecure; a Domain, SameSite
// None and longer times are weaker, too.
type Options struct {
	// Name of the cookie. Zero: "__Host-id", or "id" with InsecureHTTP.
	// Browsers hold a name with the prefix __Host- to one host, to HTTPS and
	// to the path / (RFC 6265bis).
	Name string
	// Namespace is bound into every token: managers that share a store and
	// differ in it do not accept each other's sessions. Zero: Name.
	Namespace string
	// Domain makes the cookie one of all subdomains. Zero: of this host only.
	// It needs a Name without the prefix __Host-.
	Domain string
	// Path that the cookie is sent for. Zero: "/".
	Path string
	// SameSite of the cookie. Zero: Lax, so that links from other sites find
	// the visitor logged in.
	SameSite http.SameSite
	// Partitioned keeps the cookie of an embedded page apart for each
	// embedding site (CHIPS). That page needs SameSite None as well.
	Partitioned bool
	// Persistent makes cookies outlive the browser, for as long as the
	// session can live. Zero: they end with it. Session.SetExpiry chooses for
	// one session.
	Persistent bool
	// InsecureHTTP drops Secure from the cookie, for development over plain
	// HTTP. Anybody on the way can then read the token.
	InsecureHTTP bool
	// InsecureScriptAccess drops HttpOnly from the cookie: any script on the
	// page can then read the token.
	InsecureScriptAccess bool

	// SigningKeys, of at least 32 random bytes each, add a MAC to the cookie:
	// forged tokens are told without asking the store. The first key signs,
	// all verify. To rotate, put the new one in front, and drop the old one
	// once no session can be left that was last used before: after Lifetime,
	// or the longest OnInactivity or AtTime that you give. Zero: none, the
	// token's secret alone decides.
	SigningKeys []Secret
	// EncryptionKeys, of exactly 32 random bytes each, encrypt the cookie
	// (AES-256-GCM), so that it does not show the session's id, either.
	// Rotation as with SigningKeys, which exclude these.
	EncryptionKeys []Secret

	// Codec that values are written with. Zero: JSON.
	Codec Codec
	// OldCodecs are read besides Codec, JSON and Gob.
	OldCodecs []Codec

	// IdleTimeout after which an unused session ends. Zero: one hour, or
	// Lifetime if that is shorter (NIST SP 800-63B-4, AAL2). Use is stored once
	// it makes a difference of a tenth, so a session that is only read may
	// end that much earlier.
	IdleTimeout time.Duration
	// Lifetime after which a session ends even if it is used, counted from
	// its creation or the last SetSubject. Zero: 24 hours.
	Lifetime time.Duration

	// LoadTimeout bounds a read of the store, and each step of a list. Zero: 2
	// seconds.
	LoadTimeout time.Duration
	// SaveTimeout bounds saving, with all retries. Zero: 5 seconds.
	SaveTimeout time.Duration
	// MaxBytes bounds a session's values as they are stored. Zero: 64 KiB.
	MaxBytes int

	// SaveOnError saves what a handler changed even if it answers with a
	// status of 500 or more. Zero: such changes are dropped; a Destroy is
	// always carried out.
	SaveOnError bool
	// AbortUnsaved aborts the connection (http.ErrAbortHandler) if changes
	// that were made after the response began cannot be saved. Zero: they
	// are an EventUnsaved only.
	AbortUnsaved bool
	// ErrorHandler answers a request whose session could not be loaded or
	// saved. Zero: DefaultErrorHandler.
	ErrorHandler func(http.ResponseWriter, *http.Request, error)
	// OnEvent is told what happens to sessions, in the goroutine that it
	// happens in, which may hold locks of the session: it must not call it,
	// and its context has none. Zero: problems are logged by slog.Default.
	OnEvent func(context.Context, Event)
}

// DefaultErrorHandler answers 503 with Retry-After where the store fails,
// others kept changing the session or the request's deadline has passed, 409
// where the session has ended while it was being renewed, and 500 else. The
// text says nothing of the cause.
func DefaultErrorHandler(w http.ResponseWriter, _ *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrConflict), errors.Is(err, errLate):
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	case errors.Is(err, ErrNotFound):
		status = http.StatusConflict
	}
	http.Error(w, http.StatusText(status), status)
}

// check fills in the defaults and returns all that is wrong.
func (m *Manager) check() error {
	o := &m.opts
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if v := reflect.ValueOf(m.store); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		fault("the store is nil; new(memstore.Store) will do")
	}
	name := "__Host-id"
	if o.InsecureHTTP {
		name = "id"
	}
	o.Name = cmp.Or(o.Name, name)
	o.Namespace = cmp.Or(o.Namespace, o.Name)
	o.Path = cmp.Or(o.Path, "/")
	o.SameSite = cmp.Or(o.SameSite, http.SameSiteLaxMode)
	o.Lifetime = cmp.Or(o.Lifetime, AAL2Lifetime)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, min(AAL2IdleTimeout, max(o.Lifetime, time.Millisecond)))
	o.LoadTimeout = cmp.Or(o.LoadTimeout, 2*time.Second)
	o.SaveTimeout = cmp.Or(o.SaveTimeout, 5*time.Second)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<10)
	if o.Codec == nil {
		o.Codec = JSON
	}
	if o.ErrorHandler == nil {
		o.ErrorHandler = DefaultErrorHandler
	}

	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"IdleTimeout", o.IdleTimeout}, {"Lifetime", o.Lifetime}, {"LoadTimeout", o.LoadTimeout}, {"SaveTimeout", o.SaveTimeout}} {
		if d.d < time.Millisecond {
			fault("%s %v is less than a millisecond", d.name, d.d)
		}
	}
	if o.IdleTimeout > o.Lifetime && o.Lifetime > 0 {
		fault("IdleTimeout %v is longer than Lifetime %v", o.IdleTimeout, o.Lifetime)
	}
	if o.MaxBytes < 0 || o.MaxBytes > maxMaxBytes {
		fault("MaxBytes %d is not between 0 and %d", o.MaxBytes, maxMaxBytes)
	}
	faults = append(faults, m.checkCodecs()...)
	faults = append(faults, m.checkKeys()...)
	faults = append(faults, o.checkCookie(m.sealer.Len())...)
	return errors.Join(faults...)
}

// maxMaxBytes leaves room for a record's header below what is ever decoded.
const maxMaxBytes = 15 << 20

func (m *Manager) checkCodecs() (faults []error) {
	for i, c := range slices.Concat([]Codec{m.opts.Codec}, m.opts.OldCodecs, []Codec{JSON, Gob}) {
		if c == nil {
			faults = append(faults, errors.New("OldCodecs holds a nil codec"))
			continue
		}
		name := c.Name()
		known := slices.IndexFunc(m.codecs, func(k namedCodec) bool { return string(k.name) == name })
		switch {
		case name == "" || len(name) > 32:
			faults = append(faults, fmt.Errorf("a codec's name is 1 to 32 bytes, not %q", name))
		case known < 0:
			m.codecs = append(m.codecs, namedCodec{Codec: c, name: []byte(name)})
		case i <= len(m.opts.OldCodecs):
			faults = append(faults, fmt.Errorf("two codecs are named %q", name))
		}
	}
	return faults
}

func (m *Manager) checkKeys() (faults []error) {
	o := &m.opts
	if len(o.SigningKeys) > 0 && len(o.EncryptionKeys) > 0 {
		return []error{errors.New("SigningKeys and EncryptionKeys exclude each other: encryption authenticates, too")}
	}
	var err error
	if len(o.SigningKeys) > 0 {
		m.sealer, err = token.NewSigner(o.Name, raw(o.SigningKeys))
	} else if len(o.EncryptionKeys) > 0 {
		m.sealer, err = token.NewEncrypter(o.Name, raw(o.EncryptionKeys))
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

func raw(keys []Secret) [][]byte {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		out[i] = k
	}
	return out
}

// checkCookie finds what a browser or net/http would drop without a word.
func (o *Options) checkCookie(valueLen int) (faults []error) {
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
