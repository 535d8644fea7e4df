package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions/internal/vault"
)

// Errors that a caller may want to tell apart with [errors.Is]. They come
// wrapped with the details.
var (
	// ErrNoSession means that the context belongs to no request that passed
	// [Manager.Handler] or [Manager.Begin] (or that a middleware in between
	// replaced the context), or that the handler of that request has returned.
	ErrNoSession = errors.New("sessions: no session")
	// ErrNotFound means that the session has ended: it was destroyed or revoked,
	// it expired, or another request changed its privileges. It matches
	// store.ErrNotFound.
	ErrNotFound = vault.ErrNotFound
	// ErrConflict means that other requests kept changing the session until
	// Options.SaveTimeout was over. Nothing of this request was saved. It matches
	// store.ErrConflict.
	ErrConflict = vault.ErrConflict
	// ErrCorrupt means that the store holds bytes that are not a session.
	ErrCorrupt = vault.ErrCorrupt
	// ErrTooLarge means that the change would take the session over
	// Options.MaxBytes. The change was not made.
	ErrTooLarge = errors.New("sessions: session is too large")
	// ErrUnavailable means that the store did not answer as it should. It
	// says nothing about the session. The default answer is 503.
	ErrUnavailable = vault.ErrUnavailable
	// ErrRefused means that no session may begin in this request, because of
	// Options.BeforeCreate, or because its token would do harm or get lost: in a
	// request of another site, outside of the cookie's path, or with a ticket.
	ErrRefused = errors.New("sessions: no session may begin in this request")
	// ErrHeadersSent means that the change needs a new token, but the response
	// that would carry it has begun, or there is none.
	ErrHeadersSent = errors.New("sessions: headers are sent, no token can follow")
)

// CodecError says which value could not be encoded or decoded. The session
// is as it was before the call.
type CodecError struct {
	Op  string // "encode" or "decode"
	Key string // session key
	Err error  // from the codec
}

func (e *CodecError) Error() string {
	return fmt.Sprintf("sessions: %s %q: %v", e.Op, e.Key, e.Err)
}

// Unwrap returns the error of the codec.
func (e *CodecError) Unwrap() error { return e.Err }

var (
	errOutside     = fmt.Errorf("%w: the request did not pass Manager.Handler or Manager.Begin", ErrNoSession)
	errReturned    = fmt.Errorf("%w: its handler has returned", ErrNoSession)
	errUnvaried    = fmt.Errorf("%w: with Options.VaryOnUse, a handler must ask before its response begins", ErrNoSession)
	errLate        = fmt.Errorf("sessions: not saved, because the request's time was over before its response began: %w", context.DeadlineExceeded)
	errEnded       = fmt.Errorf("%w: it ended or changed its privileges while the request ran", ErrNotFound)
	errSuperseded  = fmt.Errorf("%w: another request renewed it; send the request again with the new token", ErrNotFound)
	errTwoTokens   = errors.New("sessions: two different session cookies")
	errCrossSite   = fmt.Errorf("%w: another site sent it, so a cookie that SameSite withheld could be replaced; answer with 303 See Other to a page of this site and use the session there, since only a login may begin one here", ErrRefused)
	errOutOfPath   = fmt.Errorf("%w: its path is outside of CookieOptions.Path, so the browser would not send the cookie back; use the session below that path, or set CookieOptions.StrippedPrefix if a proxy in front changes paths", ErrRefused)
	errTicketed    = fmt.Errorf("%w: it brought a ticket, and its client could not keep a token; let a request without a ticket begin the session", ErrRefused)
	errPlainHTTP   = errors.New("sessions: the session cookie is Secure, but the request came over plain HTTP, and browsers drop such a cookie: serve HTTPS, let the proxy in front send X-Forwarded-Proto: https, or set CookieOptions.InsecureHTTP for development")
	errCookieToken = errors.New("sessions: the request brought a cookie, whose token no script may see: send the request that is to get a token without cookies (fetch: credentials \"omit\")")
	errNoTransport = errors.New("sessions: the client could not send the token back: add Bearer() or Header(name) to Options.Transports")
	errSameName    = errors.New("sessions: two managers in one chain have the same cookie, and each overwrites that of the other: give them different CookieOptions.Name")
	errCreating    = errors.New("sessions: BeforeCreate cannot save, claim or reload the session that waits for it; change values only, which are saved afterwards")
	errNoSweep     = errors.New("sessions: the store holds expired records, which it does not remove by itself, and this process does not remove them: start go manager.Sweep(ctx, 0)")
	errSweepSlow   = errors.New("sessions: Sweep has not caught up with the expired records within its period; it takes more of the store's time now")
	errUnsettled   = errors.New("sessions: not saved, because a goroutine kept changing the session while its request ended")
	errHijacked    = errors.New("sessions: saved, but the token did not reach the client, because the handler took over the connection and wrote no HTTP response; call Save and send the token before")
	errBypassed    = fmt.Errorf("%w: the response began past the http.ResponseWriter that Manager.Handler gives to the next handler; let the framework write to that one", ErrHeadersSent)
	errAbsent      = errors.New("sessions: no such key")
	errMalformed   = fmt.Errorf("%w: malformed token", ErrNotFound)
	errWrong       = fmt.Errorf("%w: wrong token", ErrNotFound)
	errReused      = fmt.Errorf("%w: the token was replaced by a newer one that is in use", ErrNotFound)
)
