// Package mongostore keeps session records in a collection of MongoDB, through
// the official driver, go.mongodb.org/mongo-driver/v2, and a client that you
// make.
//
//	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(time.Second))
//	if err != nil {
//		return err
//	}
//	st, err := mongostore.New(client.Database("app"), mongostore.Options{})
//	if err != nil {
//		return err
//	}
//	if err := st.Migrate(ctx); err != nil {
//		return err
//	}
//	manager, err := sessions.New(st, sessions.Options{})
//
// It needs MongoDB 4.2 or later: one server, a replica set or a sharded
// cluster. Each call is one command on one document and one round trip, but
// for List, one for a hundred records, and Sweep, two for a thousand. Nothing
// needs a transaction, and none of a caller's is taken part in.
//
// # Documents
//
//	{_id: "01KJMB5G…", v: 3, exp: ISODate("2026-03-01T11:00:07.123Z"), sub: "ann", data: BinData(0, "…")}
//
// v is the version, sub the subject, left out where there is none. Other fields
// are yours: they stay until the record goes. The collection is for records
// alone, and made without a collation, or Load and List refuse what they find.
//
// # What is asked of the server
//
// Writes are acknowledged by a majority and when they are in the journal, reads
// go to the primary with read concern "local", whatever the client, the
// database or the URI say. A primary that is cut off from its set and does not
// know it yet, for ten seconds at most by default, may still show what was
// ended elsewhere; it can change nothing. Connect to the set, not to one member
// with directConnection=true, which may be a secondary: the driver reads there
// whatever is asked for.
//
// A write whose answer was lost is never reported as a conflict. A Create or a
// Touch the driver sends again, unless retryWrites=false, and a replica set
// remembers that it has happened. A Save it does not, but the manager looks
// whether it has happened. A Delete is sent again by the store.
// Servers that look like a replica set and do not remember, which some that
// speak MongoDB's protocol may be, then say that the id is taken that they have
// just stored; the manager takes another, and the first is left to expire. Set
// retryWrites=false for them, as their documentation asks for.
//
// A write that was not confirmed by a majority is an error, though it may have
// happened. The manager then looks whether it has. If it finds it at a primary
// that has just been cut off, it tells the visitor that all is saved, and the
// set may undo it. Read concern "majority" would not show it, but might miss
// what was acknowledged just before an election, such as a logout.
//
// # Time
//
// Whether a record has expired is decided by the clock of this process, to the
// millisecond. The clocks of the processes that share a collection should
// agree. The server's decides nothing: its index ends a record when it has been
// over for a minute at least.
//
// # Indexes
//
// Migrate makes two, and the collection with them: {exp: 1}, which ends what
// has expired (expireAfterSeconds 60), and {sub: 1, _id: 1} for the records
// that have a subject. Without them all is right, but List and Sweep read the
// whole collection, and nothing ends by itself: run Manager.Sweep then. Run it,
// too, where the server has no such indexes; elsewhere it finds little to do.
//
// In a sharded cluster shard the collection by _id, best by a hash of it, or
// not at all. By another key two records may have one id, and an update goes to
// all shards, where one that meets the move of a chunk may be lost.
//
// The user needs find, insert, update and remove on the collection, and
// createIndex and listIndexes to migrate; the role readWrite has them all.
//
// # Time limits
//
// The manager gives each call a deadline, which the driver passes on to the
// server as maxTimeMS, but for the reads of List and Sweep. When no server is
// there, the driver waits for one until then, at most for
// ServerSelectionTimeout, 30 seconds unless it is set: with a second, visitors
// get their 503 after a second. An election takes longer than that now and
// then.
//
// # Limits
//
// Ids and subjects are UTF-8: what is not is an error. So is a record of more
// than 16,776,192 bytes of data and subject together, for a document has 16 MiB.
//
// # What it was tested on
//
// On DocumentDB 1.0, an extension of PostgreSQL, behind a gateway that speaks
// MongoDB's protocol. In this it differs from MongoDB:
//
//   - It is one server. Read and write concerns are taken and mean nothing, so
//     tests check that they are sent. Elections, retried writes and writes that
//     are not confirmed are played by a part of the tests that answers in the
//     server's place, by the protocol that MongoDB documents.
//   - A DeleteOne misses a document that another client changes at that moment.
//     This is why Delete is a DeleteMany.
//   - It has no users, transactions, sessions, change streams and collations.
//   - It has no explain, so that nothing checks that queries use the indexes.
//   - Its codes for some errors, such as those of indexes, are its own, and it
//     tells the index of a duplicate key in words alone.
//   - Its clock ends expired documents once a minute by a job of its own. Tests
//     check the index, and wait for nothing to be ended.
//   - No test has killed it. For MongoDB one does, with a mongod of its own,
//     where that is installed.
package mongostore
