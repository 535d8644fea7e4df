package redisstore_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// late is a client whose writes of an index arrive late.
type late struct {
	rueidis.Client
	wait func()
}

func (c late) Do(ctx context.Context, command rueidis.Completed) rueidis.RedisResult {
	if slices.ContainsFunc(command.Commands(), func(arg string) bool { return strings.Contains(arg, ":subject:") }) {
		c.wait()
	}
	return c.Client.Do(ctx, command)
}

func TestRecordThatExpiresWhileItsIndexIsWrittenStaysExpired(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		for name, change := range map[string]func(*redisstore.Store, store.Record) error{
			"save": func(st *redisstore.Store, r store.Record) error { return st.Save(t.Context(), r) },
			"touch": func(st *redisstore.Store, r store.Record) error {
				return st.Touch(t.Context(), r.ID, r.Version, r.Expires)
			},
		} {
			st := open(t, client, opts)
			r := record(name)
			r.Expires = time.Now().Add(100 * time.Millisecond)
			ok(t, st.Create(t.Context(), r))
			waiting := open(t, late{client, func() { <-time.After(time.Until(r.Expires)) }}, opts)
			longer := r
			longer.Expires = time.Now().Add(24 * time.Hour)
			if err := change(waiting, longer); !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s: %v, want ErrConflict", name, err)
			}
			if _, err := st.Load(t.Context(), r.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("load after %s: %v, want ErrNotFound", name, err)
			}
		}
	})
}
