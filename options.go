package sessions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/store"
)

// Options of a [Manager]. The zero Options are ready to use and secure.
type Options struct {
	// Cookie describes the session cookie.
	Cookie CookieOptions
	// Transports say where requests carry the token, in the order in which they
	// are looked at. The response answers in the transport that brought the
	// token, or in the first. The default is the cookie alone.
	Transports []Transport
	// Namespace is bound into every token and record: managers that share a
	// store and differ in it see none of each other's sessions. The default is
	// Cookie.Name.
	Namespace string

	// SigningKeys, of at least 32 random bytes each, add a MAC to the token:
	// forged tokens are recognized without asking the store. The first key signs,
	// all verify. To rotate, put the new key in front, and remove the old one
	// when no session is left that was last used before: after Lifetime, or the
	// longest Expiry that you give. If empty, the token's secret alone decides.
	SigningKeys []Secret
	// EncryptionKeys, of exactly 32 random bytes each, encrypt the token
	// (AES-256-GCM), so that it does not show the session's id either. Rotate
	// them like SigningKeys, with which they cannot be combined.
	EncryptionKeys []Secret

	// Codec that values are written with. The default is [JSON].
	Codec Codec
	// OldCodecs are codecs that values may still be stored with. Values of
	// Codec and OldCodecs are read, and no others: [Gob], too, must be named.
	OldCodecs []Codec
	// Undecodable says what [Key.HandlerFunc], [Key.Open] and [Wrap] do if a
	// stored value cannot be decoded. The default is [UndecodableAbsent].
	Undecodable Undecodable

	// Expiry is the policy of sessions to which SetExpiry gave none. If zero,
	// IdleTimeout, Lifetime and Persistent hold.
	Expiry Expiry
	// IdleTimeout after which an unused session ends. The default is one hour,
	// or Lifetime if that is shorter (NIST SP 800-63B-4, AAL2; AAL3 has 15
	// minutes). Uses are recorded at a resolution of a tenth of it, so a session
	// that is only read may end that much earlier. A shorter IdleTimeout holds at
	// once, also for sessions that are stored. This time and the next two are cut
	// to whole milliseconds.
	IdleTimeout time.Duration
	// AnonymousIdleTimeout is the idle timeout of sessions without a subject, so
	// that visitors who never come back do not fill the store. A session that has
	// an Expiry by Remember or AtTime keeps that, so New refuses it together with
	// such an Expiry of the Options. The default is IdleTimeout.
	AnonymousIdleTimeout time.Duration
	// Lifetime after which a session ends even if it is used, counted from
	// its creation or the last SetSubject. The default is 24 hours (NIST SP
	// 800-63B-4, AAL2; AAL1 has 30 days, AAL3 12 hours).
	Lifetime time.Duration
	// ValidFrom ends all sessions that began before: their Lifetime is over,
	// whatever their Expiry. It signs everybody out at once, after a theft of keys
	// or of the store's content: set it to the present time in all processes. The
	// zero time ends none.
	ValidFrom time.Time
	// Persistent makes cookies outlive the browser, for as long as the session
	// can live. By default they end with the browser's session.
	// Session.SetExpiry chooses for one session.
	Persistent bool

	// RenewEvery gives a session a new token, as [Session.Renew] does, when a
	// request comes with one that is older. If zero, only Renew and SetSubject
	// do, and a persistent cookie is renewed before browsers drop it.
	RenewEvery time.Duration
	// RenewGrace is how long the token before a renewal is still good after the
	// new one was first used. The default is 10 seconds.
	RenewGrace time.Duration
	// EndOnReuse ends a session if a token of it is used that was renewed and
	// whose RenewGrace is over: either a response was lost and sent again, or
	// somebody has stolen one of the tokens. By default this is an [EventReused]
	// only, and the token opens nothing.
	EndOnReuse bool

	// LoadTimeout bounds a read of the store, and each step of a list. The
	// default is 2 seconds.
	LoadTimeout time.Duration
	// SaveTimeout bounds a save with all its retries. The default is 5 seconds.
	// A shorter outage, in which the store does not answer at all, loses no save.
	// When the time is over, one more read finds out what became of the save,
	// within LoadTimeout.
	SaveTimeout time.Duration
	// MaxBytes bounds a session's values as they are stored. The default is 64
	// KiB.
	MaxBytes int

	// SaveOnError saves what a handler changed even if it answers with a
	// status of 500 or more. By default such changes are dropped; a Destroy is
	// always carried out.
	SaveOnError bool
	// AbortUnsaved aborts the connection (http.ErrAbortHandler) if changes
	// that were made after the response began cannot be saved. By default they
	// are an [EventUnsaved] only.
	AbortUnsaved bool
	// BeforeCreate is called before a new session is first saved, with the context
	// of the request or of its [Session.Save], and can refuse it with an error: by a
	// rate limit for each address, for instance. The response is then the error
	// page, and the error matches [ErrRefused]. Its time counts towards SaveTimeout.
	// It can read and set the session's values, but cannot save them.
	BeforeCreate func(context.Context) error
	// VaryOnUse sets Vary: Cookie only on responses of requests that asked for
	// their session, so that caches can share public pages. A handler that asks
	// after its response has begun gets an error instead. By default every
	// response has it, which is the only rule without a gap: what a cache keeps of
	// one visitor without it goes to all.
	VaryOnUse bool
	// ErrorHandler writes the response when a request's session could not be
	// loaded or saved. The default is [DefaultErrorHandler].
	ErrorHandler func(http.ResponseWriter, *http.Request, error)
	// OnEvent is called with what happens to sessions, in the goroutine in which
	// it happens and after all locks are released, so it may use the session. If
	// nil, problems are logged by slog.Default.
	OnEvent func(context.Context, Event)
}

