package sqlitestore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosessions/sessions/store/sqlitestore"
)

// Benchmark loads and saves a record of 600 bytes; "load among saves" shows
// that a load waits for no save.
func Benchmark(b *testing.B) {
	ctx := b.Context()
	st, err := sqlitestore.Open(filepath.Join(b.TempDir(), "sessions.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	r := record("a")
	r.Data = make([]byte, 600)
	if err := st.Create(ctx, r); err != nil {
		b.Fatal(err)
	}
	load := func(b *testing.B) {
		for b.Loop() {
			if _, err := st.Load(ctx, "a"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("load", load)
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			if err := st.Save(ctx, r); err != nil {
				b.Fatal(err)
			}
			r.Version++
		}
	})
	b.Run("load among saves", func(b *testing.B) {
		end, ended := make(chan struct{}), make(chan error)
		go func() {
			for n := 0; ; n++ {
				select {
				case <-end:
					ended <- nil
					return
				default:
				}
				other := record(fmt.Sprint(time.Now().UnixNano(), n))
				if err := st.Create(ctx, other); err != nil {
					ended <- err
					return
				}
			}
		}()
		load(b)
		close(end)
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	})
}
