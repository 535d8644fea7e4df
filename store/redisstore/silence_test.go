package redisstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/redisstore"
)

// TestSilentServerEndsTheCache: while nothing is heard of the server, records
// are served from memory for as long as the documentation says, and no longer.
func TestSilentServerEndsTheCache(t *testing.T) {
	for name, test := range map[string]struct{ cache, timeout, want time.Duration }{
		"by Options.Cache":     {400 * time.Millisecond, time.Hour, 400 * time.Millisecond},
		"by the lost messages": {time.Hour, 500 * time.Millisecond, 600 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			server := testserver.Private(t, testserver.Redis)
			st := open(t, connect(t, server.Address, func(o *rueidis.ClientOption) {
				o.Dialer.KeepAlive, o.ConnWriteTimeout = 100*time.Millisecond, test.timeout
			}), redisstore.Options{Cache: test.cache})
			ok(t, st.Create(ctx, record("a")))
			_, err := st.Load(ctx, "a")
			ok(t, err)
			begin := time.Now()
			do(t, connect(t, server.Address, nil), "CLIENT", "PAUSE", "60000", "ALL")
			var last time.Duration // at which the cache was used
			testserver.Until(t, 30*time.Second, "the cache is not used", func() bool {
				ctx, cancel := context.WithTimeout(ctx, time.Second) // far more than a read from memory takes
				defer cancel()
				_, err := st.Load(ctx, "a")
				if err == nil {
					last = time.Since(begin)
				}
				return err != nil
			})
			if last < test.want/2 || last > test.want+time.Second {
				t.Errorf("the cache was used for %v, want %v", last, test.want)
			}
		})
	}
}
