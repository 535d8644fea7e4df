package redisstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testserver"
	"github.com/gosessions/sessions/store"
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
			data := make([]byte, 600)
			records, keys := make([]store.Record, callers), make([]string, callers) // one each
			set := func(i int) error {
				return client.Do(ctx, client.B().Set().Key(keys[i]).Value(rueidis.BinaryString(data)).PxMilliseconds(3_600_000).Build()).Error()
			}
			for i := range records {
				keys[i] = "redisstore-" + rand.Text()
				records[i] = store.Record{ID: keys[i], Version: 1, Subject: keys[i], Data: data, Expires: time.Now().Add(time.Hour)}
				ok(b, plain.Create(ctx, records[i]))
				ok(b, cached.Create(ctx, records[i]))
				ok(b, set(i))
			}
			calls := []struct {
				name string
				call func(i int) error
				took []time.Duration
			}{
				{name: "GET", call: func(i int) error { return client.Do(ctx, client.B().Get().Key(keys[i]).Build()).Error() }},
				{name: "Load", call: func(i int) error { _, err := plain.Load(ctx, keys[i]); return err }},
				{name: "cached-Load", call: func(i int) error { _, err := cached.Load(ctx, keys[i]); return err }},
				{name: "SET", call: set},
				{name: "script-SET", call: func(i int) error {
					return script.Exec(ctx, client, []string{keys[i]}, []string{rueidis.BinaryString(data), "3600000"}).Error()
				}},
				{name: "Save", call: func(i int) error {
					err := plain.Save(ctx, records[i])
					records[i].Version++
					return err
				}},
			}
			const each = 1024
			b.ResetTimer()
			for range b.N {
				for i := range calls {
					begin := time.Now()
					inParallel(b, callers, each/callers, calls[i].call)
					calls[i].took = append(calls[i].took, time.Since(begin))
				}
			}
			for _, c := range calls {
				slices.Sort(c.took)
				b.ReportMetric(float64(c.took[len(c.took)/2].Nanoseconds())/each, "ns/"+c.name)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// inParallel has each of the callers make n calls.
func inParallel(b *testing.B, callers, n int, call func(i int) error) {
	errs := make(chan error, callers)
	for i := range callers {
		go func() {
			var err error
			for range n {
				if err = call(i); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	for range callers {
		ok(b, <-errs)
	}
}
