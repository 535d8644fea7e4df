package bboltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

var errDamaged = errors.New("the file is damaged: move it away to begin anew, or put a copy in its place")

func open(path string) (*bolt.DB, error) {
	isNew, err := check(path)
	if err != nil {
		return nil, err
	}
	if !isNew {
		if err := verify(path); err != nil {
			return nil, explain(err)
		}
	}
	// The list of free pages is not kept in the file: each write would write
	// all of it, megabytes after a large sweep. Opening finds them anew.
	db, _, err := connect(path, bolt.Options{NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, explain(err)
	}
	if err := prepare(db, path, isNew); err != nil {
		_ = db.Close() // of which err is the cause
		return nil, explain(err)
	}
	return db, nil
}

// check finds out what can be told of a path without opening it.
func check(path string) (isNew bool, err error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return false, errors.New("the path names no file: use package memstore to keep sessions in memory")
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return false, errors.New("this is a folder or a device: name a file in it")
	case err == nil:
		return info.Size() == 0, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return false, fmt.Errorf("make its folder first: %w", err)
	}
	return true, nil
}

// connect opens the file, and does not wait for another who has it.
func connect(path string, opts bolt.Options) (db *bolt.DB, file *os.File, err error) {
	opts.Timeout, opts.NoStatistics = 1, true
	opts.OpenFile = func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(name, flag, mode)
		return file, err
	}
	err = guard(func() (err error) {
		db, err = bolt.Open(path, 0o600, &opts)
		return err
	})
	return db, file, err
}

// prepare makes the buckets, by which a file that may not be written shows,
// and the name of a new file as lasting as what will be in it.
func prepare(db *bolt.DB, path string, isNew bool) error {
	err := guard(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			for _, name := range []string{recordBucket, expiryBucket, subjectBucket} {
				if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil || !isNew || runtime.GOOS == "windows" { // which opens no folder
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// guard runs what reads mapped memory, where damage shows as a panic.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return f()
}

// explain says what to do about an error of bbolt's.
func explain(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return errors.New("another process has the file open, or another Store of this one: only one can")
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return errors.New("the store is closed")
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("the file is there and is no bbolt database: name another: %w", err)
	case errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrInvalidMapping):
		return fmt.Errorf("%w: %w", errDamaged, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the file has to be readable and writable for this process, and its folder too if it is new: %w", err)
	}
	return err
}
