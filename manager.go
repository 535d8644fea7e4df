package sessions

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
	"github.com/gosessions/sessions/store"
)

// Manager gives requests their sessions. It is made by [New], does not change,
// and is safe for concurrent use. It starts no goroutine.
type Manager struct {
	store      store.Store
	vault      *vault.Vault
	opts       Options // with defaults filled in
	limits     limits
	transports []Transport
	defaultVia uint16   // index of the transport for clients that bring no token
	varies     []string // request headers that responses depend on
	codecs     codecs
	sealer     *token.Sealer // nil: the client gets the plain token
	sweeping   atomic.Bool
	swept      atomic.Bool          // Sweep was called, is not needed, or its lack was told
	looked     atomic.Int64         // when its lack was last looked for, Unix nanoseconds
	misused    [misuses]atomic.Bool // what was told already
}

// misuse is a cause of EventMisused.
type misuse int

const (
	plainHTTP misuse = iota
	sameName
	outOfPath
	misuses // their number
)

// misuse tells an event about the program's set-up, once.
func (m *Manager) misuse(ctx context.Context, which misuse, err error) {
	if !m.misused[which].Swap(true) {
		m.event(ctx, Event{Kind: EventMisused, Err: err})
	}
}

// New returns a manager that keeps its sessions in st. Options that
// contradict each other, or that a browser would not accept, are one error
// that names them all.
func New(st store.Store, opts Options) (*Manager, error) {
	s, err := opts.check(st)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	opts.SigningKeys, opts.EncryptionKeys = nil, nil // the sealer has them, and prints nothing
	m := &Manager{store: st, opts: opts, codecs: s.codecs, sealer: s.sealer, transports: opts.Transports}
	m.limits = limits{
		expiry: opts.Expiry, idle: opts.IdleTimeout.Milliseconds(), anonymous: opts.AnonymousIdleTimeout.Milliseconds(),
		lifetime: opts.Lifetime.Milliseconds(), persistent: opts.Persistent,
	}
	if !opts.ValidFrom.IsZero() {
		m.limits.validFrom = opts.ValidFrom.Add(time.Millisecond - 1).UnixMilli() // what began within that millisecond may have begun before
	}
	m.defaultVia = uint16(slices.IndexFunc(m.transports, func(t Transport) bool { return t.param == "" }))
	for _, t := range m.transports {
		if name := t.varies(); name != "" {
			m.varies = append(m.varies, name)
		}
	}
	m.looked.Store(time.Now().UnixNano())
	m.vault = vault.New(vault.Config{
		Store: st, Namespace: opts.Namespace,
		LoadTimeout: opts.LoadTimeout, SaveTimeout: opts.SaveTimeout,
		End: m.limits.over, Hidden: isExchangeKey,
	})
	return m, nil
}

// heard reports whether anybody listens to a kind of event.
func (m *Manager) heard(kind EventKind) bool { return m.opts.OnEvent != nil || kind.problem() }

// event tells an event to whoever listens.
func (m *Manager) event(ctx context.Context, e Event) {
	switch {
	case m.opts.OnEvent != nil:
		m.opts.OnEvent(ctx, e)
	case m.heard(e.Kind):
		slog.Default().LogAttrs(ctx, slog.LevelWarn, "sessions", slog.Any("event", e))
	}
}

// Format prints the cookie's name and nothing secret, for every verb.
func (m *Manager) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sessions.Manager("+m.opts.Cookie.Name+")")
}

type (
	innermost    struct{}             // context key of the innermost exchange
	managed      struct{ m *Manager } // context key of one manager's exchange
	beforeCreate struct{}             // context key of the session that Options.BeforeCreate is called for
)

// isExchangeKey reports whether a context key is one of an exchange.
func isExchangeKey(key any) bool {
	switch key.(type) {
	case innermost, managed:
		return true
	}
	return false
}
