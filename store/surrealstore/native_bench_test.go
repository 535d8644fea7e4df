package surrealstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	surrealdb "github.com/surrealdb/surrealdb.go"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/connection/gws"
	"github.com/surrealdb/surrealdb.go/pkg/models"

	"github.com/gosessions/sessions/store"
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
			bytes := make([]byte, 600)
			records, ids := make([]store.Record, callers), make([]models.RecordID, callers) // one each
			for i := range records {
				id := rand.Text()
				records[i] = store.Record{ID: id, Version: 1, Subject: id, Data: bytes, Expires: time.Now().Add(time.Hour)}
				ok(b, st.Create(ctx, records[i]))
				ids[i] = models.NewRecordID("bare", id)
			}
			calls := []struct {
				name string
				call func(i int) error
				took []time.Duration
			}{
				{name: "upsert", call: func(i int) error {
					_, err := surrealdb.Upsert[any](ctx, native, ids[i], map[string]any{
						"version": 1, "expires": records[i].Expires.UnixMilli(), "subject": ids[i].ID, "data": bytes,
					})
					return err
				}},
				{name: "Save", call: func(i int) error {
					err := st.Save(ctx, records[i])
					records[i].Version++
					return err
				}},
				{name: "select", call: func(i int) error { _, err := surrealdb.Select[map[string]any](ctx, native, ids[i]); return err }},
				{name: "Load", call: func(i int) error { _, err := st.Load(ctx, records[i].ID); return err }},
			}
			const each = 256
			b.ResetTimer()
			for range b.N {
				for i := range calls {
					began := time.Now()
					inParallel(b, callers, each/callers, calls[i].call)
					calls[i].took = append(calls[i].took, time.Since(began))
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
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for range n {
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
