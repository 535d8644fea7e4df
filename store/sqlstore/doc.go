// Package sqlstore keeps session records in a table of PostgreSQL, MySQL,
// MariaDB, SQLite or libSQL, through database/sql and the driver that you choose.
//
//	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.PostgreSQL})
//	if err != nil {
//		return err
//	}
//	if err := st.Migrate(ctx); err != nil { // or run what Schema returns
//		return err
//	}
//	manager, err := sessions.New(st, sessions.Options{})
//
// Each call is one statement that is a transaction by itself, and one round
// trip on a connection that has run it before. Statements that failed because
// they met another one, by a deadlock, a serialization failure or SQLite's
// lock, are run again a few times; the engine undid them.
//
// # Time
//
// Expiry is a number of milliseconds since 1970 in UTC, and what it is
// compared with is the clock of this process. Neither the time zone of the
// server, the connection or the driver nor the database's clock has any part
// in it. The clocks of the processes that share a table should agree.
//
// # PostgreSQL
//
// Use pgx v5: [sql.Open]("pgx", …) or stdlib.OpenDB, which is a little faster,
// or stdlib.OpenDBFromPool over the pgxpool that you have; see the example. pgx
// prepares the statements on each connection by itself. Behind a pooler that
// shares connections between transactions set default_query_exec_mode=exec.
// Connect to the primary, because a replica that lags returns what was deleted:
// target_session_attrs=read-write lets pgx accept no other server.
//
// # MySQL and MariaDB
//
// Use github.com/go-sql-driver/mysql. Each connection must have autocommit on,
// and one value for character_set_client and character_set_connection. That is
// the driver's default; Migrate and each write return an error for a connection
// on which the server would lose or change records. No other parameter matters
// for what is right: clientFoundRows, parseTime, loc and time_zone may be
// anything. Also, interpolateParams saves nothing, because statements are
// prepared.
//
// Set timeout, readTimeout and writeTimeout, so that the driver notices a
// silent server. Set SetMaxIdleConns to the value of SetMaxOpenConns, otherwise
// connections are closed after each peak. The table must be of InnoDB. Any
// sql_mode will do but MariaDB's EMPTY_STRING_IS_NULL, which Migrate refuses.
//
// # Failover
//
// If a server of PostgreSQL, MySQL or MariaDB refuses a write because it is
// read-only, the store discards the idle connections of the pool and tries
// again, up to eight times. So when another server takes over at the same
// address, writes reach it without a restart. Other connections of the same
// pool that are idle at that moment are closed, too.
//
// # SQLite
//
// Package sqlitestore does all that is needed in one line. With a [*sql.DB] of
// your own, of any driver, set busy_timeout and journal_mode WAL.
//
// # libSQL
//
// Dialect LibSQL keeps IDs and subjects as blobs, because both clients change
// text. So the dialects LibSQL and SQLite do not find each other's records. To
// select by a subject, write CAST(subject AS TEXT) = 'ann'.
//
// For a server, or Turso, use github.com/tursodatabase/libsql-client-go,
// [sql.Open]("libsql", "libsql://…?authToken=…"), but no wss: over WebSockets it
// repeats a write whose answer was lost, so that a write that succeeded is
// reported as a conflict. Its README calls it deprecated, but it works: it is pure
// Go, observes contexts, and recovers when a server comes back. A call is one
// request, and a second one that closes its stream, for which the call does not
// wait. Only the context limits the time of a request. Requests use
// http.DefaultClient, whose transport keeps two idle connections to a server: set
// MaxIdleConnsPerHost to twice the value of SetMaxOpenConns.
//
// For a file of libSQL's own engine use github.com/tursodatabase/go-libsql,
// which needs cgo. It has no parameters for settings, so make them on the only
// connection:
//
//	db, err := sql.Open("libsql", "file:"+path)
//	…
//	db.SetMaxOpenConns(1)
//	for _, p := range []string{"busy_timeout = 5000", "journal_mode = WAL"} {
//		if err := db.QueryRow("PRAGMA " + p).Scan(new(any)); err != nil {
//			return err
//		}
//	}
//
// A call that waits for another process's lock ends with busy_timeout, not
// with its context. Do not use this client for a server: a connection that was
// idle for ten seconds fails from then on, and the pool keeps it. Do not use its
// embedded replicas: they show a revocation only when they synchronize. A program
// cannot link both clients. If the engine does not matter, use package
// sqlitestore, which needs no cgo.
package sqlstore
