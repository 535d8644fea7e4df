package firestorestore

import (
	"context"
	"iter"

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions/store"
)

// pageSize is how many documents a query returns. Nothing is open while the
// caller works on them.
const pageSize = 100

// List yields the live records of a subject. A document that is no record is
// an error, after which it goes on.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if subject == "" {
			return
		}
		owned := s.records.Where(subjectField, "==", keyOf(subject).String()).OrderBy(firestore.DocumentID, firestore.Asc)
		for page, err := range pages(ctx, owned, pageSize) {
			if err != nil {
				yield(store.Record{}, s.fault(ctx, "list", err))
				return
			}
			for _, snap := range page {
				d, err := decode(snap)
				if err != nil && !yield(store.Record{}, s.fault(ctx, "list", err)) {
					return
				}
				if err == nil && d.Subject == subject && d.state().live() && !yield(d.Record, nil) {
					return
				}
			}
		}
	}
}

// pages yields what a query finds, size documents at a time. An error is the
// last.
func pages(ctx context.Context, q firestore.Query, size int) iter.Seq2[[]*firestore.DocumentSnapshot, error] {
	return func(yield func([]*firestore.DocumentSnapshot, error) bool) {
		next := q.Limit(size)
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			page, err := next.Documents(ctx).GetAll()
			if !yield(page, err) || err != nil || len(page) < size {
				return
			}
			next = q.StartAfter(page[len(page)-1]).Limit(size)
		}
	}
}
