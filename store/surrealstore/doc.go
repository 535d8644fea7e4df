// Package surrealstore keeps session records in a table of SurrealDB, through
// the client github.com/surrealdb/surrealdb.go.
//
//	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "wss://db.example:8000"})
//	…
//	db, err := surrealdb.FromConnection(ctx, conn)
//	…
//	_, err = db.SignIn(ctx, surrealdb.Auth{Namespace: "app", Database: "app", Username: "sessions", Password: password})
//	…
//	err = db.Use(ctx, "app", "app")
//	…
//	st, err := surrealstore.New(db, surrealstore.Options{})
//	…
//	err = st.Migrate(ctx)
//	…
//	manager, err := sessions.New(st, sessions.Options{})
//
// It needs SurrealDB 2.0 or later: an UPDATE of older ones creates. Each call
// is one statement, which is a transaction by itself, and one round trip; List
// takes one for each hundred records. Ids are parameters, never text in a
// statement.
//
// # The back end
//
// Run the server on RocksDB (surreal start rocksdb://…). Its other two, memory
// and SurrealKV, lose updates: of transactions that meet they commit two where
// one is to fail, so that a request overwrites what another has saved, and two
// create one record. No client can make up for that, nor can it find out what
// back end a server has, which tells nobody. docs/surrealdb.md has figures.
// TiKV was not tried.
//
// Whether what the server has acknowledged survives a loss of power is its
// setting: SURREAL_SYNC_DATA, in newer versions the parameter sync of its path.
// Where it does not, a logout can be lost with it.
//
// # Transactions that meet
//
// Of transactions that meet at one record the server commits one and refuses
// the others with a text that ends in "This transaction can be retried". They
// have changed nothing, and the store executes them again, after a random time
// of at most 64 milliseconds, until the context ends. Nothing else is executed
// again, but reads whose connection was lost, once.
//
// # The connection
//
// A store takes any *surrealdb.DB, and calls to it are as good as its
// connection. Use [Connection], which comes back after the server did, signs in
// again, and whose calls end with their context and with the connection. Those
// of the client itself (v1.3.0) do not come back:
//
//   - gorillaws, which surrealdb.FromEndpointURLString makes of ws:// and wss://,
//     ends the whole process by a panic when its connection is reset, and fails
//     for ever when it was closed without a farewell; contrib/rews does not
//     notice that.
//   - gws leaves calls waiting until their contexts end, has a data race when
//     it is closed, and can block for all when one call's context ends.
//   - contrib/rews signs in again by the old token, which the server takes for
//     an hour, unless it is told otherwise.
//   - http has no connection to lose, but stops working after that hour, and
//     panics where a proxy answers by a page; the store makes an error of that.
//
// # Users
//
// The user needs the role EDITOR, on the database or above. The server drops
// what a VIEWER writes without an error. The store finds out: until a write of
// its own has had an effect, it looks again where one had none, by one more
// round trip, and it always does where a Delete had none.
//
// A session of the server's lasts for ever unless the user was defined with a
// DURATION FOR SESSION. With a Connection it is renewed when it has expired.
//
// # The table
//
// Migrate defines it with fields of fixed types, one index for subjects and
// one for expiry, and without permissions, so that record users and guests of
// the database see nothing of it. Without Migrate the first Create makes a
// table without all of that, and List and Sweep read all of it. Ids and
// subjects that are no valid UTF-8, have a zero byte or begin with a tilde are
// kept as a tilde and their base64.
//
// Whoever can read the table learns whose sessions there are, and when they
// expire; it lets nobody in. Whoever can write it is trusted.
//
// # Time
//
// Expiry is a number of milliseconds since 1970 in UTC, and what it is
// compared with is the clock of this process; the server's has no part in it.
// The clocks of the processes that share a table should agree. The server
// removes nothing by itself: run Manager.Sweep in one process or in all.
//
// # What it was tested with
//
// The engine of SurrealDB 3.0.2 on RocksDB, behind a WebSocket of our own in
// place of the program surreal. So the following was never seen:
//
//   - the server's HTTP endpoint, and TLS;
//   - a server that is killed: connections were cut, refused, silent and
//     without answers instead;
//   - guests being refused: the engine alone lets everybody in;
//   - versions 2, whose texts are known from their source; the tests have them;
//   - what the server does about a request that it cannot read, other than
//     that the store sends none.
package surrealstore
