package redisstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
)

// Store keeps records in Redis. It is safe for concurrent use, and any number
// of processes may use one prefix. It starts no goroutine.
type Store struct {
	client          rueidis.Client
	records, owners string // prefixes of keys
	scripts         scripts
	near            *near        // nil without a cache
	gaveUp          atomic.Int64 // when a connection was last given up, in milliseconds since 1970
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)

	_ store.Refresher = (*Store)(nil)
)

const (
	maxID = 128 // bytes of an id

	// grace is how much longer than the record lives the server keeps it, so
	// that its clock and its speed decide nothing.
	grace = time.Minute
)

// keep returns how long the server has to keep what ends at a time.
func keep(now, until int64) string {
	return strconv.FormatInt(max(min(until, lastTime)-now+grace.Milliseconds(), 1), 10)
}

// Create inserts a record. The id of an expired record is taken for a minute.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if len(r.ID) == 0 || len(r.ID) > maxID {
		return fmt.Errorf("redisstore: create: the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	}
	now, expires := time.Now().UnixMilli(), r.Expires.UnixMilli()
	listed := unlisted
	if r.Subject != "" {
		var err error
		if listed, err = s.cover(ctx, r.Subject, r.ID, now, expires); err != nil {
			return fault("create", err)
		}
	}
	value := encode(1, expires, listed, r)
	err := s.write(ctx, func() rueidis.Completed {
		return s.client.B().Arbitrary("SET").Keys(s.records+r.ID).Args(value, "NX", "PX", keep(now, expires)).Build()
	}).Error()
	s.near.wrote(r.ID, 1, 0)
	if rueidis.IsRedisNil(err) {
		return store.ErrExists
	}
	return fault("create", err)
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	r, ok, err := s.loadNear(ctx, id)
	if err == nil && !ok {
		r, err = s.load(ctx, id)
	}
	return loaded(r, err)
}

// Refresh is Load without the cache, and what it has found is the least that
// later loads find. It returns [errors.ErrUnsupported] without Options.Cache,
// because Load sees everything then.
func (s *Store) Refresh(ctx context.Context, id string) (store.Record, error) {
	if s.near == nil {
		return store.Record{}, errors.ErrUnsupported
	}
	r, err := s.load(ctx, id)
	switch {
	case err == nil && r.Version == 0:
		s.near.wrote(id, math.MaxUint64, 0)
	case err == nil:
		s.near.wrote(id, r.Version, r.Expires.UnixMilli())
	}
	return loaded(r, err)
}

func loaded(r store.Record, err error) (store.Record, error) {
	switch {
	case err != nil:
		return store.Record{}, fault("load", err)
	case !time.Now().Before(r.Expires):
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// load asks the server; there is none for a record that has never expired.
func (s *Store) load(ctx context.Context, id string) (r store.Record, err error) {
	value, err := again(ctx, func() ([]byte, error) {
		result := s.client.Do(ctx, s.get(id))
		return result.AsBytes()
	})
	if rueidis.IsRedisNil(err) {
		return store.Record{}, nil
	}
	if err == nil {
		r, _, err = decode(id, value)
	}
	return r, err
}

// get is the command that reads a record. It is not marked as one that reads:
// so the client sends it to no replica, which may be behind, and leaves it to
// the store when to ask again.
func (s *Store) get(id string) rueidis.Completed {
	return s.client.B().Arbitrary("GET").Keys(s.records + id).Build()
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	expires := r.Expires.UnixMilli()
	defer s.near.wrote(r.ID, r.Version+1, 0)
	return s.step(ctx, "save", r.ID, expires, func(now int64, listed, _ string) rueidis.RedisResult {
		value := encode(r.Version+1, expires, cmp.Or(listed, unlisted), r)
		return s.run(ctx, s.scripts.save, s.records+r.ID,
			stamp(r.Version), moment(now), value, keep(now, expires), strconv.Itoa(headLength+len(r.Subject)))
	})
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	ms := expires.UnixMilli()
	defer s.near.wrote(id, version, ms)
	return s.step(ctx, "touch", id, ms, func(now int64, listed, subject string) rueidis.RedisResult {
		args := append(make([]string, 0, 6), stamp(version), moment(now), moment(ms), keep(now, ms))
		if listed != "" {
			args = append(args, listed, subject)
		}
		return s.run(ctx, s.scripts.touch, s.records+id, args...)
	})
}

// step changes a record with a script. If the subject's index does not hold the
// record for as long as it will live, the index is written first, and then the
// record: a crash in between leaves an entry too many, never one too few. If
// the record has left a subject, its entry there is removed afterwards.
func (s *Store) step(ctx context.Context, op, id string, expires int64, run func(now int64, listed, subject string) rueidis.RedisResult) error {
	now := time.Now().UnixMilli()
	answer, err := run(now, "", "").ToMessage()
	if err != nil {
		return fault(op, err)
	}
	if answer.IsString() {
		subject, err := answer.ToString()
		if err != nil {
			return fault(op, err)
		}
		listed, err := s.cover(ctx, subject, id, now, expires)
		if err != nil {
			return fault(op, err)
		}
		now = time.Now().UnixMilli() // the record may have expired in the meantime
		if answer, err = run(now, listed, subject).ToMessage(); err != nil {
			return fault(op, err)
		}
	}
	if answer.IsArray() {
		was, err := answer.AsStrSlice()
		if err != nil {
			return fault(op, err)
		}
		s.leave(ctx, was[1], id, was[0])
		return nil
	}
	switch done, err := answer.AsInt64(); {
	case err != nil:
		return fault(op, err)
	case done == 0:
		return store.ErrConflict
	}
	return nil
}

// leave removes an id from a subject's index, unless another request has
// written the entry in the meantime. A failure is no error: List passes over
// an entry without a record.
func (s *Store) leave(ctx context.Context, subject, id, listed string) {
	_ = s.run(ctx, s.scripts.drop, s.owners+subject, id, listed).Error()
}

// Delete removes a record, if it is there, and its entry in the index of its
// subject.
func (s *Store) Delete(ctx context.Context, id string) error {
	result := s.write(ctx, func() rueidis.Completed { return s.client.B().Getdel().Key(s.records + id).Build() })
	value, err := result.AsBytes()
	s.near.wrote(id, math.MaxUint64, 0)
	if err != nil {
		if rueidis.IsRedisNil(err) {
			return nil
		}
		return fault("delete", err)
	}
	if r, listed, err := decode(id, value); err == nil && r.Subject != "" {
		s.leave(ctx, r.Subject, id, listed)
	}
	return nil
}
