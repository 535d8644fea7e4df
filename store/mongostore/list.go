package mongostore

import (
	"context"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/pages"
)

// List yields the live records of a subject in the order of their ids. It
// reads a hundred at a time, and keeps no cursor open meanwhile.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return pages.List(subject, func(r store.Record) string { return r.ID }, func(after string) ([]store.Record, error) {
		records, err := s.page(ctx, subject, after)
		return records, s.fault("list", err)
	})
}

func (s *Store) page(ctx context.Context, subject, after string) ([]store.Record, error) {
	ctx, err := apart(ctx)
	if err != nil {
		return nil, err
	}
	var documents []bson.Raw
	cursor, err := s.records.Find(ctx, bson.D{
		{Key: "sub", Value: subject},
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}},
		{Key: "exp", Value: bson.D{{Key: "$gt", Value: moment(time.Now())}}},
	}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(pages.Size).SetBatchSize(pages.Size))
	if err == nil {
		err = cursor.All(ctx, &documents)
	}
	if err != nil {
		return nil, err
	}
	records := make([]store.Record, len(documents))
	for i, document := range documents {
		if records[i], err = decode(document); err != nil {
			return nil, err
		}
		if records[i].Subject != subject {
			return nil, errLoose
		}
	}
	return records, nil
}
