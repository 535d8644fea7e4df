package sqlstore_test

import (
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/sqlstore"
)

// indexes returns the names of a table's two indexes, and the SQL that drops
// one of that name.
func indexes(opts sqlstore.Options) (names []string, drop string) {
	if opts.Dialect == sqlstore.MySQL {
		return []string{"by_expires", "by_subject"}, "ALTER TABLE " + opts.Table + " DROP KEY "
	}
	return []string{opts.Table + "_expires", opts.Table + "_subject"}, "DROP INDEX "
}

func TestR103_MigrateMakesIndexesThatAreMissing(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB, st *sqlstore.Store, opts sqlstore.Options) {
		names, drop := indexes(opts)
		for _, name := range names {
			for range 2 { // the second time there is one to drop again
				_, err := db.Exec(drop + name)
				ok(t, err)
				ok(t, st.Migrate(t.Context()))
			}
		}
	})
}

func TestR103_MigrateRefusesATableWithoutAKey(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st, opts := fresh(t, db, e.dialect)
			script, err := sqlstore.Schema(opts)
			ok(t, err)
			for text := range strings.SplitSeq(strings.TrimSuffix(script, ";\n"), ";\n\n") {
				_, err := db.Exec(strings.Replace(text, " PRIMARY KEY", "", 1))
				ok(t, err)
			}
			wants(t, "Migrate", st.Migrate(t.Context()), opts.Table)
			var left int
			ok(t, db.QueryRow("SELECT COUNT(*) FROM "+opts.Table).Scan(&left))
			if left != 0 {
				t.Errorf("Migrate has left %d records", left)
			}
		})
	}
}

func TestR103_MigrateRefusesAnIndexOfAnotherTable(t *testing.T) {
	for _, e := range engines {
		if e.dialect == sqlstore.MySQL {
			continue // whose tables have names of their own for indexes
		}
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st, opts := fresh(t, db, e.dialect)
			names, _ := indexes(opts)
			other := opts.Table + "_other"
			t.Cleanup(func() { _, _ = db.Exec("DROP TABLE " + other) })
			for _, text := range []string{"CREATE TABLE " + other + " (expires INT)", "CREATE INDEX " + names[0] + " ON " + other + " (expires)"} {
				_, err := db.Exec(text)
				ok(t, err)
			}
			wants(t, "Migrate", st.Migrate(t.Context()), names[0], "drop or rename")
		})
	}
}

func TestR103_MigrateRefusesAModeThatKeepsNoEmptyText(t *testing.T) {
	db := mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.Params = map[string]string{"sql_mode": "'EMPTY_STRING_IS_NULL'"} })
	st, _ := fresh(t, db, sqlstore.MySQL)
	wants(t, "Migrate", st.Migrate(t.Context()), "EMPTY_STRING_IS_NULL")
}

// TestR103_MigrateRefusesAnIndexThatWasLeftUnfinished: PostgreSQL uses none that
// CREATE INDEX CONCURRENTLY could not finish.
func TestR103_MigrateRefusesAnIndexThatWasLeftUnfinished(t *testing.T) {
	db := postgres(t, nil)
	st, opts := migrated(t, db, sqlstore.PostgreSQL)
	names, _ := indexes(opts)
	_, err := db.Exec("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '" + names[0] + "'::regclass")
	ok(t, err)
	wants(t, "Migrate", st.Migrate(t.Context()), names[0], "drop or rename")
}

// TestR103_FourPrivilegesAreEnoughIfNothingIsMissing, and if something is, the
// error says who makes it.
func TestR103_FourPrivilegesAreEnoughIfNothingIsMissing(t *testing.T) {
	role := "sqlstore_" + strings.ToLower(rand.Text())
	for name, open := range map[string]func(t *testing.T) (owner, user *sql.DB, to string, d sqlstore.Dialect){
		"PostgreSQL": func(t *testing.T) (owner, user *sql.DB, to string, d sqlstore.Dialect) {
			owner = postgres(t, nil)
			_, err := owner.Exec("CREATE ROLE " + role + " LOGIN")
			ok(t, err)
			t.Cleanup(func() { _, _ = owner.Exec("DROP ROLE " + role) })
			user = postgres(t, func(c *pgxpool.Config) { c.ConnConfig.User = role })
			return owner, user, role, sqlstore.PostgreSQL
		},
		"MariaDB": func(t *testing.T) (owner, user *sql.DB, to string, d sqlstore.Dialect) {
			config, err := mysql.ParseDSN(testserver.Private(t, testserver.MariaDB).Address)
			ok(t, err)
			as := func(name string) *sql.DB {
				config.User, config.Passwd = name, ""
				connector, err := mysql.NewConnector(config)
				ok(t, err)
				return closed(t, sql.OpenDB(connector))
			}
			owner = as("root")
			_, err = owner.Exec("CREATE USER app@127.0.0.1")
			ok(t, err)
			_, err = owner.Exec("GRANT CREATE TEMPORARY TABLES ON sessions.* TO app@127.0.0.1") // so that it may connect
			ok(t, err)
			return owner, as("app"), "app@127.0.0.1", sqlstore.MySQL
		},
	} {
		t.Run(name, func(t *testing.T) {
			owner, user, to, d := open(t)
			byOwner, opts := migrated(t, owner, d)
			st, err := sqlstore.New(user, opts)
			ok(t, err)
			wants(t, "Migrate without privileges", st.Migrate(t.Context()), "it needs SELECT, INSERT, UPDATE and DELETE on "+opts.Table)

			_, err = owner.Exec("GRANT SELECT, INSERT, UPDATE, DELETE ON " + opts.Table + " TO " + to)
			ok(t, err)
			ok(t, st.Migrate(t.Context()))
			for _, c := range calls(t.Context(), st, "a") {
				ok(t, c.run())
			}

			names, drop := indexes(opts)
			_, err = owner.Exec(drop + names[0])
			ok(t, err)
			wants(t, "Migrate without an index", st.Migrate(t.Context()), names[0], "is missing", "let the owner call Migrate")
			ok(t, byOwner.Migrate(t.Context()))
			ok(t, st.Migrate(t.Context()))
		})
	}
}
