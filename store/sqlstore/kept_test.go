package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

var mySQLs = []testserver.Engine{testserver.MariaDB, testserver.MySQL}

// TestR100_ConnectionThatLosesOrChangesWritesIsRefused: by Migrate, and by each
// write if nobody has called Migrate.
func TestR100_ConnectionThatLosesOrChangesWritesIsRefused(t *testing.T) {
	for _, server := range mySQLs {
		for name, test := range map[string]struct {
			parameters map[string]string
			wants      string
		}{
			"no autocommit":       {map[string]string{"autocommit": "0"}, "add autocommit=true to the data source name"},
			"latin1 on the way":   {map[string]string{"collation_connection": "latin1_swedish_ci"}, "character_set_connection is latin1"},
			"latin1 at the start": {map[string]string{"character_set_client": "latin1"}, "character_set_client is latin1"},
			"utf8mb3 on the way":  {map[string]string{"character_set_connection": "utf8mb3"}, "character_set_connection is utf8mb3"},
		} {
			t.Run(string(server)+", "+name, func(t *testing.T) {
				sound, opts := migrated(t, mariadb(t, server, nil), sqlstore.MySQL)
				db := mariadb(t, server, func(c *mysql.Config) { c.Params = test.parameters })
				st, err := sqlstore.New(db, opts)
				ok(t, err)
				wants(t, "Migrate", st.Migrate(t.Context()), "sqlstore: migrate: ", test.wants)
				for range 2 {
					for _, c := range calls(t.Context(), st, "a") {
						if c.name != "Load" && c.name != "List" {
							wants(t, c.name, c.run(), test.wants)
						}
					}
				}
				if t.Failed() {
					return // what is not committed holds locks
				}
				for _, c := range calls(t.Context(), sound, "a") {
					ok(t, c.run())
				}
			})
		}
	}
}

// TestR100_OneCharacterSetOfAnyKindKeepsBytes: latin1 is fine if the client and
// the connection agree on it.
func TestR100_OneCharacterSetOfAnyKindKeepsBytes(t *testing.T) {
	for _, server := range mySQLs {
		for _, collation := range []string{"latin1_swedish_ci", "utf8_general_ci", "binary"} {
			t.Run(string(server)+" "+collation, func(t *testing.T) {
				db := mariadb(t, server, func(c *mysql.Config) { c.Collation = collation })
				migrated(t, db, sqlstore.MySQL)
			})
		}
	}
}

// TestR100_BytesThatThePoolerSendsEscapedAreRefused: pgx reads bytea as text if
// it must not prepare, and then in one format only.
func TestR100_BytesThatThePoolerSendsEscapedAreRefused(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			db := postgres(t, func(c *pgxpool.Config) {
				c.ConnConfig.DefaultQueryExecMode = mode
				c.ConnConfig.RuntimeParams["bytea_output"] = "escape"
			})
			st, _ := fresh(t, db, sqlstore.PostgreSQL)
			wants(t, "Migrate", st.Migrate(t.Context()), "SET bytea_output = hex")
			ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
			_, err := st.Load(t.Context(), "a")
			wants(t, "Load", err, "SET bytea_output = hex")
		})
	}
}

// TestR101_RecordOverThePacketLimitIsOneVisitorsError: the connection stays, and
// serves others.
func TestR101_RecordOverThePacketLimitIsOneVisitorsError(t *testing.T) {
	for _, server := range mySQLs {
		t.Run(string(server), func(t *testing.T) {
			db := mariadb(t, server, nil)
			st, _ := migrated(t, db, sqlstore.MySQL)
			db.SetMaxOpenConns(1)
			var limit, before, after int
			ok(t, db.QueryRow("SELECT @@max_allowed_packet, CONNECTION_ID()").Scan(&limit, &before))
			r := store.Record{ID: "a", Version: 1, Expires: time.Now().Add(time.Hour)}
			ok(t, st.Create(t.Context(), r))

			large := r
			large.Data = make([]byte, limit)
			wants(t, "Save", st.Save(t.Context(), large), fmt.Sprint("max_allowed_packet is ", limit), "keep less in the session")
			large.ID = "b"
			wants(t, "Create", st.Create(t.Context(), large), fmt.Sprint("max_allowed_packet is ", limit))

			for _, c := range calls(t.Context(), st, "another") {
				ok(t, c.run())
			}
			ok(t, st.Save(t.Context(), r))
			ok(t, db.QueryRow("SELECT CONNECTION_ID()").Scan(&after))
			if before != after {
				t.Error("the connection was lost")
			}
		})
	}
}

// TestR101_RecordJustBelowThePacketLimitIsKept: the limit is the server's and not
// one of our own.
func TestR101_RecordJustBelowThePacketLimitIsKept(t *testing.T) {
	db := mariadb(t, testserver.MariaDB, nil)
	st, _ := migrated(t, db, sqlstore.MySQL)
	limit := 0
	ok(t, db.QueryRow("SELECT @@max_allowed_packet").Scan(&limit))
	r := store.Record{ID: "a", Data: make([]byte, limit-2048), Expires: time.Now().Add(time.Hour)}
	ok(t, st.Create(t.Context(), r))
	got, err := st.Load(t.Context(), "a")
	if err != nil || len(got.Data) != len(r.Data) {
		t.Errorf("Load: %d bytes, error %v; want %d", len(got.Data), err, len(r.Data))
	}
}
