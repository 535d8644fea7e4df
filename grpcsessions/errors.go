package grpcsessions

import (
	"errors"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// answer is what a client is told about an error of this library: its code, and
// a message without anything internal.
type answer struct {
	code    codes.Code
	message string
}

var (
	unavailable = answer{codes.Unavailable, "sessions are unavailable; try again later"}
	unproved    = answer{codes.Unauthenticated, "wrong credentials"}
	internal    = answer{codes.Internal, "the session could not be used"}
)

// answers are in the order in which errors are compared with them.
var answers = []struct {
	err error
	answer
}{
	{sessions.ErrRefused, answer{codes.ResourceExhausted, "no more sessions may begin; try again later"}},
	{login.ErrMaxSessions, answer{codes.FailedPrecondition, "signed in on as many devices as allowed; sign out on one of them first"}},
	{login.ErrAnonymous, answer{codes.Unauthenticated, "not signed in"}},
	{login.ErrNotRecent, answer{codes.Unauthenticated, "not signed in recently; sign in again"}},
	{login.ErrCredentials, unproved},
	{login.ErrNoUser, unproved},
	{login.ErrForbidden, answer{codes.PermissionDenied, "permission denied"}},
	{login.ErrBackend, unavailable},
	{login.ErrBusy, unavailable},
	{sessions.ErrUnavailable, unavailable},
	{sessions.ErrConflict, answer{codes.Aborted, "other calls kept changing the session; try again"}},
	{sessions.ErrNotFound, answer{codes.Aborted, "the session has ended or changed; try again with the newest token"}},
	{sessions.ErrTooLarge, answer{codes.ResourceExhausted, "the session is too large"}},
	{sessions.ErrCorrupt, internal},
	{sessions.ErrHeadersSent, internal},
	{sessions.ErrNoSession, internal},
}

// answerTo returns the answer to an error, if it is one of this library.
func answerTo(err error) (answer, bool) {
	for _, a := range answers {
		if errors.Is(err, a.err) {
			if a.err == sessions.ErrRefused && sessions.StatusCode(err) == http.StatusForbidden {
				return answer{codes.PermissionDenied, "no session may begin in this call"}, true
			}
			return a.answer, true
		}
	}
	return internal, errors.As(err, new(*sessions.CodecError))
}

// coded gives an error of this library its code. Other errors stay as they are,
// and so does one to which the handler has given a code.
func coded(err error) error {
	a, ok := answerTo(err)
	if !ok {
		return err
	}
	var given interface {
		error
		GRPCStatus() *status.Status
	}
	if errors.As(err, &given) {
		if _, inside := answerTo(given); inside {
			return err
		}
	}
	return &fault{a, err}
}

// fault is the error of a status. Interceptors outside find the cause with
// [errors.Is].
type fault struct {
	answer
	cause error
}

func (f *fault) Error() string              { return f.message }
func (f *fault) Unwrap() error              { return f.cause }
func (f *fault) GRPCStatus() *status.Status { return status.New(f.code, f.message) }
