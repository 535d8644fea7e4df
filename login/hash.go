package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gosessions/sessions"
)

// state is what a session knows of its login.
type state struct {
	Hashes [][]byte  `json:"hashes"` // HMACs of auth hashes that it goes with
	Since  time.Time `json:"since"`  // login
	Proved time.Time `json:"proved"` // when the user has last proved who they are
	Device string    `json:"device,omitempty"`
}

// hash returns the HMAC of a user's auth hash. It is bound to the user, and to
// this use of the key.
func (m *Manager[U, C]) hash(key sessions.Secret, u U) []byte {
	mac := hmac.New(sha256.New, key)
	id := u.UserID()
	mac.Write([]byte("gosessions login auth hash\x00"))
	mac.Write(binary.AppendUvarint(nil, uint64(len(id))))
	mac.Write([]byte(id))
	mac.Write(u.SessionAuthHash())
	return mac.Sum(nil)
}

// newHash returns the HMAC for a new login.
func (m *Manager[U, C]) newHash(u U) []byte { return m.hash(m.opts.HashKeys[0], u) }

// matches reports whether one of a session's hashes is the user's, in a time
// that does not depend on how much of it is right.
func (m *Manager[U, C]) matches(hashes [][]byte, u U) bool {
	for _, key := range m.opts.HashKeys {
		want := m.hash(key, u)
		for _, got := range hashes {
			if hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}
