package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	patience = 10 * time.Second // for another process that holds the file while this one opens it
	readers  = 4                // connections that load
	patient  = "PRAGMA busy_timeout = 5000"
)

// check finds out what can be told of a path without opening it, which SQLite
// has to do alone: the system drops all of a process's locks on a file when
// any of its descriptors is closed.
func check(path string) (isNew bool, err error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return false, errors.New("the path names no file: use package memstore to keep sessions in memory")
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return false, errors.New("this is a folder or a device: name a file in it")
	case err == nil:
		return false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return false, fmt.Errorf("make its folder first: %w", err)
	}
	return true, nil
}

// connect returns connections to a file, the first of which is made later.
func connect(path, parameters string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(5000)&" + parameters}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// prepare makes the file the owner's alone if it is new, and turns to
// write-ahead logging, which stays with the file.
func prepare(ctx context.Context, db *sql.DB, path string, isNew bool) error {
	if err := db.PingContext(ctx); err != nil {
		return explain(err)
	}
	if isNew {
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
	}
	for {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		switch {
		case err == nil && mode != "wal":
			return fmt.Errorf("the file's journal mode stays %q: write-ahead logging needs a local file system", mode)
		case err == nil:
			return nil
		case code(err) != sqlite3.SQLITE_BUSY:
			return explain(err)
		}
		// Another process is opening it, and here SQLite does not wait.
		wait := time.NewTimer(rand.N(20 * time.Millisecond))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return fmt.Errorf("another process holds the file: %w", err)
		}
	}
}

// code returns SQLite's primary result code.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// explain says what to do about an error at opening.
func explain(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("the file and its folder have to be readable and writable for this process: %w", err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("the file is read-only: make it and its folder writable for this process: %w", err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file is there and is no SQLite database: name another: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database is damaged: move the file away, with its -wal and -shm, to begin anew: %w", err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("the disk is full or failing: %w", err)
	}
	return err
}
