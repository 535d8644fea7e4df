package sessions

import (
	"fmt"
	"io"
	"time"

	"github.com/gosessions/sessions/internal/token"
)

// Action is what a client must do with its token.
type Action byte

// The actions of a [Reply].
const (
	Keep  Action = iota // nothing has changed
	Set                 // store the reply's token
	Clear               // forget the token
)

// Reply says what a client must be told about its token. The zero Reply keeps
// it. No verb of fmt prints the token.
type Reply struct {
	action Action
	text   *string // the token; behind a pointer, so that no print of an enclosing struct shows it
	age    time.Duration
	vital  bool
}

// Action returns what the client must do.
func (r Reply) Action() Action { return r.action }

// Token returns the token that the client must store from now on, and "" unless
// the action is [Set]. Anyone holding it owns the session.
func (r Reply) Token() string {
	if r.text == nil {
		return ""
	}
	return *r.text
}

// MaxAge returns for how long the client is to store the token. If zero, it is
// to store it until it ends itself (a browser until it is closed).
func (r Reply) MaxAge() time.Duration { return r.age }

// Format prints the action and nothing secret, for every verb.
func (r Reply) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sessions.Reply("+[]string{"keep", "set", "clear"}[r.action]+")")
}

// answer is what the client is told about its token.
type answer struct {
	action Action
	vital  bool         // a response without it would lose the session, or keep it
	age    int32        // of the cookie, in seconds; 0: until the browser is closed
	tok    *token.Token // not to be changed
}

// revoke takes a token back that was to be sent and is no longer current.
func (a *answer) revoke() {
	if a.action == Set {
		*a = answer{}
	}
}
