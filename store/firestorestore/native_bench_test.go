package firestorestore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions/store"
)

// BenchmarkNative measures loads and saves of 600 bytes beside bare calls of
// the same client, in turns, by one caller and by 16 at once: a Get, an Update
// that compares nothing, and a transaction that reads and updates. It reports
// medians of the rounds.
func BenchmarkNative(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx, opts := b.Context(), options()
			client := connect(b, server(b))
			st := open(b, client, opts)
			data := make([]byte, 600)
			records, refs := make([]store.Record, callers), make([]*firestore.DocumentRef, callers) // one each
			for i := range records {
				id := rand.Text()
				records[i] = store.Record{ID: id, Version: 1, Data: data, Expires: time.Now().Add(time.Hour)}
				ok(b, st.Create(ctx, records[i]))
				refs[i] = client.Collection(opts.Collection + "-bare").Doc(id)
				_, err := refs[i].Create(ctx, map[string]any{"data": data})
				ok(b, err)
			}
			update := []firestore.Update{{Path: "data", Value: data}, {Path: "time", Value: firestore.ServerTimestamp}}
			calls := []struct {
				name string
				call func(i int) error
				took []time.Duration
			}{
				{name: "Get", call: func(i int) error { _, err := refs[i].Get(ctx); return err }},
				{name: "Load", call: func(i int) error { _, err := st.Load(ctx, records[i].ID); return err }},
				{name: "Update", call: func(i int) error { _, err := refs[i].Update(ctx, update); return err }},
				{name: "Save", call: func(i int) error {
					err := st.Save(ctx, records[i])
					records[i].Version++
					return err
				}},
				{name: "Transaction", call: func(i int) error {
					return client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
						if _, err := tx.Get(refs[i]); err != nil {
							return err
						}
						return tx.Update(refs[i], update)
					})
				}},
			}
			const each = 64
			b.ResetTimer()
			for range b.N {
				for i := range calls {
					begin := time.Now()
					var all sync.WaitGroup
					for c := range callers {
						all.Go(func() {
							for range each / callers {
								if err := calls[i].call(c); err != nil {
									b.Error(calls[i].name, ": ", err)
								}
							}
						})
					}
					all.Wait()
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
