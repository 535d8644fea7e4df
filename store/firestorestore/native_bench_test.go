package firestorestore_test

import (
	"context"
	"fmt"
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions/internal/testing/pairbench"
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
			records, refs := pairbench.Records(ctx, b, st, callers), make([]*firestore.DocumentRef, callers)
			for i, r := range records {
				refs[i] = client.Collection(opts.Collection + "-bare").Doc(r.ID)
				_, err := refs[i].Create(ctx, map[string]any{"data": r.Data})
				ok(b, err)
			}
			update := []firestore.Update{{Path: "data", Value: records[0].Data}, {Path: "time", Value: firestore.ServerTimestamp}}
			pairbench.Measure(b, callers, 64,
				pairbench.Call{Name: "Get", Do: func(i int) error { _, err := refs[i].Get(ctx); return err }},
				pairbench.Load(ctx, st, records),
				pairbench.Call{Name: "Update", Do: func(i int) error { _, err := refs[i].Update(ctx, update); return err }},
				pairbench.Save(ctx, st, records),
				pairbench.Call{Name: "Transaction", Do: func(i int) error {
					return client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
						if _, err := tx.Get(refs[i]); err != nil {
							return err
						}
						return tx.Update(refs[i], update)
					})
				}},
			)
		})
	}
}
