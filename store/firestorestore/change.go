package firestorestore

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/store"
)

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if r.Version >= math.MaxInt64 { // there is none
		return store.ErrConflict
	}
	if err := fits(r); err != nil {
		return s.fault(ctx, "save", err)
	}
	write, expires := rand.Int64(), r.Expires.UnixMilli()
	updates := []firestore.Update{
		{Path: recordField, Value: fields(r, r.Version+1, write)},
		{Path: ttlField, Value: ttl(expires)},
		{Path: subjectField, Value: firestore.Delete},
	}
	if r.Subject != "" {
		updates[2].Value = keyOf(r.Subject).String()
	}
	return s.change(ctx, "save", r.ID, r.Version, change{
		next: state{version: r.Version + 1, expires: expires}, updates: updates,
		needed: func(state) bool { return true },
		done:   func(d document) bool { return d.Version == r.Version+1 && d.write == write },
	})
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	ms := expires.UnixMilli()
	return s.change(ctx, "touch", id, version, change{
		next:    state{version: version, expires: ms},
		updates: []firestore.Update{{Path: expiresPath, Value: ms}, {Path: ttlField, Value: ttl(ms)}},
		needed:  func(now state) bool { return ms > now.expires },
		done:    func(document) bool { return false },
	})
}

// change is one write of a document that is there.
type change struct {
	next    state // but for when it is updated
	updates []firestore.Update
	needed  func(now state) bool
	done    func(document) bool // whether it is this write that made the document what it is
}

// change writes a live document of a version on the condition that nobody has
// written it since it was read. What was read last is remembered; where it is
// not, or is not true any more, the document is read first.
func (s *Store) change(ctx context.Context, op, id string, version uint64, c change) error {
	k := keyOf(id)
	ref := s.ref(k)
	now, known := s.near.at(k, version)
	known = known && c.needed(now)
	for refused := error(nil); ; known = false {
		if !known {
			found, ok, err := s.read(ctx, id)
			switch {
			case err != nil:
				return s.fault(ctx, op, err)
			case ok && c.done(found): // the client has repeated it
				return nil
			case !ok || found.Version != version || !found.state().live():
				return store.ErrConflict
			case refused != nil && found.updated == now.updated:
				return s.fault(ctx, op, refused) // for another reason
			}
			if now = found.state(); !c.needed(now) {
				return nil
			}
		}
		result, err := insist(ctx, func() (*firestore.WriteResult, error) {
			if !now.live() { // by the time of a later try
				return nil, store.ErrConflict
			}
			return ref.Update(ctx, c.updates, firestore.LastUpdateTime(time.Unix(0, now.updated)))
		})
		switch code := status.Code(err); {
		case code == codes.OK:
			next := c.next
			next.updated = result.UpdateTime.UnixNano()
			s.near.put(k, next)
			return nil
		case code == codes.FailedPrecondition, code == codes.NotFound:
			refused = err
		case errors.Is(err, store.ErrConflict):
			return err
		default:
			return s.fault(ctx, op, err)
		}
	}
}
