package sessions

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/gosessions/sessions/internal/envelope"
)

// Get decodes the value under key into the variable that into points to, and
// reports whether there is a value. If there is none, the variable stays
// unchanged. A value that cannot be decoded is a [CodecError].
func (s *Session) Get(key string, into any) (bool, error) {
	v, ok, _, err := s.peek(key)
	if err != nil || !ok {
		return false, err
	}
	return true, s.m.codecs.decode(key, v, into)
}

// Set encodes v and puts it under key; later changes of v have no effect. It
// returns a [CodecError] if v cannot be encoded or could not be read again as
// the same type, and [ErrTooLarge] if the session would grow over
// Options.MaxBytes; the session is unchanged then.
func (s *Session) Set(key string, v any) error {
	enc, err := s.m.codecs.encode(key, v)
	if err != nil {
		return err
	}
	return s.apply(setting(key, enc))
}

// Delete removes a key, if it is there. A session that loses its last value
// stays, until Destroy or its expiry.
func (s *Session) Delete(key string) { _ = s.apply(deleting(key)) }

// Has reports whether there is a value under key.
func (s *Session) Has(key string) bool {
	_, ok, _, _ := s.peek(key)
	return ok
}

// Keys yields the keys in ascending order, as they are now.
func (s *Session) Keys() iter.Seq[string] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Values(slices.Collect(s.head.values.Keys()))
}

// Len returns the number of keys.
func (s *Session) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.values.Len()
}

// Clear removes all values, including those that other requests add before
// this is saved. The session, its id, subject and expiry stay.
func (s *Session) Clear() { s.ClearExcept() }

// ClearExcept removes all values but those of some keys, as [Session.Clear]
// does.
func (s *Session) ClearExcept(keys ...string) {
	keys = slices.Clone(keys)
	_ = s.apply(applying(func(st *state) error {
		if len(keys) == 0 {
			st.values.Clear()
		}
		for _, key := range slices.Collect(st.values.Keys()) {
			if !slices.Contains(keys, key) {
				st.values.Delete(key)
			}
		}
		return nil
	}))
}

// CopyFrom copies the values of some keys from another session, encoded as they
// are, in place of values that s has under these keys: for a merge of accounts,
// or to move sessions. To copy all values:
//
//	err := s.CopyFrom(guest, guest.Keys())
//
// The other session may belong to another manager or namespace. A key that it
// does not have is left out. Its subject, expiry and id are not copied, and it
// does not change; call [Session.Destroy] or [Manager.Revoke] to end it.
//
// CopyFrom returns a [CodecError] if the manager of s does not know the codec of
// a value, and [ErrTooLarge] if s would grow over its Options.MaxBytes; s is
// unchanged then.
func (s *Session) CopyFrom(other *Session, keys iter.Seq[string]) error {
	from, err := other.snapshot()
	if err != nil {
		return err
	}
	var copied []edit
	for key := range keys {
		v, ok := from.Get(key)
		if !ok {
			continue
		}
		if _, err := s.m.codecs.reader(key, v); err != nil {
			return err
		}
		copied = append(copied, setting(key, v))
	}
	return s.apply(applying(func(st *state) error {
		next := st.clone()
		for i := range copied {
			if err := copied[i].do(&next); err != nil {
				return err
			}
		}
		*st = next
		return nil
	}))
}

// snapshot returns the values as they are now.
func (s *Session) snapshot() (envelope.Values, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return envelope.Values{}, errReturned
	}
	return s.head.values.Clone(), nil
}

// Key is a session key whose values have the type T. Declare it as a
// constant:
//
//	const Counter = sessions.Key[int]("counter")
//
// Two keys of one name and different types are one key: reading by the wrong
// type is an error if the codec finds it out.
type Key[T any] string

// Get returns the value, or the zero T if there is none. If the value cannot be
// decoded as a T, the error is a [CodecError].
func (k Key[T]) Get(s *Session) (T, error) {
	v, _, err := k.Lookup(s)
	return v, err
}

// Lookup returns the value and whether there is one. If the value cannot be
// decoded as a T, ok is true and err is a [CodecError].
func (k Key[T]) Lookup(s *Session) (v T, ok bool, err error) {
	enc, ok, _, err := s.peek(string(k))
	if err != nil || !ok {
		return v, false, err
	}
	return decodeAs[T](s.m.codecs, string(k), enc)
}

// Set encodes v now and puts it under the key. Errors are those of
// [Session.Set].
func (k Key[T]) Set(s *Session, v T) error {
	enc, err := encodeOf(s.m.codecs, string(k), v)
	if err != nil {
		return err
	}
	return s.apply(setting(string(k), enc))
}

// Update sets the value to f of the present one (the zero T if there is none)
// and returns the new value. If another request changes the session first, f
// runs again on the newer value when the session is saved, so no parallel
// update is lost. So f may run several times and must only compute: no I/O, no
// captured counters. The value that Update returned may then be outdated. A
// panic of f in such a later run becomes an error of the save.
func (k Key[T]) Update(s *Session, f func(T) T) (T, error) {
	return k.update(s, func(v T) (T, error) { return f(v), nil })
}

