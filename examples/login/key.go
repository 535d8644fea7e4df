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

// openKey returns the key by which sessions know their user's password hash.
// It is in a file beside the database, which is made at the first start. It
// must not change from one start to the next, or all sessions would end. And
// it must not be in the database: who gets hold of a copy of that, such as a
// backup, could otherwise tell from a session what the hash was that it was
// made with.
func openKey(db string) (sessions.Secret, error) {
	if db == "memory" {
		return newKey(), nil
	}
	path := db + ".key"
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeKey(path, newKey()); err == nil || errors.Is(err, fs.ErrExist) {
			key, err = os.ReadFile(path) // if another process was first, then its key
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("key file: %w", err)
	case len(key) != sha256.Size:
		return nil, fmt.Errorf("key file %s has %d bytes, not %d: restore it, or remove it, which signs everybody out", path, len(key), sha256.Size)
	}
	return key, nil
}

func newKey() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails: it would end the program
	return key
}

// writeKey makes a file that is there with all that is in it or not at all,
// and that nobody else can read. One that is there stays as it is.
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
