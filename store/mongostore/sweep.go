package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// batch is how many documents Sweep removes at once.
const batch = 1000

// Sweep removes up to limit expired records, and says how many it removed. It
// takes two round trips for each thousand. Where the server has an index that
// ends records by itself, there is little left to do.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	now := time.Now()
	for more := true; more && removed < limit && err == nil; {
		var n int
		n, more, err = s.sweep(ctx, now, min(limit-removed, batch))
		removed += n
	}
	return removed, s.fault("sweep", err)
}

// sweep removes up to limit documents, and says whether there may be more. It
// finds fewer than it saw where another process sweeps at the same time.
func (s *Store) sweep(ctx context.Context, now time.Time, limit int) (removed int, more bool, err error) {
	if ctx, err = apart(ctx); err != nil {
		return 0, false, err
	}
	expired := bson.E{Key: "exp", Value: bson.D{{Key: "$lte", Value: moment(now)}}}
	var found []struct {
		ID bson.RawValue `bson:"_id"`
	}
	cursor, err := s.records.Find(ctx, bson.D{expired}, options.Find().
		SetProjection(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)).SetBatchSize(int32(limit)))
	if err == nil {
		err = cursor.All(ctx, &found)
	}
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	ids := make(bson.A, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	result, err := s.records.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}, expired})
	if err != nil {
		return 0, false, err
	}
	return int(result.DeletedCount), len(found) == limit, nil
}
