package mongostore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions/internal/testing/pairbench"
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
			records := pairbench.Records(ctx, b, st, callers)
			for _, r := range records {
				_, err := bare.InsertOne(ctx, bson.D{{Key: "_id", Value: r.ID}, {Key: "data", Value: r.Data}})
				ok(b, err)
			}
			pairbench.Measure(b, callers, 256,
				pairbench.Call{Name: "FindOne", Do: func(i int) error {
					_, err := bare.FindOne(ctx, bson.D{{Key: "_id", Value: records[i].ID}}).Raw()
					return err
				}},
				pairbench.Load(ctx, st, records),
				pairbench.Call{Name: "UpdateOne", Do: func(i int) error {
					_, err := bare.UpdateOne(ctx, bson.D{{Key: "_id", Value: records[i].ID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "data", Value: records[i].Data}}}})
					return err
				}},
				pairbench.Save(ctx, st, records),
			)
		})
	}
}
