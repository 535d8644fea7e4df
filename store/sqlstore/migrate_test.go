package sqlstore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

func TestMigrateOfSeveralAtOnceAndAgain(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			for range 5 {
				_, opts := fresh(t, db, e.dialect)
				var wg sync.WaitGroup
				start := make(chan struct{})
				for i := range 8 {
					if e.dialect == sqlstore.PostgreSQL && i%2 == 0 {
						opts.Schema = "public" // which is where it is without
					} else {
						opts.Schema = ""
					}
					st, err := sqlstore.New(db, opts)
					ok(t, err)
					wg.Go(func() {
						<-start
						if err := st.Migrate(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				close(start)
				wg.Wait()
			}
		})
	}
}

func TestMigrateKeepsWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
		ok(t, st.Migrate(t.Context()))
		_, err := st.Load(t.Context(), "a")
		ok(t, err)
	})
}

// TestStatementsSurviveAMigratedTable: those that are prepared must not be
// stuck with the table as it was.
func TestStatementsSurviveAMigratedTable(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB, st *sqlstore.Store, opts sqlstore.Options) {
		all := func(id string) {
			t.Helper()
			for _, c := range calls(t.Context(), st, id) {
				if err := c.run(); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
		all("before")
		change := map[sqlstore.Dialect][]string{
			sqlstore.PostgreSQL: {"ADD note text", "ALTER version TYPE numeric", "ALTER version TYPE bigint"},
			sqlstore.MySQL:      {"ADD note INT", "MODIFY version DECIMAL(20)", "MODIFY version BIGINT NOT NULL"},
			sqlstore.SQLite:     {"ADD note INT", "DROP note"},
		}[opts.Dialect]
		for _, c := range change {
			_, err := db.Exec("ALTER TABLE " + opts.Table + " " + c)
			ok(t, err)
			all("after " + c)
		}
		_, err := db.Exec("DROP TABLE " + opts.Table)
		ok(t, err)
		ok(t, st.Migrate(t.Context()))
		all("anew")
	})
}

func TestSchemaIsWhatMigrateRuns(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st, opts := fresh(t, db, e.dialect)
			script, err := sqlstore.Schema(opts)
			ok(t, err)
			for text := range strings.SplitSeq(strings.TrimSuffix(script, ";\n"), ";\n\n") {
				_, err := db.Exec(text)
				ok(t, err)
			}
			for _, c := range calls(t.Context(), st, "a") {
				ok(t, c.run())
			}
		})
	}
}

func TestSchemaOfTheTable(t *testing.T) {
	db := sqlite(t)
	db.SetMaxOpenConns(1) // the one that has the other file
	_, err := db.Exec("ATTACH ':memory:' AS other")
	ok(t, err)
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.SQLite, Schema: "other", Table: "order"})
	ok(t, err)
	ok(t, st.Migrate(t.Context()))
	ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
	var n int
	ok(t, db.QueryRow(`SELECT COUNT(*) FROM other."order"`).Scan(&n))
	if n != 1 {
		t.Errorf("the table has %d records, want 1", n)
	}
}

func TestListYieldsMoreThanAPageAndHoldsNoConnection(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		db.SetMaxOpenConns(1)
		for i := range 250 {
			ok(t, st.Create(t.Context(), store.Record{ID: fmt.Sprintf("%04d", i), Subject: "ann", Expires: time.Now().Add(time.Hour)}))
		}
		n := 0
		for r, err := range st.List(t.Context(), "ann") {
			ok(t, err)
			ok(t, st.Delete(t.Context(), r.ID)) // as Manager.RevokeAll does
			n++
		}
		if n != 250 {
			t.Errorf("List yielded %d records, want 250", n)
		}
		if _, err := st.Load(t.Context(), "0249"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load of what was deleted: %v", err)
		}
	})
}
