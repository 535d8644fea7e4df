// Package token makes the secrets that session cookies carry.
//
// A token is a ULID, which is the record's id and no credential, and a secret
// of 160 random bits. The store keeps the id and a hash of both, so that a
// leaked database, backup or log lets nobody in (OWASP ASVS 5.0, 7.2.3 and
// 11.5.1; NIST SP 800-63B, 5.1). Anyone holding the cookie value owns the session.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"
)

// Len is the length of a token's text.
const Len = 48

const (
	entropyLen = 10
	secretLen  = 20
	rawLen     = 16 + secretLen
)

// Token is a record's id and the secret that gives access to it. Tokens can
// be compared with ==. No verb of fmt, no logger and no encoder prints the
// secret.
type Token struct {
	raw [rawLen]byte
}

// Mint returns a new token. Time and id are no part of its strength. It fails
// only if the system has no randomness to give; there is no substitute.
func Mint(now time.Time) (Token, error) {
	var t Token
	if _, err := io.ReadFull(rand.Reader, t.raw[16-entropyLen:]); err != nil {
		return Token{}, fmt.Errorf("reading random bytes: %w", err)
	}
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(now)); err != nil {
		return Token{}, fmt.Errorf("time of the token: %w", err)
	}
	copy(t.raw[:16-entropyLen], id[:])
	return t, nil
}

// New returns a new token of an id that [Token.ID] returned. Errors are those of
// [Mint].
func New(id string) (Token, error) {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return Token{}, fmt.Errorf("id of the token: %w", err)
	}
	var t Token
	copy(t.raw[:16], parsed[:])
	return t.Renew()
}

// Renew returns a new token of the same id: its secret is another one. Errors
// are those of [Mint].
func (t Token) Renew() (Token, error) {
	if _, err := io.ReadFull(rand.Reader, t.raw[16:]); err != nil {
		return Token{}, fmt.Errorf("reading random bytes: %w", err)
	}
	return t, nil
}

// Parse reads a token's text, of which there is exactly one per token. It checks
// length and alphabet first, so a malformed text costs almost nothing.
func Parse(text string) (Token, bool) {
	var t Token
	if len(text) != Len || !decode(t.raw[:], text) {
		return Token{}, false
	}
	return t, true
}

// Text returns what the cookie holds.
func (t Token) Text() string {
	var text [Len]byte
	base64.RawURLEncoding.Encode(text[:], t.raw[:])
	return string(text[:])
}

// ID returns the ULID, in upper case.
func (t Token) ID() string { return ulid.ULID(t.raw[:16]).String() }

// IsID reports whether a text is one that [Token.ID] returns.
func IsID(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}

// IsZero reports whether t is no token.
func (t Token) IsZero() bool { return t == Token{} }

// Verifier returns what the store keeps of the secret: SHA-256 of namespace,
// a zero byte, id and secret. A fast hash is enough for 160 random bits.
func (t Token) Verifier(namespace string) [sha256.Size]byte {
	var buf [128]byte
	return sha256.Sum256(append(append(append(buf[:0], namespace...), 0), t.raw[:]...))
}

// Equal reports whether two verifiers are the same, in a time that does not
// depend on how much of them is.
func Equal(verifier [sha256.Size]byte, stored *[sha256.Size]byte) bool {
	return subtle.ConstantTimeCompare(verifier[:], stored[:]) == 1
}

func (t Token) redacted() string { return "token(" + t.ID() + ")" }

// Format prints the id and not the secret, for every verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.redacted()) }

// LogValue gives the id and not the secret.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.redacted()) }

// MarshalText gives the id and not the secret.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.redacted()), nil }

// strict refuses bits that are left over, so that a text has one spelling.
var strict = base64.RawURLEncoding.Strict()

// decode fills all of dst, or reports false. The text has the right length:
// package base64 skips line breaks, and dst is then not filled.
func decode(dst []byte, text string) bool {
	var src [maxText]byte
	n, err := strict.Decode(dst, src[:copy(src[:], text)])
	return err == nil && n == len(dst)
}
