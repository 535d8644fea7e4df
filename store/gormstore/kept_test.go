package gormstore_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

var mySQLs = []testserver.Engine{testserver.MariaDB, testserver.MySQL}

// TestR100_ConnectionThatLosesOrChangesWritesIsRefused: by Migrate, and by each
// write if nobody has called Migrate.
func TestR100_ConnectionThatLosesOrChangesWritesIsRefused(t *testing.T) {
	for _, server := range mySQLs {
		for parameter, test := range map[string]struct{ value, wants string }{
			"autocommit":           {"0", "add autocommit=true to the data source name"},
			"collation_connection": {"latin1_swedish_ci", "character_set_connection is latin1"},
		} {
			t.Run(string(server)+", "+parameter, func(t *testing.T) {
				sound := engine{dialector: mySQL(server, func(*driver.Config) {})}.open(t)
				migrated(t, sound, gormstore.Options{})
				names := func(c *gorm.Config) { c.NamingStrategy = sound.NamingStrategy }
				db := engine{dialector: mySQL(server, func(c *driver.Config) { c.Params = map[string]string{parameter: test.value} })}.open(t, names)
				st, err := gormstore.New(db, gormstore.Options{})
				ok(t, err)
				wants(t, call{"Migrate", func() error { return st.Migrate(t.Context()) }}, "gormstore: migrate: ")
				for _, c := range calls(t.Context(), st, "a") {
					if c.name != "Load" && c.name != "List" {
						wants(t, c, test.wants)
					}
				}
			})
		}
	}
}

// TestR100_BytesThatThePoolerSendsEscapedAreRefused: pgx reads bytea as text if
// it must not prepare, and then in one format only.
func TestR100_BytesThatThePoolerSendsEscapedAreRefused(t *testing.T) {
	db := engine{dialector: func(t testing.TB) gorm.Dialector {
		config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
		ok(t, err)
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		config.RuntimeParams["bytea_output"] = "escape"
		return postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)})
	}}.open(t)
	st, err := gormstore.New(db, gormstore.Options{})
	ok(t, err)
	t.Cleanup(func() { _ = db.Migrator().DropTable(&gormstore.Session{}) })
	wants(t, call{"Migrate", func() error { return st.Migrate(t.Context()) }}, "SET bytea_output = hex")
}

// TestR101_RecordOverThePacketLimitIsOneVisitorsError: the connection stays, and
// serves others.
func TestR101_RecordOverThePacketLimitIsOneVisitorsError(t *testing.T) {
	for _, server := range mySQLs {
		t.Run(string(server), func(t *testing.T) {
			db := engine{dialector: mySQL(server, func(*driver.Config) {}), prepare: true}.open(t)
			st := migrated(t, db, gormstore.Options{})
			pool, err := db.DB()
			ok(t, err)
			pool.SetMaxOpenConns(1)
			var limit, before, after int
			ok(t, pool.QueryRow("SELECT @@max_allowed_packet, CONNECTION_ID()").Scan(&limit, &before))
			r := store.Record{ID: "a", Version: 1, Expires: time.Now().Add(time.Hour)}
			ok(t, st.Create(t.Context(), r))
			large := r
			large.Data = make([]byte, limit)
			wants(t, call{"Save", func() error { return st.Save(t.Context(), large) }}, fmt.Sprint("max_allowed_packet is ", limit))
			ok(t, st.Save(t.Context(), r))
			for _, c := range calls(t.Context(), st, "another") {
				ok(t, c.run())
			}
			ok(t, pool.QueryRow("SELECT CONNECTION_ID()").Scan(&after))
			if before != after {
				t.Error("the connection was lost")
			}
		})
	}
}

// TestR102_WritesReachTheNewPrimaryWithoutARestart: all connections of the pool
// are as those to a primary that was replaced, and new ones can write.
func TestR102_WritesReachTheNewPrimaryWithoutARestart(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		readOnly := map[string]string{
			"PostgreSQL": "SET SESSION default_transaction_read_only = on",
			"MariaDB":    "SET SESSION TRANSACTION READ ONLY",
			"MySQL":      "SET SESSION TRANSACTION READ ONLY",
		}[e.product]
		if readOnly == "" {
			return // a file has no replacement
		}
		db := e.open(t)
		pool, err := db.DB()
		ok(t, err)
		st := migrated(t, db, gormstore.Options{})
		for _, c := range calls(t.Context(), st, "a") {
			var conns []*sql.Conn
			for range 4 {
				conn, err := pool.Conn(t.Context())
				ok(t, err)
				_, err = conn.ExecContext(t.Context(), readOnly)
				ok(t, err)
				conns = append(conns, conn)
			}
			for _, conn := range conns {
				ok(t, conn.Close())
			}
			if err := c.run(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestR103_MigrateRefusesATableWithoutAKey(t *testing.T) {
	for columns, e := range map[string]engine{
		"(id bytea, version bigint, expires bigint, subject bytea, data bytea)":                       engines[0],
		"(id varbinary(128), version bigint, expires bigint, subject longblob, data longblob)":        engines[2],
		"(id text, version integer, expires integer, subject text, data blob, note int)":              engines[len(engines)-1],
		"(id varbinary(128), version bigint, expires bigint, subject longblob, data longblob, n int)": engines[4],
	} {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			table := db.NamingStrategy.TableName("Session")
			ok(t, db.Exec("CREATE TABLE "+table+" "+columns).Error)
			t.Cleanup(func() { _ = db.Migrator().DropTable(&gormstore.Session{}) })
			st, err := gormstore.New(db, gormstore.Options{})
			ok(t, err)
			wants(t, call{"Migrate", func() error { return st.Migrate(t.Context()) }}, table)
		})
	}
}

// TestR103_FourPrivilegesAreEnoughIfNothingIsMissing, and if something is, the
// error says who makes it.
func TestR103_FourPrivilegesAreEnoughIfNothingIsMissing(t *testing.T) {
	owner := engines[0].open(t)
	byOwner := migrated(t, owner, gormstore.Options{})
	role := "gormstore_" + strings.ToLower(rand.Text())
	ok(t, owner.Exec("CREATE ROLE "+role+" LOGIN").Error)
	t.Cleanup(func() { ok(t, owner.Exec("DROP OWNED BY "+role+"; DROP ROLE "+role).Error) })
	user := engine{dialector: func(t testing.TB) gorm.Dialector {
		config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
		ok(t, err)
		config.User = role
		return postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)})
	}}.open(t, func(c *gorm.Config) {
		c.NamingStrategy, c.Logger = owner.NamingStrategy.(schema.NamingStrategy), logger.Discard
	})
	table := owner.NamingStrategy.TableName("Session")
	st, err := gormstore.New(user, gormstore.Options{})
	ok(t, err)
	migrate := call{"Migrate", func() error { return st.Migrate(t.Context()) }}

	ok(t, owner.Exec("GRANT SELECT, INSERT, UPDATE, DELETE ON "+table+" TO "+role).Error)
	ok(t, migrate.run())
	for _, c := range calls(t.Context(), st, "a") {
		ok(t, c.run())
	}
	ok(t, owner.Exec("DROP INDEX "+owner.NamingStrategy.IndexName(table, "expires")).Error)
	wants(t, migrate, "let the owner call Migrate")
	ok(t, byOwner.Migrate(t.Context()))
	ok(t, migrate.run())
}
