package redisstore

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
)

const (
	page = 100 // entries of an index, and records, that List reads at a time

	// settled is how old an entry of an index is whose record, if there is
	// none, will not be written any more.
	settled = time.Hour

	// slack is how much longer than the record lives its entry is kept at
	// least, so that not every later expiry has to write the index.
	slack = time.Minute
)

// cover writes an id into the index of its subject, for twice as long as the
// record is to live, and returns until when.
func (s *Store) cover(ctx context.Context, subject, id string, now, expires int64) (listed string, err error) {
	until := min(expires, lastTime) + max(min(expires, lastTime)-now, slack.Milliseconds())
	return s.run(ctx, s.scripts.cover, s.owners+subject,
		id, moment(until), moment(now), moment(now-grace.Milliseconds()), keep(now, until)).ToString()
}

// List yields the live records of a subject, in unspecified order. It reads the
// index about a hundred entries at a time, and their records in one more round
// trip. It removes entries whose record is gone.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if subject == "" {
			return
		}
		yielded := make(map[string]bool) // a step may return entries of an earlier one again
		for entries, err := range s.entries(ctx, subject) {
			var records []store.Record
			if err == nil {
				records, err = s.loadPage(ctx, subject, entries)
			}
			if err != nil {
				yield(store.Record{}, fault("list", err))
				return
			}
			for _, r := range records {
				if yielded[r.ID] {
					continue
				}
				yielded[r.ID] = true
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// entries yields an index in pages of ids and entries in turn. An entry that is
// there all the time is yielded at least once. An error is the last.
func (s *Store) entries(ctx context.Context, subject string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for cursor := uint64(0); ; {
			step, err := again(ctx, func() (rueidis.ScanEntry, error) {
				scan := s.client.B().Arbitrary("HSCAN").Keys(s.owners+subject).Args(strconv.FormatUint(cursor, 10), "COUNT", strconv.Itoa(page))
				return s.client.Do(ctx, scan.Build()).AsScanEntry()
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for entries := range slices.Chunk(step.Elements, 2*page) { // a small index comes in one step
				if !yield(entries, nil) {
					return
				}
			}
			if cursor = step.Cursor; cursor == 0 {
				return
			}
		}
	}
}

// loadPage returns the live records of a page that are the subject's, and
// removes entries of others from the index once they are settled.
func (s *Store) loadPage(ctx context.Context, subject string, entries []string) (records []store.Record, err error) {
	results, err := again(ctx, func() ([]rueidis.RedisResult, error) {
		commands := make(rueidis.Commands, 0, page)
		for entry := range slices.Chunk(entries, 2) {
			commands = append(commands, s.get(entry[0]))
		}
		results := s.client.DoMulti(ctx, commands...)
		for _, r := range results {
			if err := r.Error(); err != nil && !rueidis.IsRedisNil(err) {
				return nil, err
			}
		}
		return results, nil
	})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	old := moment(now.Add(-settled).UnixMilli())
	var gone []string
	for i := range results {
		id, entry := entries[2*i], entries[2*i+1]
		var r store.Record
		value, err := results[i].AsBytes()
		if err == nil {
			r, _, err = decode(id, value)
		}
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, err
		}
		switch {
		case r.Subject == subject && now.Before(r.Expires):
			records = append(records, r)
		case r.Subject != subject && len(entry) == 2*digits && entry[digits:] < old:
			gone = append(gone, id, entry)
		}
	}
	if len(gone) > 0 {
		_ = s.run(ctx, s.scripts.drop, s.owners+subject, gone...).Error() // the next List tries again
	}
	return records, nil
}
