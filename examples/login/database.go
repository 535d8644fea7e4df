package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver, which needs no cgo

	"github.com/gosessions/sessions/login"
)

// openDatabase opens the file that sqlitestore has made for the sessions and
// adds a table for the users.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	name := ":memory:"
	if path != "memory" {
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") { // C:/…
			path = "/" + path
		}
		u := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(5000)"}
		name = u.String()
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	if path == "memory" {
		db.SetMaxOpenConns(1) // each connection would have a database of its own
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS users (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	password TEXT NOT NULL -- its hash, with salt and parameters
)`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (b *users) close() error { return b.db.Close() }

// User returns the user with an id.
func (b *users) User(ctx context.Context, id string) (user, error) {
	return b.find(ctx, `SELECT id, name, password FROM users WHERE id = ?`, id)
}

// named returns the user with a name.
func (b *users) named(ctx context.Context, name string) (user, error) {
	return b.find(ctx, `SELECT id, name, password FROM users WHERE name = ?`, name)
}

func (b *users) find(ctx context.Context, query, key string) (u user, err error) {
	err = b.db.QueryRowContext(ctx, query, key).Scan(&u.id, &u.Name, &u.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = login.ErrNoUser
	}
	return u, err
}

// all returns the users by name.
func (b *users) all(ctx context.Context) (all []user, err error) {
	rows, err := b.db.QueryContext(ctx, `SELECT id, name, password FROM users ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var u user
		if err := rows.Scan(&u.id, &u.Name, &u.hash); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

func (b *users) add(ctx context.Context, name, hash string) (user, error) {
	u := user{id: rand.Text(), Name: name, hash: hash}
	return u, b.changeOne(ctx, errTaken,
		`INSERT INTO users (id, name, password) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`, u.id, u.Name, u.hash)
}

// setHash replaces the user's hash. It returns errChanged if the stored hash is
// no longer the one in u.
func (b *users) setHash(ctx context.Context, u user, hash string) error {
	return b.changeOne(ctx, errChanged, `UPDATE users SET password = ? WHERE id = ? AND password = ?`, hash, u.id, u.hash)
}

// changeOne runs a statement. It returns none if that changes no row.
func (b *users) changeOne(ctx context.Context, none error, query string, args ...any) error {
	result, err := b.db.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, none)
	}
	return nil
}
