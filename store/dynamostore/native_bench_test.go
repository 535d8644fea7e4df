package dynamostore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions/internal/testing/pairbench"
	"github.com/gosessions/sessions/store/dynamostore"
)

// BenchmarkNative measures loads and saves of 600 bytes beside a bare GetItem
// and PutItem by the same client, in turns, by one caller and by 16 at once.
// It reports medians of the rounds.
func BenchmarkNative(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
			defer cancel()
			c := client(b, find(b))
			st := migrated(b, c, dynamostore.Options{})
			name := st.Table().TableName
			records, items := pairbench.Records(ctx, b, st, callers), make([]item, callers)
			for i, r := range records {
				items[i] = get(b, c, st, item{"id": s(r.ID)})
				items[i]["id"] = s("bare-" + r.ID)
			}
			pairbench.Measure(b, callers, 128,
				pairbench.Call{Name: "PutItem", Do: func(i int) error {
					_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: items[i]})
					return err
				}},
				pairbench.Save(ctx, st, records),
				pairbench.Call{Name: "GetItem", Do: func(i int) error {
					_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: item{"id": items[i]["id"]}, ConsistentRead: aws.Bool(true)})
					return err
				}},
				pairbench.Load(ctx, st, records),
			)
		})
	}
}
