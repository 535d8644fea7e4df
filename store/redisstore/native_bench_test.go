package redisstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testserver"
	"github.com/gosessions/sessions/store"
)

// BenchmarkNative measures loads and saves of 600 bytes beside a bare GET and
// SET by the same client, by one caller and by 64 at once.
func BenchmarkNative(b *testing.B) {
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute) // as sessions does, and the client takes a shorter way
	defer cancel()
	client := connect(b, testserver.Find(b, testserver.Redis).Address, nil)
	plain, cached := open(b, client, options(0)), open(b, client, options(time.Minute))
	data := make([]byte, 600)
	for _, callers := range []int{1, 64} {
		// Each caller has a record of its own.
		records := make([]store.Record, callers)
		keys := make([]string, callers)
		for i := range records {
			keys[i] = "redisstore-" + rand.Text()
			records[i] = store.Record{ID: keys[i], Version: 1, Subject: "ann", Data: data, Expires: time.Now().Add(time.Hour)}
			ok(b, plain.Create(ctx, records[i]))
			ok(b, cached.Create(ctx, records[i]))
		}
		set := func(i int) error {
			return client.Do(ctx, client.B().Set().Key(keys[i]).Value(rueidis.BinaryString(data)).PxMilliseconds(3_600_000).Build()).Error()
		}
		for i := range keys {
			ok(b, set(i))
		}
		for _, bench := range []struct {
			name string
			call func(i int) error
		}{
			{"GET", func(i int) error { return client.Do(ctx, client.B().Get().Key(keys[i]).Build()).Error() }},
			{"Load", func(i int) error { _, err := plain.Load(ctx, keys[i]); return err }},
			{"Load, cached", func(i int) error { _, err := cached.Load(ctx, keys[i]); return err }},
			{"SET", set},
			{"Save", func(i int) error {
				err := plain.Save(ctx, records[i])
				records[i].Version++
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%s, callers=%d", bench.name, callers), func(b *testing.B) { inParallel(b, callers, bench.call) })
		}
	}
}

// inParallel makes b.N calls, shared among callers.
func inParallel(b *testing.B, callers int, call func(i int) error) {
	errs := make(chan error, callers)
	for i := range callers {
		n := b.N / callers
		if i < b.N%callers {
			n++
		}
		go func() {
			var err error
			for ; n > 0 && err == nil; n-- {
				err = call(i)
			}
			errs <- err
		}()
	}
	for range callers {
		ok(b, <-errs)
	}
}
