package firestorestore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// sweepers is how many documents a sweep deletes at once.
const sweepers = 16

// Sweep removes up to limit expired records and says how many it removed.
// Where a time-to-live policy is set there is no need for it. A document that
// is no record is left alone, and is an error once the others are removed.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, s.fault(ctx, "sweep", err)
	}
	if limit <= 0 {
		return 0, nil
	}
	expired := s.records.Where(ttlField, "<=", time.Now().Add(grace)).OrderBy(ttlField, firestore.Asc).
		OrderBy(firestore.DocumentID, firestore.Asc).Select(recordField+".id", ttlField, expiresPath)
	var foreign error
	for page, err := range pages(ctx, expired, min(limit, maxPage)) {
		if err != nil {
			return removed, s.fault(ctx, "sweep", err)
		}
		var doomed []*firestore.DocumentSnapshot
		for _, snap := range page {
			switch ours, gone := expiry(snap); {
			case !ours:
				foreign = s.fault(ctx, "sweep", fmt.Errorf("%w: %s", errForeign, snap.Ref.Path))
			case gone && removed+len(doomed) < limit:
				doomed = append(doomed, snap)
			}
		}
		n, err := remove(ctx, doomed)
		if removed += n; err != nil {
			return removed, s.fault(ctx, "sweep", err)
		}
		if removed == limit {
			break
		}
	}
	return removed, foreign
}

const maxPage = 300 // documents in memory

// expiry reports whether a document, of which a sweep has read some fields, is
// a record, and whether it has expired.
func expiry(snap *firestore.DocumentSnapshot) (ours, expired bool) {
	m, _ := snap.Data()[recordField].(map[string]any)
	id, ok := untext(m["id"])
	ms, isTime := m["expires"].(int64)
	return ok && isTime && keyOf(id).String() == snap.Ref.ID, ms <= time.Now().UnixMilli()
}

// remove deletes documents that nobody has written meanwhile, and returns how
// many it was. It stops at the first error.
func remove(ctx context.Context, doomed []*firestore.DocumentSnapshot) (removed int, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		mu   sync.Mutex
		wait sync.WaitGroup
	)
	next := make(chan *firestore.DocumentSnapshot)
	for range min(sweepers, len(doomed)) {
		wait.Go(func() {
			for snap := range next {
				_, fault := insist(ctx, func() (*firestore.WriteResult, error) {
					return snap.Ref.Delete(ctx, firestore.LastUpdateTime(snap.UpdateTime))
				})
				mu.Lock()
				switch status.Code(fault) {
				case codes.OK:
					removed++
				case codes.FailedPrecondition, codes.NotFound: // another sweep has it, or it was saved again
				default:
					if err == nil {
						err = fault
					}
					stop()
				}
				mu.Unlock()
			}
		})
	}
	for _, snap := range doomed {
		next <- snap
	}
	close(next)
	wait.Wait()
	return removed, err
}
