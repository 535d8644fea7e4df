package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// grace is for how long the server keeps a record that has expired at least,
// so that its clock decides nothing.
const grace = time.Minute

// Migrate makes the collection's two indexes where they are missing, and with
// them the collection. Any number of processes may call it at once, each time
// that they start. One index ends what expired, the other finds a subject's
// records. Where the server refuses to end records by itself, the first is
// made without, and Sweep has to. An index that somebody else has made of the
// same fields is left as it is; one that ends records sooner than a minute
// after their expiry is an error.
func (s *Store) Migrate(ctx context.Context) error {
	ctx, err := apart(ctx)
	if err == nil {
		err = s.index(ctx, bson.D{{Key: "sub", Value: 1}, {Key: "_id", Value: 1}},
			options.Index().SetPartialFilterExpression(bson.D{{Key: "sub", Value: bson.D{{Key: "$exists", Value: true}}}}))
	}
	if err == nil {
		err = s.index(ctx, bson.D{{Key: "exp", Value: 1}},
			options.Index().SetExpireAfterSeconds(int32(grace.Seconds())))
	}
	return s.fault("migrate", err)
}

// index makes an index, or one without its options where the server refuses
// them.
func (s *Store) index(ctx context.Context, keys bson.D, opts *options.IndexOptionsBuilder) error {
	_, err := s.records.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: keys, Options: opts})
	switch {
	case said(err, conflicts):
		return s.accept(ctx, keys, err)
	case said(err, refusals):
		if _, plain := s.records.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: keys}); plain != nil {
			return errors.Join(err, plain)
		}
		return nil
	}
	return err
}

// accept takes an index of the same fields with other options, if it does not
// end records too soon. conflict is the error otherwise.
func (s *Store) accept(ctx context.Context, keys bson.D, conflict error) error {
	want, err := bson.Marshal(keys)
	if err != nil {
		return err
	}
	indexes, err := s.records.Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(indexes, func(index mongo.IndexSpecification) bool { return slices.Equal(index.KeysDocument, want) })
	if i < 0 {
		return conflict
	}
	if after := indexes[i].ExpireAfterSeconds; after != nil && time.Duration(*after)*time.Second < grace {
		return fmt.Errorf("the index %s ends records %d seconds after they expire, and its clock may be ahead: "+
			"set its expireAfterSeconds to %.0f by collMod, or drop it", indexes[i].Name, *after, grace.Seconds())
	}
	return nil
}
