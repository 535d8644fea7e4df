package scenario_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// Stores with one fault each.

// deaf saves whatever the version is.
type deaf struct{ *memstore.Store }

func (s deaf) Save(ctx context.Context, r store.Record) error {
	now, err := s.Load(ctx, r.ID)
	if err != nil {
		return store.ErrConflict
	}
	r.Version = now.Version
	return s.Store.Save(ctx, r)
}

// upserting saves a record that is gone.
type upserting struct{ *memstore.Store }

func (s upserting) Save(ctx context.Context, r store.Record) error {
	err := s.Store.Save(ctx, r)
	if _, loadErr := s.Load(ctx, r.ID); errors.Is(loadErr, store.ErrNotFound) {
		return s.Create(ctx, r)
	}
	return err
}

// crossing revives what is gone, and has a save cross the first delete.
type crossing struct {
	upserting
	crossed atomic.Bool
	deletes chan chan struct{} // one that waits for a save, until it is done
}

func (s *crossing) Delete(ctx context.Context, id string) error {
	if s.crossed.Swap(true) {
		return s.upserting.Delete(ctx, id)
	}
	done := make(chan struct{})
	defer close(done)
	select {
	case s.deletes <- done:
		return s.upserting.Delete(ctx, id)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *crossing) Save(ctx context.Context, r store.Record) error {
	select {
	case done := <-s.deletes:
		<-done
	default:
	}
	return s.upserting.Save(ctx, r)
}

// idle says that it has saved.
type idle struct{ *memstore.Store }

func (s idle) Save(context.Context, store.Record) error { return nil }

// undying ends nothing: it neither saves nor deletes.
type undying struct {
	idle
}

func (undying) Delete(context.Context, string) error { return nil }

// keeping does not delete.
type keeping struct{ *memstore.Store }

func (s keeping) Delete(context.Context, string) error { return nil }

// short cuts long data off.
type short struct{ *memstore.Store }

func (s short) Create(ctx context.Context, r store.Record) error { return s.Store.Create(ctx, cut(r)) }
func (s short) Save(ctx context.Context, r store.Record) error   { return s.Store.Save(ctx, cut(r)) }

func cut(r store.Record) store.Record {
	r.Data = r.Data[:min(len(r.Data), 32<<10)]
	return r
}

// textual keeps data as text, and subjects in the alphabet of one country.
type textual struct{ *memstore.Store }

func (s textual) Create(ctx context.Context, r store.Record) error {
	return s.Store.Create(ctx, asText(r))
}
func (s textual) Save(ctx context.Context, r store.Record) error { return s.Store.Save(ctx, asText(r)) }

func asText(r store.Record) store.Record {
	r.Data = bytes.ToValidUTF8(r.Data, []byte("?"))
	r.Subject = strings.Map(func(c rune) rune { return min(c, 'ÿ') }, r.Subject)
	return r
}

// eastern takes its clock's local time for UTC, an hour ahead.
type eastern struct{ *memstore.Store }

func (s eastern) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := s.Store.Load(ctx, id)
	if err == nil && time.Until(r.Expires) < time.Hour-time.Minute {
		return store.Record{}, store.ErrNotFound
	}
	return r, err
}

// monthly takes no time beyond a month.
type monthly struct{ *memstore.Store }

func (s monthly) Save(ctx context.Context, r store.Record) error {
	if time.Until(r.Expires) > 31*24*time.Hour {
		r.Expires = time.Unix(0, 0)
	}
	return s.Store.Save(ctx, r)
}

// folding takes subjects for equal that differ in case.
type folding struct {
	*memstore.Store
	mu       sync.Mutex
	subjects []string
}

func (s *folding) Create(ctx context.Context, r store.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subjects = append(s.subjects, r.Subject)
	return s.Store.Create(ctx, r)
}

func (s *folding) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		s.mu.Lock()
		all := slices.Clone(s.subjects)
		s.mu.Unlock()
		for _, other := range all {
			if !strings.EqualFold(subject, other) {
				continue
			}
			for r, err := range s.Store.List(ctx, other) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// mixing returns the newest record, whichever is asked for.
type mixing struct {
	*memstore.Store
	mu   sync.Mutex
	last string
}

func (s *mixing) Create(ctx context.Context, r store.Record) error {
	s.mu.Lock()
	s.last = r.ID
	s.mu.Unlock()
	return s.Store.Create(ctx, r)
}

func (s *mixing) Load(ctx context.Context, _ string) (store.Record, error) {
	s.mu.Lock()
	id := s.last
	s.mu.Unlock()
	return s.Store.Load(ctx, id)
}

// forgetful is down for all but creates.
type forgetful struct{ *memstore.Store }

func (s forgetful) Load(context.Context, string) (store.Record, error) {
	return store.Record{}, errors.New("down")
}
