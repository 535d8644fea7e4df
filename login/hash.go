package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gosessions/sessions"
)

// state is what a session stores about its login.
type state struct {
	Hashes [][]byte  `json:"hashes"` // HMACs of the auth hashes that the session is valid with
	Since  time.Time `json:"since"`  // of the login
	Proved time.Time `json:"proved"` // of the user's last authentication
	Device string    `json:"device,omitempty"`
}

// hash returns the HMAC of a user's auth hash. It is bound to the user and to
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

// matches reports whether one of a session's hashes is the user's. The time it
// takes does not depend on the hashes.
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
