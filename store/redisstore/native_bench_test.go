package redisstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/beside"
	"github.com/gosessions/sessions/internal/testing/testserver"
)

// BenchmarkNative measures loads and saves of 600 bytes beside a bare GET and
// SET by the same client, and a script that does nothing but SET, in turns, by
// one caller and by 64 at once. It reports medians of the rounds.
func BenchmarkNative(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute) // as sessions does, and the client takes a shorter way
			defer cancel()
			client := connect(b, testserver.Find(b, testserver.Redis).Address, nil)
			plain, cached := open(b, client, options(0)), open(b, client, options(time.Minute))
			script := rueidis.NewLuaScript(`return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`)
			records, keys := beside.Records(ctx, b, plain, callers), make([]string, callers)
			set := func(i int) error {
				return client.Do(ctx, client.B().Set().Key(keys[i]).Value(rueidis.BinaryString(records[i].Data)).PxMilliseconds(3_600_000).Build()).Error()
			}
			for i, r := range records {
				keys[i] = "redisstore-" + r.ID
				ok(b, cached.Create(ctx, r))
				ok(b, set(i))
			}
			beside.Measure(b, callers, 1024,
				beside.Call{Name: "GET", Do: func(i int) error { return client.Do(ctx, client.B().Get().Key(keys[i]).Build()).Error() }},
				beside.Load(ctx, plain, records),
				beside.Call{Name: "cached-Load", Do: func(i int) error { _, err := cached.Load(ctx, records[i].ID); return err }},
				beside.Call{Name: "SET", Do: set},
				beside.Call{Name: "script-SET", Do: func(i int) error {
					return script.Exec(ctx, client, []string{keys[i]}, []string{rueidis.BinaryString(records[i].Data), "3600000"}).Error()
				}},
				beside.Save(ctx, plain, records),
			)
		})
	}
}