// TryUpdate is like [Key.Update], but f can refuse the change with an error:
// "only if there is one left". If f refuses now, TryUpdate returns the error
// and nothing changes. If f refuses a newer value when the session is saved,
// the save fails with the error; call [Session.Save] to find out.
func (k Key[T]) TryUpdate(s *Session, f func(T) (T, error)) (T, error) { return k.update(s, f) }

func (k Key[T]) update(s *Session, f func(T) (T, error)) (T, error) {
	again := updating(string(k), func(st *state) error {
		old, ok := st.values.Get(string(k))
		_, enc, err := k.updated(s.m.codecs, old, ok, f)
		if err != nil {
			return err
		}
		return st.set(string(k), enc)
	})
	for range maxUpdates { // f runs without the lock, and again if the session changes in the meantime
		old, ok, seen, err := s.peek(string(k))
		if err != nil {
			return *new(T), err
		}
		v, enc, err := k.updated(s.m.codecs, old, ok, f)
		if err != nil {
			return *new(T), err
		}
		if done, err := s.setIf(seen, string(k), enc, again); err != nil {
			return *new(T), err
		} else if done {
			return v, nil
		}
	}
	return *new(T), errSelfUpdate
}

// maxUpdates is how often Update starts again before it takes its own function
// for what changes the session.
const maxUpdates = 1000

var errSelfUpdate = errors.New("sessions: the session keeps changing during an Update; does its function change it?")

// updated returns what f makes of a value, if there is one.
func (k Key[T]) updated(cs codecs, old envelope.Value, ok bool, f func(T) (T, error)) (v T, enc envelope.Value, err error) {
	var again envelope.Value // old as T encodes it, if it has members that T does not know
	if ok {
		var unknown bool
		if v, unknown, err = decodeKnownAs[T](cs, string(k), old); err != nil {
			return v, enc, err
		}
		if unknown {
			if again, err = encodeOf(cs, string(k), v); err != nil {
				return v, enc, err
			}
		}
	}
	if v, err = f(v); err != nil {
		return v, enc, err
	}
	if enc, err = encodeOf(cs, string(k), v); err == nil && again.Codec != nil {
		enc = cs.keep(old, again, enc)
	}
	return v, enc, err
}

// Take returns the value and deletes it, which is saved with the rest of the
// request: for flash messages. Two parallel requests may both see it; see
// [Key.Claim]. If the value cannot be decoded as a T, the error is a
// [CodecError] and the value stays.
func (k Key[T]) Take(s *Session) (v T, ok bool, err error) {
	v, ok, err = k.Lookup(s)
	if err == nil && ok {
		err = s.apply(deleting(string(k)))
	}
	return v, ok, err
}

// Claim takes the value and saves the session at once, with everything that is
// pending. If parallel requests claim one value, exactly one gets it: for
// OAuth state, nonces, one-time links. The others get ok false, also if the
// session has ended in the meantime, and their other changes stay pending.
//
// Otherwise it returns the errors of [Session.Save]. After [ErrUnavailable] the
// value may have been taken; a second Claim of this request then returns it.
func (k Key[T]) Claim(ctx context.Context, s *Session) (v T, ok bool, err error) {
	var got T
	var take edit
	take = claiming(string(k), func(st *state) error {
		enc, ok := st.values.Get(string(k))
		if !ok {
			return errAbsent
		}
		var err error
		if got, _, err = decodeAs[T](s.m.codecs, string(k), enc); err != nil {
			return err
		}
		*take.taken = enc
		st.values.Delete(string(k))
		return nil
	})
	err = s.commit(ctx, commitExplicit, &take)
	switch {
	case errors.Is(err, errAbsent), gone(err) && !errors.Is(err, errSuperseded):
		return v, false, nil
	case err != nil:
		return v, false, err
	}
	return got, true, nil
}

// Delete removes the value, if there is one.
func (k Key[T]) Delete(s *Session) { s.Delete(string(k)) }

// moment is a state of a session: what Update and Typed have seen.
type moment struct{ changes, life int32 }

// peek returns the encoded value, if there is one, and the moment.
func (s *Session) peek(key string) (v envelope.Value, ok bool, at moment, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return v, false, moment{}, errReturned
	}
	v, ok = s.head.values.Get(key)
	return v, ok, moment{s.changes, s.life}, nil
}

// setIf puts a value if the session has not changed since a moment, and
// remembers how to do it again.
func (s *Session) setIf(at moment, key string, v envelope.Value, again edit) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return false, errReturned
	case at != (moment{s.changes, s.life}):
		return false, nil
	}
	s.head.begin()
	if err := s.head.set(key, v); err != nil {
		return false, err
	}
	s.remember(again)
	return true, nil
}
