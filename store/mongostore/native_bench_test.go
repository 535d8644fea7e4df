package mongostore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions/store"
)

// BenchmarkNative measures loads and saves of 600 bytes beside a bare FindOne
// and UpdateOne by the same client, in turns, by one caller and by 16 at once.
// It reports medians of the rounds.
func BenchmarkNative(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
			defer cancel()
			st, db := fresh(b)
			bare := db.Collection("bare")
			data := make([]byte, 600)
			_, _ = rand.Read(data)
			records := make([]store.Record, callers) // one each
			for i := range records {
				id := rand.Text()
				records[i] = store.Record{ID: id, Version: 1, Subject: id, Data: data, Expires: time.Now().Add(time.Hour)}
				ok(b, st.Create(ctx, records[i]))
				_, err := bare.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "data", Value: data}})
				ok(b, err)
			}
			calls := []struct {
				name string
				call func(i int) error
				took []time.Duration
			}{
				{name: "FindOne", call: func(i int) error {
					_, err := bare.FindOne(ctx, bson.D{{Key: "_id", Value: records[i].ID}}).Raw()
					return err
				}},
				{name: "Load", call: func(i int) error { _, err := st.Load(ctx, records[i].ID); return err }},
				{name: "UpdateOne", call: func(i int) error {
					_, err := bare.UpdateOne(ctx, bson.D{{Key: "_id", Value: records[i].ID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "data", Value: data}}}})
					return err
				}},
				{name: "Save", call: func(i int) error {
					err := st.Save(ctx, records[i])
					records[i].Version++
					return err
				}},
			}
			const each = 256
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
