package sessions

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/gosessions/sessions/internal/codec"
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/merge"
)

// Typed is a session together with one decoded value of type T.
//
// Changes of Data are saved before the response begins. Changes after the
// first byte of the response are saved at the end of the request if the
// session exists already. Otherwise they are lost, and an [EventUnsaved]
// reports it.
//
// If T is a struct, its exported fields are merged one by one: if two requests
// change different fields, both changes survive. A T that encodes itself (with
// MarshalJSON and the like) or is no struct is one value, and the last change
// wins. [Key.Update] merges with a rule of your own. With the codec [JSON],
// members of the stored value that T does not know are kept.
//
// Data is not protected by a lock. Only one goroutine at a time may use it, and
// it must not change while Save runs or the response begins. Data is read once,
// when it is opened: Reload, Set and Delete do not change it.
type Typed[T any] struct {
	*Session
	Data T

	parts  []part
	before T     // a shallow copy of Data as it was opened or last collected
	life   int32 // of the session, when it was opened
}

// part is a session key that a Typed writes back.
type part struct {
	codecs codecs
	key    string
	field  int32          // of Data; -1 is Data itself
	loses  bool           // seen has members that the type does not know
	seen   envelope.Value // as it was opened or last collected; empty if there is none
}

// Open decodes the key's value as the Data of a [Typed]. If there is no value,
// Data is the zero T. If the value cannot be decoded as a T, it counts as
// absent, or err is a [CodecError] if [Options].Undecodable says so.
func (k Key[T]) Open(s *Session) (*Typed[T], error) {
	opened := &struct {
		Typed[T]
		part [1]part
	}{part: [1]part{{codecs: s.m.codecs, key: string(k), field: -1}}}
	t := &opened.Typed
	t.Session, t.parts = s, opened.part[:]
	return t, t.open()
}

// Wrap makes the whole session one struct T:
//
//	type Visit struct {
//		Theme string `session:"theme"`
//		Views int    // under the key "Views"
//		Cache []byte `session:"-"` // not stored
//	}
//	visit, err := sessions.Wrap[Visit](s)
//
// Each exported field is a session key, with the name in the tag or otherwise
// the field's name. The tag "-" excludes a field. A nil pointer is a key
// without a value.
//
// T must be a struct with at least one such field, and no two of one name. If
// a value cannot be decoded as its field, it counts as absent, or err is a
// [CodecError] if [Options].Undecodable says so.
func Wrap[T any](s *Session) (*Typed[T], error) {
	typ := reflect.TypeFor[T]()
	fields, err := merge.Keys(typ)
	if err != nil {
		return nil, fmt.Errorf("sessions: Wrap[%v]: %w", typ, err)
	}
	t := &Typed[T]{Session: s, parts: make([]part, len(fields))}
	for i, f := range fields {
		t.parts[i] = part{codecs: s.m.codecs, key: f.Key, field: int32(f.Index)}
	}
	return t, t.open()
}

// open reads all parts and has the session collect them from now on.
func (t *Typed[T]) open() error {
	s := t.Session
	for i := range t.parts {
		p := &t.parts[i]
		seen, found, at, err := s.peek(p.key)
		switch {
		case err != nil:
			return err
		case i == 0:
			t.life = at.life
		}
		if !found {
			continue
		}
		v := p.of(&t.Data)
		switch unknown, err := p.codecs.decodeKnown(p.key, seen, v.Addr().Interface()); {
		case err == nil:
			p.seen, p.loses = seen, unknown
		case s.strict():
			t.Data = *new(T)
			return err
		default:
			v.SetZero()
			s.tellUndecodable(p.key, v.Type(), seen, err)
		}
	}
	t.before = t.Data
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errReturned
	case s.life == t.life: // otherwise Destroy has given up what was read
		s.typed = append(s.typed, t)
	}
	return nil
}

func (t *Typed[T]) collect() error {
	for i := range t.parts {
		p := &t.parts[i]
		value, before := p.of(&t.Data), p.of(&t.before)
		change, err := merge.Compare(p, p.seen, before, value, p.field >= 0)
		if err != nil {
			return err
		}
		if change == nil {
			continue
		}
		if err := t.apply(p, change); err != nil {
			return err
		}
		p.seen = change.New
		before.Set(value)
	}
	return nil
}

// of returns the part of what data points to.
func (p *part) of(data any) reflect.Value {
	v := reflect.ValueOf(data).Elem()
	if p.field >= 0 {
		v = v.Field(int(p.field))
	}
	return v
}

// apply makes a change of the session, unless Destroy has given up what the
// change was made of.
func (t *Typed[T]) apply(p *part, c *merge.Change) error {
	if c.Deletes() {
		return t.applyIn(t.life, deleting(p.key))
	}
	c.Lenient = !t.strict()
	again := updating(p.key, func(st *state) error {
		current, _ := st.values.Get(p.key)
		v, err := c.Apply(current)
		if err != nil {
			return err
		}
		return st.set(p.key, v)
	})
	for {
		current, _, at, err := t.peek(p.key)
		if err != nil || at.life != t.life {
			return err
		}
		v, err := c.Apply(current)
		if err != nil {
			return err
		}
		if done, err := t.setIf(at, p.key, v, again); done || err != nil {
			return err
		}
	}
}

// strict reports whether a value that cannot be decoded is an error.
func (s *Session) strict() bool { return s.m.opts.Undecodable == UndecodableError }

// tellUndecodable reports a value that counts as absent, once. The event does
// not show what the codec says, for that may quote the value.
func (s *Session) tellUndecodable(key string, t reflect.Type, v envelope.Value, err error) {
	s.mu.Lock()
	told := slices.Contains(s.seldom().unread, key)
	if !told {
		u := s.keep()
		u.unread = append(u.unread, key)
	}
	id, subject := s.base.ID, s.base.Subject
	s.mu.Unlock()
	if told {
		return
	}
	if s.m.codecs.named(v.Codec) != nil {
		err = decoded(key, fmt.Errorf("the value of codec %q is no %v and counts as absent; it stays until it is overwritten", v.Codec, t))
	}
	ctx := context.Background()
	if s.client != nil {
		ctx = s.client.context()
	}
	s.m.event(ctx, Event{Kind: EventUndecodable, ID: id, Subject: subject, Err: err})
}

// Keep returns next with the members of old that a type does not know.
func (p *part) Keep(old, next envelope.Value, t reflect.Type) (envelope.Value, error) {
	if !p.loses && old.Equal(p.seen) {
		return next, nil
	}
	v := reflect.New(t).Interface()
	unknown, err := p.codecs.decodeKnown(p.key, old, v)
	if err != nil || !unknown { // what cannot be decoded is replaced
		return next, nil
	}
	again, err := p.Encode(v)
	if err != nil {
		return envelope.Value{}, err
	}
	return p.codecs.keep(old, again, next), nil
}

// Encode, Decode, Keep and Stable make a part a [merge.Codec].
func (p *part) Encode(v any) (envelope.Value, error)   { return p.codecs.encodeAt(p.key, v) }
func (p *part) Decode(enc envelope.Value, v any) error { return p.codecs.decode(p.key, enc, v) }
func (p *part) Stable(t reflect.Type) bool {
	c, ok := p.codecs[0].Codec.(codec.JSON)
	return ok && c.Stable(t)
}
