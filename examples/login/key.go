package main

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gosessions/sessions"
)

// openKey returns the HMAC key for the users' password hashes. It is in a file
// next to the database, which the first start makes.
//
// The key must not change between starts, because all sessions would end. It
// must not be in the database: anyone with a copy of that, such as a backup,
// could otherwise link sessions to password hashes.
func openKey(db string) (sessions.Secret, error) {
	if db == "memory" {
		return newKey(), nil
	}
	path := db + ".key"
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeKey(path, newKey()); err == nil || errors.Is(err, fs.ErrExist) {
			key, err = os.ReadFile(path) // if another process was faster, its key
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("key file: %w", err)
	case len(key) != sha256.Size:
		return nil, fmt.Errorf("key file %s has %d bytes, not %d: restore it, or remove it, which signs all users out", path, len(key), sha256.Size)
	}
	return key, nil
}

func newKey() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
}

// writeKey makes a file that only its owner can read. It appears complete or
// not at all. A file that exists is left as it is.
func writeKey(path string, key []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
