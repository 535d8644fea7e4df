package dynamostore

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/gosessions/sessions/store"
)

const (
	page = 100 // records that one BatchGetItem reads at most

	// Keys that BatchGetItem leaves out are asked for again, until so many
	// answers in a row had none; the first pause is at most shortest.
	patience = 6
	shortest = 25 * time.Millisecond
)

// List yields the live records of a subject, in no order: it takes their keys
// from the index, and reads the records strongly consistently, a hundred at a
// time. A record that was created a moment ago may be missing, for the index
// is behind the table. What cannot be read is yielded as an error, and the
// next record follows.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if subject == "" || len(subject) > maxPartitionKey || !utf8.ValidString(subject) {
			if err := ctx.Err(); err != nil {
				yield(store.Record{}, err)
			}
			return // nobody's
		}
		var tries attempts
		var last attributes
		for {
			out, err := s.client.Query(ctx, &dynamodb.QueryInput{
				TableName:                 s.table,
				IndexName:                 aws.String(s.opts.Index),
				KeyConditionExpression:    aws.String("#subject = :subject"),
				ExpressionAttributeNames:  map[string]string{"#subject": s.opts.Subject},
				ExpressionAttributeValues: attributes{":subject": text(subject)},
				ExclusiveStartKey:         last,
				Limit:                     aws.Int32(page),
			}, tries.watch)
			var items []attributes
			if err == nil {
				items, err = s.read(ctx, out.Items, &tries)
			}
			if err != nil {
				yield(store.Record{}, s.fault("list", tries.told(err)))
				return
			}
			now := time.Now()
			for _, item := range items {
				id, _ := s.id(item)
				r, err := s.record(id, item)
				switch {
				case err != nil:
					err = s.fault("list", err)
				case r.Subject != subject || !now.Before(r.Expires):
					continue // the index did not know yet
				}
				if !yield(r, err) {
					return
				}
			}
			if last = out.LastEvaluatedKey; len(last) == 0 {
				return
			}
		}
	}
}

// read returns the items that have the keys of records among those of an
// index. DynamoDB may leave some out of an answer.
func (s *Store) read(ctx context.Context, entries []attributes, tries *attempts) (items []attributes, err error) {
	keys := make([]attributes, 0, len(entries))
	for _, entry := range entries {
		if id, ok := s.id(entry); ok {
			keys = append(keys, s.key(id))
		}
	}
	pause := shortest
	for vain := 0; len(keys) > 0; {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.opts.Table: {Keys: keys, ConsistentRead: aws.Bool(true)}},
		}, tries.watch)
		if err != nil {
			return nil, err
		}
		for _, found := range out.Responses { // of the one table, which it may call by another name
			items = append(items, found...)
		}
		left := len(keys)
		keys = nil
		for _, more := range out.UnprocessedKeys {
			keys = append(keys, more.Keys...)
		}
		if len(keys) < left {
			vain, pause = 0, shortest
			continue
		}
		if vain++; vain == patience {
			return nil, errors.New(throttled)
		}
		if err := wait(ctx, rand.N(pause)); err != nil {
			return nil, err
		}
		pause *= 2
	}
	return items, nil
}

// wait returns after a time, or the context's error.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
