package firestorestore

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Sweep removes up to limit expired records and returns how many it removed. It
// takes a query for each thousand and a request for each twenty of them, many
// requests at once, so a limit of some thousand is efficient. With a time-to-live
// policy there is no need for it. A document that is no record is left alone, and
// is an error once the others are removed.
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
		n, err := s.remove(ctx, doomed)
		if removed += n; err != nil {
			return removed, s.fault(ctx, "sweep", err)
		}
		if removed == limit {
			break
		}
	}
	return removed, foreign
}

const maxPage = 1000 // documents in memory

// expiry reports whether a document, of which a sweep has read some fields, is
// a record, and whether it has expired.
func expiry(snap *firestore.DocumentSnapshot) (ours, expired bool) {
	m, _ := snap.Data()[recordField].(map[string]any)
	id, ok := untext(m["id"])
	ms, isTime := m["expires"].(int64)
	return ok && isTime && keyOf(id).String() == snap.Ref.ID, ms <= time.Now().UnixMilli()
}

// remove deletes documents that nobody has written in the meantime, and returns
// how many it was and the first error. The client sends twenty deletes in a
// request, many requests at once, and repeats deletes that are given up for
// contention or throttled. Each delete has its own condition and its own result.
func (s *Store) remove(ctx context.Context, doomed []*firestore.DocumentSnapshot) (removed int, err error) {
	if len(doomed) == 0 {
		return 0, nil
	}
	writer := s.client.BulkWriter(ctx)
	jobs := make([]*firestore.BulkWriterJob, 0, len(doomed))
	for _, snap := range doomed {
		var job *firestore.BulkWriterJob
		if job, err = writer.Delete(snap.Ref, firestore.LastUpdateTime(snap.UpdateTime)); err != nil {
			break
		}
		jobs = append(jobs, job)
	}
	writer.End() // returns when all requests have
	for _, job := range jobs {
		_, fault := job.Results()
		switch status.Code(fault) {
		case codes.OK:
			removed++
		case codes.FailedPrecondition, codes.NotFound: // another sweep has it, or it was saved again
		default:
			err = cmp.Or(err, fault)
		}
	}
	return removed, err
}
