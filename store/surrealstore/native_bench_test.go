package surrealstore_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	surrealdb "github.com/surrealdb/surrealdb.go"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/connection/gws"
	"github.com/surrealdb/surrealdb.go/pkg/models"

	"github.com/gosessions/sessions/internal/testing/pairbench"
)

// BenchmarkNative measures loads and saves of 600 bytes beside a bare select
// and update by the client's own connection, in turns, by one caller and by 16
// at once. It reports medians of the rounds.
func BenchmarkNative(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx := b.Context()
			s := find(b)
			st := open(b, connect(b, s, nil))
			u, err := url.Parse(s.url)
			ok(b, err)
			native, err := surrealdb.FromConnection(ctx, gws.New(connection.NewConfig(u)))
			ok(b, err)
			b.Cleanup(func() { _ = native.Close(context.WithoutCancel(ctx)) }) // it closes twice, and says so
			ok(b, s.login(ctx, native))
			do[any](b, native, "DEFINE TABLE bare", nil) // or its first records conflict
			records, ids := pairbench.Records(ctx, b, st, callers), make([]models.RecordID, callers)
			for i, r := range records {
				ids[i] = models.NewRecordID("bare", r.ID)
			}
			pairbench.Measure(b, callers, 256,
				pairbench.Call{Name: "upsert", Do: func(i int) error {
					_, err := surrealdb.Upsert[any](ctx, native, ids[i], map[string]any{
						"version": 1, "expires": records[i].Expires.UnixMilli(), "subject": ids[i].ID, "data": records[i].Data,
					})
					return err
				}},
				pairbench.Save(ctx, st, records),
				pairbench.Call{Name: "select", Do: func(i int) error { _, err := surrealdb.Select[map[string]any](ctx, native, ids[i]); return err }},
				pairbench.Load(ctx, st, records),
			)
		})
	}
}
