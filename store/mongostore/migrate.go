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
// them, unless there is one of the same fields.
func (s *Store) index(ctx context.Context, keys bson.D, opts *options.IndexOptionsBuilder) error {
	indexes := s.records.Indexes()
	_, err := indexes.CreateOne(ctx, mongo.IndexModel{Keys: keys, Options: opts})
	if err == nil || passing(err) {
		return err
	}
	there, lookErr := indexes.ListSpecifications(ctx)
	if lookErr != nil {
		return err
	}
	for _, index := range there {
		if equal(index.KeysDocument, keys) {
			return late(index)
		}
	}
	if !said(err, refusals) {
		return err
	}
	if _, plainErr := indexes.CreateOne(ctx, mongo.IndexModel{Keys: keys}); plainErr != nil {
		return errors.Join(err, plainErr)
	}
	return nil
}

// equal compares what indexes are of, whatever type of number says so.
func equal(document bson.Raw, keys bson.D) bool {
	elements, err := document.Elements()
	return err == nil && slices.EqualFunc(elements, keys, func(e bson.RawElement, k bson.E) bool {
		n, ok := e.Value().AsInt64OK()
		return ok && e.Key() == k.Key && n == 1
	})
}

// late returns an error for an index that ends records too soon.
func late(index mongo.IndexSpecification) error {
	after := index.ExpireAfterSeconds
	if after == nil || time.Duration(*after)*time.Second >= grace {
		return nil
	}
	return fmt.Errorf("the index %s ends records %d seconds after they expire, and the server's clock may be ahead: "+
		"set its expireAfterSeconds to %.0f by collMod, or drop it", index.Name, *after, grace.Seconds())
}
