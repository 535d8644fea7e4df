package connectsessions

import (
	"errors"
	"net/http"

	"connectrpc.com/connect"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// answer is what a client is told about an error of this library: its code, and
// a message without anything internal.
type answer struct {
	code    connect.Code
	message string
}

var (
	unavailable = answer{connect.CodeUnavailable, "sessions are unavailable; try again later"}
	unproved    = answer{connect.CodeUnauthenticated, "wrong credentials"}
	internal    = answer{connect.CodeInternal, "the session could not be used"}
)

// answers are in the order in which errors are compared with them.
var answers = []struct {
	err error
	answer
}{
	{sessions.ErrRefused, answer{connect.CodeResourceExhausted, "no more sessions may begin; try again later"}},
	{login.ErrMaxSessions, answer{connect.CodeFailedPrecondition, "signed in on as many devices as allowed; sign out on one of them first"}},
	{login.ErrAnonymous, answer{connect.CodeUnauthenticated, "not signed in"}},
	{login.ErrNotRecent, answer{connect.CodeUnauthenticated, "not signed in recently; sign in again"}},
	{login.ErrCredentials, unproved},
	{login.ErrNoUser, unproved},
	{login.ErrForbidden, answer{connect.CodePermissionDenied, "permission denied"}},
	{login.ErrBackend, unavailable},
	{login.ErrBusy, unavailable},
	{sessions.ErrUnavailable, unavailable},
	{sessions.ErrConflict, answer{connect.CodeAborted, "other calls kept changing the session; try again"}},
	{sessions.ErrNotFound, answer{connect.CodeAborted, "the session has ended or changed; try again with the newest token"}},
	{sessions.ErrTooLarge, answer{connect.CodeResourceExhausted, "the session is too large"}},
	{sessions.ErrCorrupt, internal},
	{sessions.ErrHeadersSent, internal},
	{sessions.ErrNoSession, internal},
}

// answerTo returns the answer to an error, if it is one of this library.
func answerTo(err error) (answer, bool) {
	for _, a := range answers {
		if errors.Is(err, a.err) {
			if a.err == sessions.ErrRefused && sessions.StatusCode(err) == http.StatusForbidden {
				return answer{connect.CodePermissionDenied, "no session may begin in this call"}, true
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
	if given := (*connect.Error)(nil); errors.As(err, &given) {
		if _, inside := answerTo(given.Unwrap()); inside {
			return err
		}
	}
	return connect.NewError(a.code, &fault{a.message, err})
}

// fault is an error whose text clients may see. Interceptors outside find the
// cause with [errors.Is].
type fault struct {
	message string
	cause   error
}

func (f *fault) Error() string { return f.message }
func (f *fault) Unwrap() error { return f.cause }
