package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosessions/sessions/store"
)

// Store keeps records in a collection. It is safe for concurrent use, and any
// number of processes may use one collection. It starts no goroutine.
type Store struct {
	records *mongo.Collection
	name    string // database.collection
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
)

const maxID = 128 // bytes of an id

// Create inserts a record. The id of an expired record is taken for as long as
// its document is there.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if len(r.ID) == 0 || len(r.ID) > maxID {
		return s.fault("create", fmt.Errorf("the id has %d bytes, want 1 to %d", len(r.ID), maxID))
	}
	if err := fits(r); err != nil {
		return s.fault("create", err)
	}
	ctx, err := apart(ctx)
	if err != nil {
		return s.fault("create", err)
	}
	r.Version = 1
	_, err = s.records.InsertOne(ctx, append(bson.D{{Key: "_id", Value: r.ID}}, content(r)...))
	if taken(err) {
		return store.ErrExists
	}
	return s.fault("create", err)
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	ctx, err := apart(ctx)
	if err != nil {
		return store.Record{}, s.fault("load", err)
	}
	document, err := s.records.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return store.Record{}, store.ErrNotFound
	}
	if err != nil {
		return store.Record{}, s.fault("load", err)
	}
	r, err := decode(document)
	switch {
	case err != nil:
		return store.Record{}, s.fault("load", err)
	case r.ID != id:
		return store.Record{}, s.fault("load", errLoose)
	case !time.Now().Before(r.Expires):
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Save replaces a live record of the same version. Of an UpdateOne whose answer
// was lost the client would send it again: a replica set remembers that it has
// happened, but servers that only look like one take it for another save, and
// what succeeded would be reported as a conflict. An UpdateMany is sent once.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := fits(r); err != nil {
		return s.fault("save", err)
	}
	ctx, err := apart(ctx)
	if err != nil {
		return s.fault("save", err)
	}
	seen := live(r.ID, r.Version)
	r.Version++
	update := bson.D{{Key: "$set", Value: content(r)}}
	if r.Subject == "" {
		update = append(update, bson.E{Key: "$unset", Value: bson.D{{Key: "sub", Value: ""}}})
	}
	result, err := s.records.UpdateMany(ctx, seen, update)
	return s.met("save", result, err)
}

// Touch moves the expiry of a live record of the same version, later only. It
// may well be done twice.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	ctx, err := apart(ctx)
	if err != nil {
		return s.fault("touch", err)
	}
	later := bson.D{{Key: "$max", Value: bson.D{{Key: "exp", Value: moment(expires)}}}}
	result, err := s.records.UpdateOne(ctx, live(id, version), later)
	return s.met("touch", result, err)
}

// Delete removes a record, if it is there. DeleteOne would do the same, were
// it not for engines of DocumentDB: there it misses a document that somebody
// changes at that moment. The client makes no DeleteMany again by itself, so
// this does: nothing can be deleted twice.
func (s *Store) Delete(ctx context.Context, id string) error {
	const tries = 3
	ctx, err := apart(ctx)
	if err != nil {
		return s.fault("delete", err)
	}
	for range tries {
		_, err = s.records.DeleteMany(ctx, bson.D{{Key: "_id", Value: id}})
		if !passing(err) || ctx.Err() != nil {
			break
		}
	}
	return s.fault("delete", err)
}

// live selects a record that is at a version and has not expired.
func live(id string, version uint64) bson.D {
	return bson.D{
		{Key: "_id", Value: id},
		{Key: "v", Value: int64(version)}, // beyond int64 it turns negative, and no record has that
		{Key: "exp", Value: bson.D{{Key: "$gt", Value: moment(time.Now())}}},
	}
}

// met says whether the record was there that a write was made for.
func (s *Store) met(op string, result *mongo.UpdateResult, err error) error {
	if err != nil {
		return s.fault(op, err)
	}
	if result.MatchedCount == 0 {
		return store.ErrConflict
	}
	return nil
}

// apart returns a context in which a call is an operation by itself: in a
// transaction of the caller's it could be undone after it was reported as
// done. It returns the error of a context that has ended.
func apart(ctx context.Context) (context.Context, error) {
	if mongo.SessionFromContext(ctx) != nil {
		ctx = mongo.NewSessionContext(ctx, nil)
	}
	return ctx, ctx.Err()
}
