package sessions

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/gosessions/sessions/internal/envelope"
)

// Get decodes the value under key into what the pointer into points to, and
// reports whether there is one. Where there is none, into stays as it is.
func (s *Session) Get(key string, into any) (bool, error) {
	v, ok, _, err := s.peek(key)
	if err != nil || !ok {
		return false, err
	}
	return true, s.m.decode(key, v, into)
}

// Set encodes v and puts it under key; a later change of v changes nothing.
// It returns a CodecError if v cannot be encoded, and ErrTooLarge if the
// session would grow over Options.MaxBytes; the session is unchanged then.
func (s *Session) Set(key string, v any) error {
	enc, err := s.m.encode(key, v)
	if err != nil {
		return err
	}
	return s.apply(s.m.setting(key, enc))
}

// Delete removes a key, if it is there. A session that loses its last value
// and has no subject is destroyed.
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
	return slices.Values(slices.Collect(s.now.values.Keys()))
}

// Len returns the number of keys.
func (s *Session) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.values.Len()
}

// Clear removes all values but those of the keys that are named, also what
// other requests add meanwhile, and keeps the session, its id, subject and
// expiry.
func (s *Session) Clear(keep ...string) {
	keep = slices.Clone(keep)
	_ = s.apply(func(st *state) error {
		if len(keep) == 0 {
			st.values.Clear()
		}
		for _, key := range slices.Collect(st.values.Keys()) {
			if !slices.Contains(keep, key) {
				st.values.Delete(key)
			}
		}
		st.kept = true
		return nil
	})
}

// Key is a session key whose values have the type T. Declare it as a
// constant:
//
//	const Counter = sessions.Key[int]("counter")
//
// Two keys of one name and different types are one key: reading by the wrong
// type is an error if the codec finds it out.
type Key[T any] string

// Get returns the value, or the zero T if there is none. A value that the
// codec cannot make a T of is a CodecError.
func (k Key[T]) Get(s *Session) (T, error) {
	v, _, err := k.Lookup(s)
	return v, err
}

// Lookup returns the value and whether there is one. A value that the codec
// cannot make a T of is a CodecError, and there.
func (k Key[T]) Lookup(s *Session) (v T, ok bool, err error) {
	enc, ok, _, err := s.peek(string(k))
	if err != nil || !ok {
		return v, false, err
	}
	return decodeAs[T](s.m, string(k), enc)
}

// Set encodes v now and puts it under the key. Errors are those of
// Session.Set.
func (k Key[T]) Set(s *Session, v T) error { return s.Set(string(k), v) }

// Update sets the value to f of what it was, the zero T if there was none,
// and returns the new one. If another request changes the session first, f
// runs again on the newer value when the session is saved, so that of
// parallel updates none is lost. So f may run several times and must only
// compute: no I/O, no captured counters. What Update returned may then be
// outdated. A panic of f in such a later run becomes an error of the save.
func (k Key[T]) Update(s *Session, f func(T) T) (T, error) {
	replayed := func(st *state) error {
		now, ok := st.values.Get(string(k))
		_, enc, err := k.updated(s.m, now, ok, f)
		if err != nil {
			return err
		}
		return st.set(string(k), enc, s.m.opts.MaxBytes)
	}
	for range maxUpdates { // f runs without the lock, and again if the session changed meanwhile
		now, ok, seen, err := s.peek(string(k))
		if err != nil {
			return *new(T), err
		}
		v, enc, err := k.updated(s.m, now, ok, f)
		if err != nil {
			return *new(T), err
		}
		if done, err := s.setIf(seen, string(k), enc, replayed); err != nil {
			return *new(T), err
		} else if done {
			return v, nil
		}
	}
	return *new(T), errSelfUpdate
}

// maxUpdates is how often Update starts again before it takes its own function
// to be what changes the session.
const maxUpdates = 1000

var errSelfUpdate = errors.New("sessions: the session keeps changing during an Update; does its function change it?")

// updated returns what f makes of a value that may be there.
func (k Key[T]) updated(m *Manager, now envelope.Value, ok bool, f func(T) T) (v T, enc envelope.Value, err error) {
	if ok {
		if v, _, err = decodeAs[T](m, string(k), now); err != nil {
			return v, enc, err
		}
	}
	v = f(v)
	enc, err = m.encode(string(k), v)
	return v, enc, err
}

// Take returns the value and deletes it, which is saved with the rest of the
// request: for flash messages. Two parallel requests may both see it; see
// Claim. A value that the codec cannot make a T of is a CodecError, and stays.
func (k Key[T]) Take(s *Session) (v T, ok bool, err error) {
	v, ok, err = k.Lookup(s)
	if err == nil && ok {
		err = s.apply(deleting(string(k)))
	}
	return v, ok, err
}

var errAbsent = errors.New("sessions: no such key")

// Claim takes the value and saves the session at once, with all that is
// pending. Of parallel requests that claim one value exactly one gets it: for
// OAuth state, nonces, one-time links. The others get ok false, also where
// the session ended meanwhile, and their other changes stay pending. Errors
// are else those of Session.Save.
func (k Key[T]) Claim(ctx context.Context, s *Session) (v T, ok bool, err error) {
	var got T
	err = s.commit(ctx, commitExplicit, func(st *state) error {
		enc, ok := st.values.Get(string(k))
		if !ok {
			return errAbsent
		}
		var err error
		if got, _, err = decodeAs[T](s.m, string(k), enc); err != nil {
			return err
		}
		st.values.Delete(string(k))
		return nil
	})
	switch {
	case errors.Is(err, errAbsent), errors.Is(err, ErrNotFound):
		return v, false, nil
	case err != nil:
		return v, false, err
	}
	return got, true, nil
}

// Delete removes the value, if there is one.
func (k Key[T]) Delete(s *Session) { s.Delete(string(k)) }

// peek returns the encoded value, if there is one, and which edit it has seen.
func (s *Session) peek(key string) (v envelope.Value, ok bool, seen int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return v, false, 0, errReturned
	}
	v, ok = s.now.values.Get(key)
	return v, ok, s.edits, nil
}

// setIf puts a value if the session is as it was seen, and remembers how for
// replay.
func (s *Session) setIf(seen int, key string, v envelope.Value, replayed edit) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return false, errReturned
	case s.edits != seen:
		return false, nil
	}
	s.now.begin()
	if err := s.now.set(key, v, s.m.opts.MaxBytes); err != nil {
		return false, err
	}
	s.log = append(s.log, replayed)
	s.edits++
	return true, nil
}

func (m *Manager) setting(key string, v envelope.Value) edit {
	return func(st *state) error { return st.set(key, v, m.opts.MaxBytes) }
}

func deleting(key string) edit {
	return func(st *state) error { st.values.Delete(key); return nil }
}

// safely runs an edit whose panic must not escape: it runs after its handler.
func safely(e edit, st *state) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("sessions: an update panicked when it was made again: %v", p)
		}
	}()
	return e(st)
}
