package walk_test

import (
	"fmt"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/envelope"
)

// row is a record of the store, decoded. Nothing else in the walk knows how
// records are encoded.
type row struct {
	version        uint64
	state          state
	verifier, prev string
	epoch          uint64
}

// row reads the store. It needs w.mu.
func (w *world) row(id string) (row, bool) {
	raw, err := w.raw.Load(background, id)
	if err != nil {
		return row{}, false
	}
	var rec envelope.Record
	if err := rec.Decode(id, raw.Data); err != nil {
		w.fail("format", "the record of %s cannot be read: %v", w.nameOf(id), err)
		return row{}, false
	}
	r := row{version: raw.Version, verifier: string(rec.Verifier[:]), epoch: uint64(rec.Epoch)}
	if rec.Earlier != nil {
		r.prev = string(rec.Earlier[:])
	}
	r.state = state{values: map[string]int{}, subject: raw.Subject}
	values := rec.Values()
	for k := range values.Keys() {
		v, _ := values.Get(k)
		n := 0
		_, _ = fmt.Sscan(string(v.Data), &n)
		r.state.values[k] = n
	}
	if rec.Policy != (envelope.Policy{}) {
		if s, err := w.inspector.Find(background, id); err == nil {
			r.state.policy = s.Expiry()
		} else {
			r.state.policy = unknown
		}
	}
	return r, true
}

// unknown stands for a policy that cannot be read, because it is over.
var unknown = sessions.AtTime(time.Unix(1, 0))
