package bboltstore

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/pages"
)

// sweepBatch is how many records a transaction removes, for writes wait
// meanwhile.
const sweepBatch = 500

// Sweep removes up to limit expired records, those first that expired first.
// It reads their keys and no others, and lets other writes pass after every
// 500. Their room in the file is used for what is written next.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	removed, size := 0, sweepBatch
	for removed < limit {
		batch, n := min(limit-removed, size), 0
		err := s.update(ctx, func(t tables) (_ bool, err error) {
			n, err = t.sweep(batch)
			return n > 0, err
		})
		switch {
		case err != nil && (batch == 1 || ctx.Err() != nil):
			return removed, err
		case err != nil: // a deletion needs room, too: on a full disk a few find it where many do not
			size = (batch + 9) / 10
			continue
		}
		if removed += n; n < batch {
			return removed, nil
		}
		size = min(2*size, sweepBatch)
	}
	return removed, ctx.Err()
}

func (t tables) sweep(limit int) (int, error) {
	// The cursor does not survive deletions, and keys are mapped memory.
	var due [][]byte
	after := stamp(time.Now().Add(time.Millisecond))
	c := t.expiry.Cursor()
	for k, _ := c.First(); k != nil && len(due) < limit && bytes.Compare(k, after) < 0; k, _ = c.Next() {
		due = append(due, bytes.Clone(k))
	}
	for _, k := range due {
		id := k[len(after):]
		r, found, err := t.get(string(id))
		switch {
		case errors.Is(err, errFormat): // what its expiry says is all there is to know
			err = errors.Join(t.expiry.Delete(k), t.records.Delete(id))
		case err != nil:
		case found && bytes.Equal(expiryKey(r), k):
			err = t.drop(r)
		default:
			err = t.expiry.Delete(k) // damaged: it leads nowhere, or to what lives
		}
		if err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// List yields the live records of a subject, ordered by id. Calls of the store
// from within the loop are fine.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return pages.List(subject, func(r store.Record) string { return r.ID }, func(after string) (page []store.Record, err error) {
		err = s.view(ctx, func(t tables) (err error) {
			page, err = t.page(subject, after)
			return err
		})
		return page, err
	})
}

// page returns a subject's next live records.
func (t tables) page(subject, after string) (page []store.Record, err error) {
	prefix, from := subjectKey(subject, ""), subjectKey(subject, after)
	c := t.subjects.Cursor()
	for k, _ := c.Seek(from); bytes.HasPrefix(k, prefix) && len(page) < pages.Size; k, _ = c.Next() {
		if bytes.Equal(k, from) {
			continue
		}
		r, found, err := t.get(string(k[hashSize:]))
		if err != nil {
			return nil, err
		}
		if found && !expired(r) {
			page = append(page, r)
		}
	}
	return page, nil
}
