package walk_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gosessions/sessions"
)

// state is what a session holds. It does not change.
type state struct {
	values  map[string]int
	subject string
	policy  sessions.Expiry
}

func (s state) equal(o state) bool {
	return s.subject == o.subject && s.policy == o.policy && maps.Equal(s.values, o.values)
}

func (s state) empty() bool { return s.subject == "" && len(s.values) == 0 }

func (s state) String() string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(s.values)) {
		parts = append(parts, fmt.Sprintf("%s=%d", k, s.values[k]))
	}
	policy := ""
	if s.policy != (sessions.Expiry{}) {
		policy = " " + s.policy.String()
	}
	return fmt.Sprintf("{%s %q%s}", strings.Join(parts, " "), s.subject, policy)
}

// edit is one change that a request has made and that a save is to carry out.
type edit struct {
	kind string // set, delete, clear, keep, update, try, claim, subject, renew, expiry
	key  string
	n    int
	to   sessions.Expiry
}

func (e edit) String() string {
	switch e.kind {
	case "set":
		return fmt.Sprintf("%s=%d", e.key, e.n)
	case "expiry":
		return "expires " + e.to.String()
	}
	return strings.TrimSpace(e.kind + " " + e.key)
}

// tryLimit is how often the guarded counter may be increased.
const tryLimit = 3

// apply returns what edits make of a state. It is not ok if one of them does
// not fit.
func (s state) apply(edits ...[]edit) (state, bool) {
	values := maps.Clone(s.values)
	if values == nil {
		values = map[string]int{}
	}
	s.values = values
	for _, some := range edits {
		for _, e := range some {
			switch e.kind {
			case "set":
				values[e.key] = e.n
			case "delete":
				delete(values, e.key)
			case "clear":
				clear(values)
			case "keep":
				maps.DeleteFunc(values, func(k string, _ int) bool { return k != e.key })
			case "update":
				values[e.key]++
			case "try":
				if values[e.key] >= tryLimit {
					return s, false
				}
				values[e.key]++
			case "claim":
				if _, ok := values[e.key]; !ok {
					return s, false
				}
				delete(values, e.key)
			case "subject":
				s.subject = e.key
			case "expiry":
				s.policy = e.to
			}
		}
	}
	return s, true
}

func has(edits []edit, kind string) bool {
	return slices.ContainsFunc(edits, func(e edit) bool { return e.kind == kind })
}

// record is a session as the model knows it.
type record struct {
	id, name string
	version  uint64
	states   map[uint64]state
	live     bool // the store holds it; it may have expired
	ended    string
	epoch    int
	cur      string    // verifier of the current token
	prev     string    // of the one before, if that came with the same privileges
	seen     time.Time // when a request first brought the current token
	shown    time.Time // when a save has shown that a client has the current token
	since    time.Time // of the present subject
	maker    *life     // who made the current token
	owner    int       // who made the last change of privilege
	touched  int       // number of changes by anybody
}

func (r *record) state() state { return r.states[r.version] }

// expires reports whether the session has, or had, a policy of its own.
func (r *record) expires() bool {
	for _, st := range r.states {
		if st.policy != (sessions.Expiry{}) {
			return true
		}
	}
	return false
}

// secret is a token as the model knows it.
type secret struct {
	verifier string
	rec      *record
	name     string
	text     string // once a reply has brought it
	epoch    int
	maker    *life
}

// life is one session within one request, up to Destroy. It knows which edits
// a save may still carry out, and how far the saves have come: there may be
// several possibilities, if edits make no difference.
type life struct {
	a       *actor
	rec     *record // nil: none yet
	epoch   int
	tok     string // verifier of the token that it holds
	brought string // and of the one that the request brought
	version uint64 // that was loaded
	log     []edit
	done    []int // how many edits have been carried out
	settled []int // the same, at the last time that a call returned nil
	covers  []int // how many edits the commits so far have covered
	extras  []edit
	lost    bool // the session is known to have ended or changed its privileges
	doubt   bool // a commit has returned ErrUnavailable
	refused bool // the token was replaced by a change of privilege
	dropped bool // nothing more is saved
	owes    bool // a Commit returned nil: the client has the token
	mayEnd  bool // its expiry may be in the past
	ended   bool // and has ended it
	forked  bool
	over    bool // Destroy was called
	minted  map[string]bool
	acked   string // the last minted token of a call that returned nil

	droppedAt time.Time
}

func (l *life) name() string {
	if l.rec == nil {
		return "nothing"
	}
	return l.rec.name
}

// pending returns the edits that no save has certainly carried out.
func (l *life) pending() []edit {
	if len(l.done) == 0 {
		return nil
	}
	return l.log[slices.Min(l.done):]
}

func (l *life) settle(done ...int) {
	slices.Sort(done)
	l.done = slices.Compact(done)
}

// needsToken reports whether a pending edit changes the token.
func (l *life) needsToken() bool {
	p := l.pending()
	return l.rec == nil || has(p, "renew") || has(p, "subject")
}
