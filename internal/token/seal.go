package token

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

const (
	macLen    = 30 // of SHA-256's 32 bytes: 40 characters and none left over
	signedLen = rawLen + macLen
	sealedLen = 12 + rawLen + 16 // nonce, token, tag
	maxText   = (signedLen*8 + 5) / 6
)

// Sealer puts tokens into cookies signed or encrypted, with the cookie's name
// bound in, so that the value of one cookie is no value of another. The
// first key seals, all keys open. A nil Sealer leaves tokens as they are. A
// Sealer is safe for concurrent use.
type Sealer struct {
	name  string
	macs  [][]byte      // signed
	aeads []cipher.AEAD // encrypted
}

// NewSigner returns a Sealer that adds a MAC (HMAC-SHA-256, 240 bits). A key
// has at least 32 bytes.
func NewSigner(name string, keys [][]byte) (*Sealer, error) {
	s := &Sealer{name: name}
	for i, k := range keys {
		if len(k) < 32 {
			return nil, fmt.Errorf("signing key %d has %d bytes; it must have at least 32, random ones", i+1, len(k))
		}
		s.macs = append(s.macs, bytes.Clone(k))
	}
	return s, distinct("signing", keys)
}

// NewEncrypter returns a Sealer that encrypts (AES-256-GCM). A key has
// exactly 32 bytes.
func NewEncrypter(name string, keys [][]byte) (*Sealer, error) {
	s := &Sealer{name: name}
	for i, k := range keys {
		if len(k) != 32 {
			return nil, fmt.Errorf("encryption key %d has %d bytes; it must have 32, random ones", i+1, len(k))
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, distinct("encryption", keys)
}

// Len returns the length of a cookie's value.
func (s *Sealer) Len() int {
	switch {
	case s == nil:
		return Len
	case s.macs != nil:
		return base64.RawURLEncoding.EncodedLen(signedLen)
	}
	return base64.RawURLEncoding.EncodedLen(sealedLen)
}

// Seal returns the cookie's value.
func (s *Sealer) Seal(t Token) string {
	if s == nil {
		return t.Text()
	}
	return s.seal(t)
}

// seal is Seal with keys. It is apart because t ends on the heap here.
func (s *Sealer) seal(t Token) string {
	if s.macs != nil {
		return base64.RawURLEncoding.EncodeToString(append(t.raw[:], s.mac(s.macs[0], t)...))
	}
	return base64.RawURLEncoding.EncodeToString(s.aeads[0].Seal(nil, nil, t.raw[:], []byte(s.name)))
}

// Open returns the token of a cookie's value. current reports whether the
// first key opened it. What no key opens is no token, whatever it holds.
func (s *Sealer) Open(value string) (t Token, current, ok bool) {
	if s == nil {
		t, ok = Parse(value)
		return t, true, ok
	}
	var raw [signedLen]byte
	if len(value) != s.Len() {
		return t, false, false
	}
	if s.macs != nil {
		if !decode(raw[:], value) {
			return t, false, false
		}
		copy(t.raw[:], raw[:])
		for i, k := range s.macs {
			if hmac.Equal(raw[rawLen:], s.mac(k, t)) {
				return t, i == 0, true
			}
		}
		return Token{}, false, false
	}
	if !decode(raw[:sealedLen], value) {
		return t, false, false
	}
	for i, aead := range s.aeads {
		if plain, err := aead.Open(nil, nil, raw[:sealedLen], []byte(s.name)); err == nil {
			copy(t.raw[:], plain)
			return t, i == 0, true
		}
	}
	return t, false, false
}

func (s *Sealer) mac(key []byte, t Token) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, s.name)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(t.raw[:])
	return h.Sum(nil)[:macLen]
}

// Format prints the cookie's name and no key, for every verb.
func (s *Sealer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sealer("+s.name+")") }

func distinct(what string, keys [][]byte) error {
	for i, k := range keys {
		for j := range i {
			if bytes.Equal(k, keys[j]) {
				return fmt.Errorf("%s keys %d and %d are the same", what, j+1, i+1)
			}
		}
	}
	return nil
}
