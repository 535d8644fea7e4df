package redisstore_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// cost is what a call has to take.
type cost struct {
	name     string
	run      func() error
	trips    int64
	commands string // those that the server counts, with those of scripts
}

// TestCostOfEachCall counts round trips on the connections, and commands by
// the server's own statistics.
func TestCostOfEachCall(t *testing.T) {
	ctx := t.Context()
	server := testserver.Private(t, testserver.Redis)
	var trips testserver.Trips
	client := connect(t, server.Address, func(o *rueidis.ClientOption) {
		o.PipelineMultiplex = -1 // one connection
		o.DialCtxFn = func(ctx context.Context, address string, _ *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return trips.Dial(ctx, "tcp", address)
		}
	})
	admin := connect(t, server.Address, nil)
	plain, cached := open(t, client, options(0)), open(t, client, options(time.Minute))
	r := store.Record{ID: "anonymous", Version: 1, Data: []byte("data"), Expires: time.Now().Add(time.Hour)}
	owned := r
	owned.ID, owned.Subject = "owned", "ann"
	later := func(st *redisstore.Store, r *store.Record, d time.Duration) func() error {
		return func() error { return st.Touch(ctx, r.ID, r.Version, r.Expires.Add(d)) }
	}
	load := func(st *redisstore.Store, id string) func() error {
		return func() error { _, err := st.Load(ctx, id); return err }
	}
	save := func(st *redisstore.Store, r *store.Record, subject string) func() error {
		return func() error {
			r.Subject = subject
			err := st.Save(ctx, *r)
			r.Version++
			return err
		}
	}
	list := func() error {
		for _, err := range plain.List(ctx, "ann") {
			if err != nil {
				return err
			}
		}
		return nil
	}
	ok(t, plain.Create(ctx, store.Record{ID: "warm", Subject: "warm", Version: 1, Expires: r.Expires})) // scripts and connection
	warm := store.Record{ID: "warm", Subject: "warm", Version: 1, Expires: r.Expires}
	ok(t, save(plain, &warm, "warm")())
	ok(t, later(plain, &warm, time.Minute)())
	ok(t, plain.Delete(ctx, "warm"))

	const cover = "evalsha hget hrandfield hset pexpire pttl"
	for _, c := range []cost{
		{"Create", func() error { return plain.Create(ctx, r) }, 1, "set"},
		{"Load", load(plain, r.ID), 1, "get"},
		{"Save", save(plain, &r, ""), 1, "evalsha getrange set"},
		{"Touch", later(plain, &r, time.Minute), 1, "evalsha getrange pexpire setrange"},
		{"Delete", func() error { return plain.Delete(ctx, r.ID) }, 1, "getdel"},

		{"Create with a subject", func() error { return plain.Create(ctx, owned) }, 2, cover + " set"},
		{"Load of an owned one", load(plain, owned.ID), 1, "get"},
		{"Save of an owned one", save(plain, &owned, "ann"), 1, "evalsha getrange set setrange"},
		{"Touch of an owned one", later(plain, &owned, time.Minute), 1, "evalsha getrange pexpire setrange"},
		{"Touch beyond the index's time", later(plain, &owned, 2*time.Hour), 3,
			"evalsha evalsha evalsha getrange getrange getrange getrange hget hrandfield hset pexpire pexpire pttl setrange setrange"},
		{"Save with another subject", save(plain, &owned, "bob"), 4,
			"evalsha evalsha evalsha evalsha getrange getrange getrange hdel hget hget hrandfield hset pexpire pttl set"},
		{"Save without a subject", save(plain, &owned, ""), 2, "evalsha evalsha getrange getrange hdel hget set"},
		{"Save with the first again", save(plain, &owned, "ann"), 3, "evalsha evalsha evalsha getrange getrange hget hrandfield hset pexpire pttl set"},
		{"List", list, 2, "get hscan"},
		{"Delete of an owned one", func() error { return plain.Delete(ctx, owned.ID) }, 2, "evalsha getdel hdel hget"},

		{"Create, cached", func() error { return cached.Create(ctx, warm) }, 2, cover + " set"},
		{"first Load, cached", load(cached, warm.ID), 1, "client|caching get"},
		{"next Load, cached", load(cached, warm.ID), 0, ""},
	} {
		before, trip := commands(t, admin), trips.Count()
		if err := c.run(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		n := trips.Count() - trip
		after := commands(t, admin)
		var took []string
		for command, calls := range after {
			for range calls - before[command] {
				took = append(took, command)
			}
		}
		slices.Sort(took)
		if diff := cmp.Diff(c.commands, strings.Join(took, " ")); diff != "" {
			t.Errorf("%s: other commands (-want +got):\n%s", c.name, diff)
		}
		if n != c.trips {
			t.Errorf("%s took %d round trips, want %d", c.name, n, c.trips)
		}
	}
}

var calls = regexp.MustCompile(`cmdstat_(\S+):calls=(\d+)`)

// commands returns how often a command was called, all but this question.
func commands(t *testing.T, client rueidis.Client) map[string]int {
	m := do(t, client, "INFO", "commandstats")
	info, err := m.ToString()
	ok(t, err)
	counts := make(map[string]int)
	for _, c := range calls.FindAllStringSubmatch(info, -1) {
		n := 0
		_, err := fmt.Sscan(c[2], &n)
		ok(t, err)
		counts[c[1]] = n
	}
	delete(counts, "info")
	return counts
}
