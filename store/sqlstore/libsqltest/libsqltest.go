// Package libsqltest tests sqlstore on libSQL: on a server in package remote,
// on a file in package local. One program cannot have both, for their drivers
// have the same name.
package libsqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
	"github.com/gosessions/sessions/store/storetest"
)

// Table returns a name that no other test has.
func Table() string { return "libsqltest_" + rand.Text() }

// New returns a store on a table, which is made, and goes with the test.
func New(t *testing.T, db *sql.DB) *sqlstore.Store {
	t.Helper()
	table := Table()
	st, err := Open(t.Context(), db, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = db.Exec("DROP TABLE " + table) })
	return st
}

// Open returns a store on a table, which it makes if it is not there.
func Open(ctx context.Context, db *sql.DB, table string) (*sqlstore.Store, error) {
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.LibSQL, Table: table})
	if err != nil {
		return nil, err
	}
	return st, st.Migrate(ctx)
}

// Contract checks the contract of stores, and reports by which client.
func Contract(t *testing.T, db *sql.DB, client string) {
	t.Helper()
	version := ""
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	testserver.Report(t, "sqlstore", "libSQL on SQLite "+version+" "+client)
	st := New(t, db)
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// Texts checks ids and subjects that the clients would change as text: with a
// zero byte, not UTF-8, or like a time.
func Texts(t *testing.T, st *sqlstore.Store) {
	t.Helper()
	ctx := t.Context()
	texts := []string{"a\x00b", "a\x00c", "a", "\xff\xfe", "\xc3\x28", "2006-01-02", "2006-01-02T15:04:05Z", "12", "012", "1e3"}
	for _, text := range texts {
		r := store.Record{ID: text, Version: 1, Subject: text, Data: []byte(text), Expires: time.Now().Add(time.Minute)}
		if err := errors.Join(st.Create(ctx, r), st.Save(ctx, r)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range texts {
		r, err := st.Load(ctx, text)
		if err != nil || r.ID != text || r.Subject != text || string(r.Data) != text {
			t.Errorf("Load(%q): %q of %q, error %v", text, r.Data, r.Subject, err)
		}
		var ids []string
		for r, err := range st.List(ctx, text) {
			if err != nil {
				t.Errorf("List(%q): %v", text, err)
			}
			ids = append(ids, r.ID)
		}
		if !slices.Equal(ids, []string{text}) {
			t.Errorf("List(%q): %q", text, ids)
		}
	}
}

// Advice checks that errors say what to do, and nothing of the data.
func Advice(t *testing.T, db *sql.DB) {
	t.Helper()
	ctx := t.Context()
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.LibSQL, Table: Table()})
	if err != nil {
		t.Fatal(err)
	}
	r := store.Record{ID: "identity", Version: 1, Subject: "subject", Data: []byte("s3cret"), Expires: time.Now().Add(time.Minute)}
	for name, err := range map[string]error{"Create": st.Create(ctx, r), "Save": st.Save(ctx, r)} {
		if err == nil || !strings.Contains(err.Error(), "call Migrate") {
			t.Errorf("%s without a table: %v", name, err)
			continue
		}
		for _, secret := range []string{"identity", "s3cret", "subject\"", "czNjcmV0"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: error %v has %q", name, err, secret)
			}
		}
	}
}