// Undecodable says what [Key.HandlerFunc], [Key.Open] and [Wrap] do if a stored
// value cannot be decoded: because its type has changed since, or a newer
// release wrote it before a rollback. [Key.Get], [Key.Lookup] and [Key.Update]
// return the [CodecError] in any case.
type Undecodable byte

const (
	// UndecodableAbsent takes the value for absent. It stays in the record until
	// Data is changed, and an [EventUndecodable] reports it once for each load of
	// the session.
	UndecodableAbsent Undecodable = iota
	// UndecodableError returns the [CodecError]. The response of HandlerFunc is
	// that of Options.ErrorHandler, until the value is deleted or overwritten.
	UndecodableError
)

// settings are what a manager makes of its Options.
type settings struct {
	codecs codecs
	sealer *token.Sealer // nil: the client gets the plain token
}

// check fills in the defaults and returns all that is wrong.
func (o *Options) check(st store.Store) (s settings, err error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if v := reflect.ValueOf(st); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		fault("the store is nil; new(memstore.Store) will do")
	}
	o.Cookie.fill()
	o.Namespace = cmp.Or(o.Namespace, o.Cookie.Name)
	o.Lifetime = cmp.Or(o.Lifetime, 24*time.Hour)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, min(time.Hour, max(o.Lifetime, time.Millisecond)))
	if d := o.AnonymousIdleTimeout; d != 0 && (d < time.Millisecond || d > o.IdleTimeout) {
		fault("AnonymousIdleTimeout %v is not between a millisecond and IdleTimeout %v", d, o.IdleTimeout)
	}
	if k := o.Expiry.kind; o.AnonymousIdleTimeout != 0 && (k == remember || k == atTime) {
		fault("AnonymousIdleTimeout %v never counts with Expiry %q; give that Expiry to sessions with a subject by SetExpiry, and set IdleTimeout for the others", o.AnonymousIdleTimeout, o.Expiry)
	}
	if o.ValidFrom.After(time.Now()) {
		fault("ValidFrom %v is in the future, and until then no session could begin; set it to the present time", o.ValidFrom)
	}
	o.AnonymousIdleTimeout = cmp.Or(o.AnonymousIdleTimeout, o.IdleTimeout)
	o.RenewGrace = cmp.Or(o.RenewGrace, 10*time.Second)
	o.LoadTimeout = cmp.Or(o.LoadTimeout, 2*time.Second)
	o.SaveTimeout = cmp.Or(o.SaveTimeout, 5*time.Second)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<10)
	o.Transports = slices.Clone(o.Transports) // the caller's may change
	if len(o.Transports) == 0 {
		o.Transports = []Transport{Cookie()}
	}
	if o.Codec == nil {
		o.Codec = JSON
	}
	if o.ErrorHandler == nil {
		o.ErrorHandler = DefaultErrorHandler
	}

	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"IdleTimeout", o.IdleTimeout}, {"Lifetime", o.Lifetime}, {"RenewGrace", o.RenewGrace},
		{"LoadTimeout", o.LoadTimeout}, {"SaveTimeout", o.SaveTimeout},
	} {
		if d.d < time.Millisecond {
			fault("%s %v is less than a millisecond", d.name, d.d)
		}
	}
	if o.RenewEvery < 0 {
		fault("RenewEvery %v is negative", o.RenewEvery)
	}
	if o.IdleTimeout > o.Lifetime && o.Lifetime > 0 {
		fault("IdleTimeout %v is longer than Lifetime %v", o.IdleTimeout, o.Lifetime)
	}
	if o.MaxBytes < 0 || o.MaxBytes > maxMaxBytes {
		fault("MaxBytes %d is not between 0 and %d", o.MaxBytes, maxMaxBytes)
	}
	if !slices.ContainsFunc(o.Transports, func(t Transport) bool { return t.param == "" }) {
		fault("Transports has tickets only, which need a session; add Cookie(), Bearer() or Header(name)")
	}
	for i, t := range o.Transports {
		if err := t.check(o.Transports[:i]); err != nil {
			faults = append(faults, err)
		}
	}
	for _, k := range []struct {
		name string
		keys []Secret
	}{{"SigningKeys", o.SigningKeys}, {"EncryptionKeys", o.EncryptionKeys}} {
		if k.keys != nil && len(k.keys) == 0 {
			fault("%s is an empty list, so tokens would go without; load the keys, or leave it nil", k.name)
		}
	}
	codecs, more := newCodecs(o.Codec, o.OldCodecs)
	faults = append(faults, more...)
	if o.Undecodable > UndecodableError {
		fault("Undecodable %d is neither UndecodableAbsent nor UndecodableError", o.Undecodable)
	}
	sealer, err := o.newSealer()
	if err != nil {
		faults = append(faults, err)
	}
	faults = append(faults, o.Cookie.check(sealer.Len())...)
	return settings{codecs, sealer}, errors.Join(faults...)
}

// maxMaxBytes leaves room for a record's header below envelope.MaxLen.
const maxMaxBytes = 15 << 20

// newSealer returns nil if there are no keys.
func (o *Options) newSealer() (*token.Sealer, error) {
	switch {
	case len(o.SigningKeys) > 0 && len(o.EncryptionKeys) > 0:
		return nil, errors.New("SigningKeys and EncryptionKeys exclude each other: encryption authenticates, too")
	case len(o.SigningKeys) > 0:
		return token.NewSigner(o.Cookie.Name, raw(o.SigningKeys))
	case len(o.EncryptionKeys) > 0:
		return token.NewEncrypter(o.Cookie.Name, raw(o.EncryptionKeys))
	}
	return nil, nil
}

func raw(keys []Secret) [][]byte {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		out[i] = k
	}
	return out
}
