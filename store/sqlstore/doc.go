// Package sqlstore keeps session records in a table of PostgreSQL, MySQL,
// MariaDB or SQLite, through database/sql and the driver that you choose.
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
// Use pgx v5: sql.Open("pgx", …) or stdlib.OpenDB, which is a little faster,
// or stdlib.OpenDBFromPool over the pgxpool that you have; see the example. pgx
// prepares the statements on each connection by itself. Behind a pooler that
// shares connections between transactions set default_query_exec_mode=exec.
// Connect to the primary: a replica that lags returns what was deleted.
//
// # MySQL and MariaDB
//
// Use github.com/go-sql-driver/mysql. None of its parameters matters for what
// is right: clientFoundRows, parseTime, loc and time_zone may be anything, and
// interpolateParams saves nothing, for statements are prepared. Set timeout,
// readTimeout and writeTimeout, so that a server that is silent is noticed,
// and SetMaxIdleConns to what SetMaxOpenConns is, or else connections are
// closed after each peak. The table has to be of InnoDB.
//
// # SQLite
//
// Package sqlitestore does all that is needed in one line. With a *sql.DB of
// your own, of any driver, set busy_timeout and journal_mode WAL.
package sqlstore
