package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alexedwards/scs/mysqlstore"
	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/sqlite3store"
	"github.com/alexedwards/scs/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlitestore"
	"github.com/gosessions/sessions/store/sqlstore"
)

// own is the schema that the measurement makes for itself, and the table of
// this library's stores.
const own = "sessions_bench"

// database is a database that sessions are kept in, and the sites that are
// measured on it.
type database struct {
	name    string
	sites   []site
	crowds  []int // how many visitors come at once, beside the one
	close   func()
	version func() (string, error)
}

// Name returns the database's name.
func (d database) Name() string { return d.name }

// Version asks the database for its version.
func (d database) Version() (string, error) { return d.version() }

// answer is a version that a query tells.
func answer(db *sql.DB, query string) func() (string, error) {
	return func() (v string, err error) {
		err = db.QueryRow(query).Scan(&v)
		return v, err
	}
}

// databases opens those whose address is in the environment, and SQLite in a
// directory.
func databases(dir string) (all []database, err error) {
	for _, d := range []struct {
		address string
		open    func(address string) (database, error)
	}{
		{os.Getenv("POSTGRES_URL"), postgresql},
		{os.Getenv("MARIADB_DSN"), mariadb},
		{filepath.Join(dir, "sessions.db"), sqlite},
		{os.Getenv("REDIS_URL"), redisServer},
	} {
		if d.address == "" {
			continue
		}
		opened, err := d.open(d.address)
		if err != nil {
			return nil, err
		}
		all = append(all, opened)
	}
	return all, nil
}

func postgresql(address string) (database, error) {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return database{}, err
	}
	config.MaxConns = clients
	config.ConnConfig.RuntimeParams["search_path"] = own
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return database{}, err
	}
	db := stdlib.OpenDBFromPool(pool)
	return database{
			name: "PostgreSQL", crowds: []int{clients}, version: answer(db, "SHOW server_version"),
			close: func() { _ = db.Close(); pool.Close() },
			sites: []site{
				onSQL(db, sqlstore.PostgreSQL),
				onSCS("scs, pgxstore", scsModule+"/pgxstore", func() scs.Store { return pgxstore.NewWithCleanupInterval(pool, 0) }),
				onSCS("scs, postgresstore", scsModule+"/postgresstore", func() scs.Store { return postgresstore.NewWithCleanupInterval(db, 0) }),
				bareCalls("pgxpool alone", func() calls { return pgxCalls{pool} }),
				bareCalls("database/sql alone", func() calls {
					return texts{db, "INSERT INTO bare VALUES ($1, $2)", "SELECT data FROM bare WHERE id = $1", "UPDATE bare SET data = $1 WHERE id = $2"}
				}),
			},
		}, setUp(db,
			"DROP SCHEMA IF EXISTS "+own+" CASCADE", "CREATE SCHEMA "+own,
			"CREATE TABLE sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL)",
			"CREATE INDEX ON sessions (expiry)",
			"CREATE TABLE bare (id TEXT PRIMARY KEY, data BYTEA NOT NULL)")
}

// mariadb makes its tables in the database of the address, for scs cannot be
// told a table's name; it fails where they are there already.
func mariadb(address string) (database, error) {
	config, err := mysql.ParseDSN(address)
	if err != nil {
		return database{}, err
	}
	config.InterpolateParams, config.ParseTime = true, true // what scs documents, and a round trip less
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return database{}, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(clients)
	db.SetMaxIdleConns(clients)
	return database{
			name: "MariaDB", crowds: []int{clients}, version: answer(db, "SELECT VERSION()"),
			close: func() {
				_ = setUp(db, "DROP TABLE IF EXISTS sessions, bare, "+own)
				_ = db.Close()
			},
			sites: []site{
				onSQL(db, sqlstore.MySQL),
				onSCS("scs, mysqlstore", scsModule+"/mysqlstore", func() scs.Store { return mysqlstore.NewWithCleanupInterval(db, 0) }),
				bareCalls("database/sql alone", func() calls {
					return prepared(db, "INSERT INTO bare VALUES (?, ?)", "SELECT data FROM bare WHERE id = ?", "UPDATE bare SET data = ? WHERE id = ?")
				}),
			},
		}, setUp(db,
			"CREATE TABLE sessions (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL, KEY (expiry))",
			"CREATE TABLE bare (id VARBINARY(64) PRIMARY KEY, data BLOB NOT NULL)")
}

func sqlite(path string) (database, error) {
	kept, err := sqlitestore.Open(path)
	if err != nil {
		return database{}, err
	}
	// As sqlitestore opens it: the write-ahead log, one connection that writes.
	db, err := sql.Open("sqlite", "file:"+path+".others?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return database{}, err
	}
	db.SetMaxOpenConns(1)
	return database{
			name: "SQLite", crowds: []int{clients}, version: answer(db, "SELECT sqlite_version()"),
			close: func() { _ = kept.Close(); _ = db.Close() },
			sites: []site{
				ours("sessions, sqlitestore", library, func() store.Store { return kept }),
				onSCS("scs, sqlite3store", scsModule+"/sqlite3store", func() scs.Store { return sqlite3store.NewWithCleanupInterval(db, 0) }),
				bareCalls("database/sql alone", func() calls {
					return prepared(db, "INSERT INTO bare VALUES (?, ?)", "SELECT data FROM bare WHERE id = ?", "UPDATE bare SET data = ? WHERE id = ?")
				}),
			},
		}, setUp(db,
			"CREATE TABLE sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL)",
			"CREATE INDEX sessions_expiry ON sessions (expiry)",
			"CREATE TABLE bare (id TEXT PRIMARY KEY, data BLOB NOT NULL)")
}

// setUp runs statements.
func setUp(db *sql.DB, statements ...string) error {
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// onSQL is this library on a table of a database.
func onSQL(db *sql.DB, d sqlstore.Dialect) site {
	return ours("sessions, sqlstore", library, func() store.Store {
		st := must(sqlstore.New(db, sqlstore.Options{Dialect: d, Table: own}))
		check(st.Migrate(context.Background()))
		return st
	})
}
