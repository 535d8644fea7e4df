package sqlstore_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			testserver.Report(t, "sqlstore", product(t, db, e))
			st, _ := migrated(t, db, e.dialect)
			storetest.Run(t, func(*testing.T) store.Store { return st })
		})
	}
}

// The databases' clocks are far from UTC, and at least one of them from the
// zone of the process.
func TestExpiryIsRightInAnyTimeZoneOfTheDatabase(t *testing.T) {
	for name, open := range map[string]func(t *testing.T, zone string) (*sql.DB, sqlstore.Dialect){
		"PostgreSQL": func(t *testing.T, zone string) (*sql.DB, sqlstore.Dialect) {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["timezone"] = zone }), sqlstore.PostgreSQL
		},
		"MariaDB": func(t *testing.T, zone string) (*sql.DB, sqlstore.Dialect) {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.Params = map[string]string{"time_zone": "'" + zone + "'"} }), sqlstore.MySQL
		},
	} {
		for _, zone := range []string{"+09:00", "-11:00"} {
			t.Run(name+" at "+zone, func(t *testing.T) {
				ctx := t.Context()
				db, dialect := open(t, zone)
				st, _ := migrated(t, db, dialect)
				now := time.Now().Truncate(time.Millisecond)
				for id, expires := range map[string]time.Time{"dead": now.Add(-time.Second), "live": now.Add(time.Minute)} {
					ok(t, st.Create(ctx, store.Record{ID: id, Expires: expires}))
				}
				if _, err := st.Load(ctx, "dead"); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("Load of what expired a second ago: %v", err)
				}
				r, err := st.Load(ctx, "live")
				if err != nil || !r.Expires.Equal(now.Add(time.Minute)) {
					t.Errorf("Load of what expires in a minute: expires %v, error %v; want %v", r.Expires, err, now.Add(time.Minute))
				}
				if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
					t.Errorf("Sweep removed %d, error %v; want 1", n, err)
				}
			})
		}
	}
}

func TestIDsAndSubjectsOfAnyBytes(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		ctx := t.Context()
		texts := []string{"\x00", "a\x00b", "a\x00c", "a", "\xff\xfe", "\xc3\x28", "\\x61", `a\`, "A", "a "}
		for _, text := range texts {
			ok(t, st.Create(ctx, store.Record{ID: text, Subject: text, Data: []byte(text), Expires: time.Now().Add(time.Minute)}))
		}
		for _, text := range texts {
			r, err := st.Load(ctx, text)
			if err != nil || r.Subject != text || string(r.Data) != text {
				t.Errorf("Load(%q): %q of %q, error %v", text, r.Data, r.Subject, err)
			}
			if got := ids(t, st, text); len(got) != 1 || got[0] != text {
				t.Errorf("List(%q): %q", text, got)
			}
		}
	})
}

func ids(t *testing.T, st *sqlstore.Store, subject string) (ids []string) {
	t.Helper()
	for r, err := range st.List(t.Context(), subject) {
		ok(t, err)
		ids = append(ids, r.ID)
	}
	return ids
}
