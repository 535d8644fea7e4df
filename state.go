package sessions

import (
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
)

// state is what a session says at one moment.
type state struct {
	values  envelope.Values
	subject string
	policy  Expiry
	created int64 // Unix milliseconds; 0 until it matters
	since   int64 // start of the lifetime, Unix milliseconds
	rotate  bool  // whose session it is has changed: needs a new token
	kept    bool  // emptied by Clear, which keeps the session
}

// edit is one change of a state. A session applies it at once, and again to
// the newer record if another request was faster. An edit that fails leaves
// the state as it was.
type edit func(*state) error

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

// set puts a value unless that would take the session over limit bytes.
func (st *state) set(key string, v envelope.Value, limit int) error {
	if grow := len(key) + envelope.EntryLen + len(v.Data); st.values.Size()+grow > limit {
		if old, ok := st.values.Get(key); ok {
			grow = len(v.Data) - len(old.Data)
		}
		if grow > 0 && st.values.Size()+grow > limit {
			return ErrTooLarge
		}
	}
	st.values.Set(key, v)
	return nil
}

// empty reports whether there is nothing to keep a record for.
func (st *state) empty() bool { return st.subject == "" && st.values.Len() == 0 }

// stored is a session's record as the store was last seen to hold it. Its id
// is empty where there is none.
type stored struct {
	tok     token.Token // zero where the request did not bring or make it
	id      string
	version uint64
	expires time.Time
	subject string
	read    time.Time        // when it was seen
	record  *envelope.Record // not to be changed
}

// state returns what the record says.
func (at *stored) state() state {
	return state{
		values:  at.record.Values,
		subject: at.subject,
		policy:  expiryOf(at.record),
		created: at.record.Created,
		since:   at.record.Since,
	}
}

// start returns what the record says, or a new state if there is none.
func (at *stored) start() state {
	if at.id == "" {
		return state{}
	}
	return at.state()
}

// differs reports whether st is not what the record says.
func (at *stored) differs(st *state) bool {
	return st.rotate || st.subject != at.subject || st.policy != expiryOf(at.record) || st.values.Changed()
}

// replay makes edits again on what the record says, or on a new state if there
// is none. It leaves out those that fail, and returns those that fit and the
// errors.
func (at *stored) replay(log []edit) (st state, fit []edit, err error) {
	st = at.start()
	if len(log) == 0 {
		return st, nil, nil
	}
	st.begin()
	for _, e := range log {
		if failed := safely(e, &st); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		fit = append(fit, e)
	}
	return st, fit, err
}
