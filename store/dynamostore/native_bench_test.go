package dynamostore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions/store"
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
			data := make([]byte, 600)
			records, items := make([]store.Record, callers), make([]item, callers) // one each
			for i := range records {
				id := rand.Text()
				records[i] = store.Record{ID: id, Version: 1, Subject: id, Data: data, Expires: time.Now().Add(time.Hour)}
				ok(b, st.Create(ctx, records[i]))
				items[i] = get(b, c, st, item{"id": s(id)})
				items[i]["id"] = s("bare-" + id)
			}
			calls := []struct {
				name string
				call func(i int) error
				took []time.Duration
			}{
				{name: "PutItem", call: func(i int) error {
					_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: items[i]})
					return err
				}},
				{name: "Save", call: func(i int) error {
					err := st.Save(ctx, records[i])
					records[i].Version++
					return err
				}},
				{name: "GetItem", call: func(i int) error {
					_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: item{"id": items[i]["id"]}, ConsistentRead: aws.Bool(true)})
					return err
				}},
				{name: "Load", call: func(i int) error { return load(ctx, st, records[i].ID) }},
			}
			const each = 128
			b.ResetTimer()
			for range b.N {
				for i := range calls {
					start := time.Now()
					inParallel(b, callers, each/callers, calls[i].call)
					calls[i].took = append(calls[i].took, time.Since(start))
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
