package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
)

// calls are those of a database's client that keep a counter under an id: a
// read, and a read and a write, with nothing around them.
type calls interface {
	create(ctx context.Context, id string, data []byte) error
	load(ctx context.Context, id string) ([]byte, error)
	save(ctx context.Context, id string, data []byte) error
}

// bareCalls is what a database's sites are held against. It is no library: no
// expiry, no token, no versions.
func bareCalls(name string, open func() calls) site {
	return site{name: name, few: true, open: func() pages {
		db := open()
		return func(does action, _ content) page { return callsPage(db, does) }
	}}
}

func callsPage(db calls, does action) page {
	load := func(r *http.Request) (id string, n uint64) {
		c, err := r.Cookie("id")
		if err != nil {
			return "", 0
		}
		id = c.Value
		return id, binary.BigEndian.Uint64(must(db.load(r.Context(), id)))
	}
	encode := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	switch does {
	case fill:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := rand.Text()
			check(db.create(r.Context(), id, encode(1)))
			http.SetCookie(w, &http.Cookie{Name: "id", Value: id})
		})
	case readInt:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, n := load(r)
			reply(w, int(n))
		})
	case increment:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, n := load(r)
			check(db.save(r.Context(), id, encode(n+1)))
			reply(w, int(n+1))
		})
	}
	return nil
}

// pgxCalls are those of pgx.
type pgxCalls struct{ *pgxpool.Pool }

func (p pgxCalls) create(ctx context.Context, id string, data []byte) error {
	_, err := p.Exec(ctx, "INSERT INTO bare VALUES ($1, $2)", id, data)
	return err
}

func (p pgxCalls) load(ctx context.Context, id string) (data []byte, err error) {
	err = p.QueryRow(ctx, "SELECT data FROM bare WHERE id = $1", id).Scan(&data)
	return data, err
}

func (p pgxCalls) save(ctx context.Context, id string, data []byte) error {
	_, err := p.Exec(ctx, "UPDATE bare SET data = $1 WHERE id = $2", data, id)
	return err
}

// statements are those of database/sql, prepared.
type statements struct{ insert, read, update *sql.Stmt }

func prepared(db *sql.DB, insert, read, update string) statements {
	return statements{must(db.Prepare(insert)), must(db.Prepare(read)), must(db.Prepare(update))}
}

func (s statements) create(ctx context.Context, id string, data []byte) error {
	_, err := s.insert.ExecContext(ctx, id, data)
	return err
}

func (s statements) load(ctx context.Context, id string) (data []byte, err error) {
	err = s.read.QueryRowContext(ctx, id).Scan(&data)
	return data, err
}

func (s statements) save(ctx context.Context, id string, data []byte) error {
	_, err := s.update.ExecContext(ctx, data, id)
	return err
}

// texts are those of database/sql where the driver prepares.
type texts struct {
	db                   *sql.DB
	insert, read, update string
}

func (t texts) create(ctx context.Context, id string, data []byte) error {
	_, err := t.db.ExecContext(ctx, t.insert, id, data)
	return err
}

func (t texts) load(ctx context.Context, id string) (data []byte, err error) {
	err = t.db.QueryRowContext(ctx, t.read, id).Scan(&data)
	return data, err
}

func (t texts) save(ctx context.Context, id string, data []byte) error {
	_, err := t.db.ExecContext(ctx, t.update, data, id)
	return err
}
