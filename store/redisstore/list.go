package redisstore

import (
	"context"
	"iter"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
)

const (
	page = 100 // records that List reads at a time

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

// List yields the live records of a subject, in no order. It reads the index
// in one round trip, and the records a hundred at a time in one more. What it
// finds to be gone it takes off the index.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if subject == "" {
			return
		}
		entries, err := again(ctx, func() (map[string]string, error) {
			return s.client.Do(ctx, s.client.B().Arbitrary("HGETALL").Keys(s.owners+subject).Build()).AsStrMap()
		})
		if err != nil {
			yield(store.Record{}, fault("list", err))
			return
		}
		ids := make([]string, 0, len(entries))
		for id := range entries {
			ids = append(ids, id)
		}
		for len(ids) > 0 {
			n := min(page, len(ids))
			records, err := s.loadPage(ctx, subject, ids[:n], entries)
			if err != nil {
				yield(store.Record{}, fault("list", err))
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
			ids = ids[n:]
		}
	}
}

// loadPage returns the live records among ids that are the subject's, and
// takes the others off the index.
func (s *Store) loadPage(ctx context.Context, subject string, ids []string, entries map[string]string) (records []store.Record, err error) {
	results, err := again(ctx, func() ([]rueidis.RedisResult, error) {
		commands := make(rueidis.Commands, len(ids))
		for i, id := range ids {
			commands[i] = s.get(id)
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
	for i, id := range ids {
		var r store.Record
		value, err := results[i].AsBytes()
		if err == nil {
			r, _, err = decode(id, value)
		}
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, err
		}
		entry := entries[id]
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
