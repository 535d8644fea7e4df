package sessions

import (
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
)

// state is what a session holds at one moment.
type state struct {
	values  envelope.Values
	subject string
	policy  Expiry
	created int64 // Unix milliseconds; 0 until it matters
	since   int64 // start of the lifetime, Unix milliseconds
	limit   int   // Options.MaxBytes
	token   tokenChange
}

// tokenChange says whether the next save gives the session a new token.
type tokenChange byte

const (
	tokenKept     tokenChange = iota
	tokenRenewed              // with the same privileges
	tokenElevated             // with other privileges: requests on the token before are over
)

// edit is one change of a state. A session applies it at once, and again to
// the newer record if another request was faster. An edit that fails leaves
// the state as it was.
type edit struct {
	key   string
	value envelope.Value     // put under key; without a codec, the key is deleted
	apply func(*state) error // if not nil, the change
	wide  bool               // the change is not one of key alone
	taken *envelope.Value    // what apply has taken, if it is that of a Claim
}

func setting(key string, v envelope.Value) edit      { return edit{key: key, value: v} }
func deleting(key string) edit                       { return edit{key: key} }
func updating(key string, f func(*state) error) edit { return edit{key: key, apply: f} }
func applying(f func(*state) error) edit             { return edit{apply: f, wide: true} }
func claiming(key string, f func(*state) error) edit {
	return edit{key: key, apply: f, taken: new(envelope.Value)}
}

// do makes the change.
func (e *edit) do(st *state) error {
	switch {
	case e.apply != nil:
		return e.apply(st)
	case e.value.Codec != nil:
		return st.set(e.key, e.value)
	}
	st.values.Delete(e.key)
	return nil
}

// safely makes the change again. A panic becomes an error, because it must not
// escape: the handler that made the edit may have returned.
func (e *edit) safely(st *state) (err error) {
	if e.apply != nil {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("sessions: an update panicked when it was made again: %v", p)
			}
		}()
	}
	return e.do(st)
}

// begin makes a new session begin now, if it has not begun.
func (st *state) begin() {
	if st.created == 0 {
		st.created = time.Now().UnixMilli()
		st.since = st.created
	}
}

// clone returns a copy that can be changed by itself.
func (st *state) clone() state {
	c := *st
	c.values = st.values.Clone()
	return c
}

// set puts a value unless that would take the session over its limit.
func (st *state) set(key string, v envelope.Value) error {
	if grow := len(key) + envelope.EntryLen + len(v.Data); st.values.Size()+grow > st.limit {
		if old, ok := st.values.Get(key); ok {
			grow = len(v.Data) - len(old.Data)
		}
		if size := st.values.Size() + grow; grow > 0 && size > st.limit {
			return fmt.Errorf("%w: %d bytes, limit %d (key %q is %d); raise Options.MaxBytes", ErrTooLarge, size, st.limit, key, len(v.Data))
		}
	}
	st.values.Set(key, v)
	return nil
}

// terms returns what decides when the session ends.
func (st *state) terms() terms { return terms{st.policy, st.since, st.subject == ""} }

// empty reports whether there is nothing to make a record for.
func (st *state) empty() bool { return st.subject == "" && st.values.Len() == 0 }

// replay makes edits again on a state. It leaves out those that fail, and
// returns those that fit and the errors.
func (st state) replay(log []edit) (_ state, fit []edit, err error) {
	if len(log) == 0 {
		return st, nil, nil // without a copy on the heap, which edits need
	}
	return st.replayAll(log)
}

func (st state) replayAll(log []edit) (_ state, fit []edit, err error) {
	st.begin()
	for i := range log {
		if failed := log[i].safely(&st); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		fit = append(fit, log[i])
	}
	if err != nil {
		err = &replayError{err}
	}
	return st, fit, err
}

// replayError is an error of an edit that was made again, in part the user's:
// whatever it wraps, it says nothing about the store.
type replayError struct{ error }

func (e *replayError) Unwrap() error { return e.error }

// gone reports whether an error means that the session has ended.
func gone(err error) bool {
	return err != nil && errors.Is(err, ErrNotFound) && !failedReplay(err) && !errors.Is(err, ErrRefused)
}

func failedReplay(err error) bool {
	var refused *replayError
	return errors.As(err, &refused)
}

// with returns the state with one more edit made.
func (st state) with(e *edit) (state, error) {
	err := e.do(&st)
	return st, err
}
