package firestorestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/store"
)

// Store keeps records in Firestore. It is safe for concurrent use, and any
// number of processes may use one collection. It starts no goroutine that
// outlives a call.
type Store struct {
	client  *firestore.Client
	records *firestore.CollectionRef
	near    *near
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

const maxID = 128 // bytes of an id

// Create inserts a record. The id of an expired record is taken until the
// record is collected.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if len(r.ID) == 0 || len(r.ID) > maxID {
		return fmt.Errorf("firestorestore: create: the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	}
	if err := fits(r); err != nil {
		return s.fault(ctx, "create", err)
	}
	k, write, expires := keyOf(r.ID), rand.Int64(), r.Expires.UnixMilli()
	ref := s.ref(k)
	doc := map[string]any{recordField: fields(r, 1, write), ttlField: ttl(expires)}
	if r.Subject != "" {
		doc[subjectField] = keyOf(r.Subject).String()
	}
	result, err := insist(ctx, func() (*firestore.WriteResult, error) { return ref.Create(ctx, doc) })
	switch {
	case err == nil:
		s.near.put(k, state{1, expires, result.UpdateTime.UnixNano()})
		return nil
	case status.Code(err) != codes.AlreadyExists:
		return s.fault(ctx, "create", err)
	}
	// The client repeats what it has no answer to: this may be its own record.
	found, ok, err := s.read(ctx, r.ID)
	switch {
	case err != nil && !errors.Is(err, errForeign):
		return s.fault(ctx, "create", err)
	case ok && found.write == write:
		return nil
	}
	return store.ErrExists
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	found, ok, err := s.read(ctx, id)
	switch {
	case err != nil:
		return store.Record{}, s.fault(ctx, "load", err)
	case !ok || !found.state().live():
		return store.Record{}, store.ErrNotFound
	}
	return found.Record, nil
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	k := keyOf(id)
	ref := s.ref(k)
	_, err := insist(ctx, func() (*firestore.WriteResult, error) { return ref.Delete(ctx) })
	s.near.drop(k)
	return s.fault(ctx, "delete", err)
}

// read asks the server for a document, and remembers it.
func (s *Store) read(ctx context.Context, id string) (found document, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return document{}, false, err
	}
	k := keyOf(id)
	snaps, err := s.client.GetAll(ctx, []*firestore.DocumentRef{s.ref(k)})
	if err != nil || !snaps[0].Exists() {
		return document{}, false, err
	}
	if found, err = decode(snaps[0]); err != nil {
		return document{}, false, err
	}
	s.near.put(k, found.state())
	return found, true, nil
}

func (s *Store) ref(k key) *firestore.DocumentRef { return s.records.Doc(k.String()) }

// insist makes a write again that the server gave up because of others: then
// nothing was written. It waits a random time between, longer each time.
func insist(ctx context.Context, write func() (*firestore.WriteResult, error)) (*firestore.WriteResult, error) {
	const tries, shortest = 10, 10 * time.Millisecond
	for most := shortest; ; most *= 2 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		result, err := write()
		if status.Code(err) != codes.Aborted || most == shortest<<(tries-1) {
			return result, err
		}
		wait, stop := context.WithTimeout(ctx, rand.N(most))
		<-wait.Done()
		stop()
	}
}
