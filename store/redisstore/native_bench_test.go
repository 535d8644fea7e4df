package redisstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/pairbench"
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
			records, keys := pairbench.Records(ctx, b, plain, callers), make([]string, callers)
			set := func(i int) error {
				return client.Do(ctx, client.B().Set().Key(keys[i]).Value(rueidis.BinaryString(records[i].Data)).PxMilliseconds(3_600_000).Build()).Error()
			}
			for i, r := range records {
				keys[i] = "redisstore-" + r.ID
				ok(b, cached.Create(ctx, r))
				ok(b, set(i))
			}
			pairbench.Measure(b, callers, 1024,
				pairbench.Call{Name: "GET", Do: func(i int) error { return client.Do(ctx, client.B().Get().Key(keys[i]).Build()).Error() }},
				pairbench.Load(ctx, plain, records),
				pairbench.Call{Name: "cached-Load", Do: func(i int) error { _, err := cached.Load(ctx, records[i].ID); return err }},
				pairbench.Call{Name: "SET", Do: set},
				pairbench.Call{Name: "script-SET", Do: func(i int) error {
					return script.Exec(ctx, client, []string{keys[i]}, []string{rueidis.BinaryString(records[i].Data), "3600000"}).Error()
				}},
				pairbench.Save(ctx, plain, records),
			)
		})
	}
}
