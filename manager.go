package sessions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/store"
)

// Manager gives requests their sessions. It is made by New, does not change,
// and is safe for concurrent use. It starts no goroutine.
type Manager struct {
	store    store.Store
	opts     Options // with defaults filled in
	codecs   []namedCodec
	sealer   *token.Sealer // nil: the plain token is the cookie
	sweeping atomic.Bool
}

type namedCodec struct {
	Codec
	name []byte
}

// New returns a manager that keeps its sessions in st. Options that
// contradict each other, or that a browser would not accept, are one error
// that names them all.
func New(st store.Store, opts Options) (*Manager, error) {
	m := &Manager{store: st, opts: opts}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return m, nil
}

// Handler gives next a session, which it gets by Load, HandlerFunc or Handle.
// A request that does not ask costs no store operation and no cookie. What
// the handler changes is saved before its response begins; if that fails,
// the response is the error page of Options.ErrorHandler instead.
//
// http.TimeoutHandler belongs inside of it: outside, it can throw away a
// response whose cookie is the only one with a renewed token.
//
// Put it inside of http.CrossOriginProtection, so that what that rejects
// never reaches the store. Several managers can stand in one chain; each needs
// a cookie name of its own, or one's cookie overwrites the other's. A manager
// that is there twice is there once.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer, _ := r.Context().Value(innermost{}).(*scope)
		if outer != nil && scopeOf(outer, m) != nil {
			next.ServeHTTP(w, r)
			return
		}
		sc := newScope(m, w, r, outer)
		defer sc.end()
		next.ServeHTTP(&sc.w, sc.r)
		sc.returned = true
	})
}

// Load returns this manager's session of the request that ctx belongs to. The
// first call asks the store, later ones return the same. It returns
// ErrNoSession if ctx comes from no such request, and ErrUnavailable if the
// store fails: never an empty session in its stead.
func (m *Manager) Load(ctx context.Context) (*Session, error) {
	sc := scopeOf(ctx, m)
	if sc == nil {
		return nil, errOutside
	}
	return sc.load(ctx)
}

// expires returns when a session that is used now ends.
func (m *Manager) expires(st *state, now time.Time) time.Time {
	return st.policy.expires(&m.opts, st.policy.end(&m.opts, st.since), now)
}

// Format prints the cookie's name and nothing secret, for every verb.
func (m *Manager) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sessions.Manager("+m.opts.Name+")")
}
