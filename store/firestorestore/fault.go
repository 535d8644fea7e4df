package firestorestore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// advice tells what to do about what the server says. The first that fits is
// taken; an empty text fits all.
var advice = []struct {
	code     codes.Code
	says, do string
}{
	{codes.PermissionDenied, "has not been used", "enable the API by gcloud services enable firestore.googleapis.com, or name another project when making the client"},
	{codes.PermissionDenied, "", "this account may not: grant it roles/datastore.user in the project"},
	{codes.Unauthenticated, "", "the server does not take the client's credentials: set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login"},
	{codes.NotFound, "", "create the database by gcloud firestore databases create, or name another project or database when making the client"},
	{codes.FailedPrecondition, "Datastore Mode", "use a database in Native mode: this one is in Datastore mode"},
	{codes.FailedPrecondition, "index", "List needs the automatic index of the field subject, Sweep that of expireAt: remove the exemption, or leave expired records to time to live"},
	{codes.ResourceExhausted, "", "a quota is used up, or the database is asked for more than it is used to: see its usage in the console"},
	{codes.Canceled, "client connection is closing", "the client is closed"},
}

// fault says which call failed and where, and what to do about it where that
// is known.
func (s *Store) fault(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errForeign) {
		return fmt.Errorf("firestorestore: %s: another program keeps documents in the collection, choose another in Options.Collection: %w", op, err)
	}
	// What gRPC says of a context that has ended is another error.
	switch code := status.Code(err); {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	case code == codes.DeadlineExceeded && !errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("firestorestore: %s in %s: no answer in time; where the server is not reached or refuses for a while, the client asks again until then, "+
			"and with GRPC_GO_LOG_SEVERITY_LEVEL=info in the environment it says why: %w", op, s.records.Path, err)
	}
	code, text := status.Code(err), err.Error()
	for _, a := range advice {
		if a.code == code && strings.Contains(text, a.says) {
			return fmt.Errorf("firestorestore: %s in %s: %s: %w", op, s.records.Path, a.do, err)
		}
	}
	return fmt.Errorf("firestorestore: %s in %s: %w", op, s.records.Path, err)
}
