// Package firestorestore keeps session records in Google Cloud Firestore,
// through a client that you make.
//
//	client, err := firestore.NewClient(ctx, "my-project", option.WithGRPCDialOption(
//		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 5 * time.Second})))
//	if err != nil {
//		return err
//	}
//	st, err := firestorestore.New(client, firestorestore.Options{})
//	if err != nil {
//		return err
//	}
//	manager, err := sessions.New(st, sessions.Options{})
//
// It needs a database in Native mode. There is nothing to create in it: a
// collection begins with its first document, and the queries need only the
// indexes that Firestore makes by itself. Setup returns two commands that make
// it cheaper.
//
// # Requests
//
// A load is one request, billed as one document read; a create, a save, a touch
// and a delete are one each, billed as one write or delete. A list is one for
// each hundred records. A sweep deletes twenty records in a request.
//
// A save compares the version without reading it: the store remembers when
// the server last wrote each of the documents that this process has lately
// loaded or written, and writes on the condition that it is still so. That is
// decided by the server, so a store that remembers something old does no harm.
// It reads the document then, as it does where it remembers nothing (a record
// that was loaded 16,000 records ago or by another process), and the save takes
// two requests, or three. A conflict takes two.
//
// The client repeats a write whose answer is lost. Each write of a record
// carries a random mark, by which the store knows its own when it meets it: a
// save that was repeated is no conflict, a create that was repeated not one of
// an id that is taken.
//
// # Time
//
// Whether a record has expired is decided by the clock of this process, to
// the millisecond, when it is loaded too. The clocks of the processes that
// share a collection should agree. expireAt, by which the database collects
// documents, is a minute later.
//
// Firestore collects nothing unless it has a time-to-live policy, the first
// command of Setup. Then it is done within a day or so, and billed as deletes.
// Without it call Manager.Sweep.
//
// # Indexes
//
// Lists need the automatic ascending index of the field subject, which holds a
// hash; sweeps that of expireAt. Nothing is asked of the fields in record: the
// second command of Setup takes them out of the indexes, which saves storage
// and time of writing. An index of times makes hot ranges, and Firestore takes
// about 500 writes a second into it for one collection: beyond that use the
// policy, and the third command.
//
// Documents are named by a hash of the record's id. Ids begin with the time,
// and documents named by them would be written to one server at a time.
//
// # The client
//
// Set the keepalive as above: without it, a connection that has died without
// being closed is used until the operating system gives it up, many minutes
// later, and until then each call ends with its context. 30 seconds is the
// shortest time that Google's servers take. After an outage gRPC waits up to two
// minutes before it connects again; grpc.WithConnectParams sets a MaxDelay.
//
// The client repeats calls to a server that is not reached, and writes that it
// throttles, until their context ends: Options.LoadTimeout and SaveTimeout of package sessions
// are how long visitors wait for a 503. A context without a deadline waits a
// minute, or for ever.
//
// The account of the client needs the role roles/datastore.user. Security
// rules do not apply to it; close the collection in them to all others. Whoever
// may write documents can make a session of anybody's; whoever may read them
// finds no token. Do not set a read time on the client (WithReadOptions): what
// it reads must be what is there.
//
// # Limits
//
// A record has at most 1,000,000 bytes of data and subject together, for a
// document has 1 MiB. Firestore advises against more than one write a second to
// one document for long. Some more go well for a while; then writes of that
// session become slow and are given up for contention (Aborted), which the
// store tries again ten times within seconds. A visitor's session is
// seldom written that often; one that many programs write to is not for this
// store.
//
// # The emulator
//
// Tests run against Google's emulator, which has the same conditions on
// writes. In these it differs from the service:
//
//   - queries need no index, and it has none to exempt
//   - there is no time to live
//   - each project and database exists, there are no accounts or roles, and
//     rules apply to clients without credentials
//   - it takes the requests of a sweep (BatchWrite) only from its owner, which a
//     client is that firestore.NewClient makes for the emulator
//   - nothing is throttled, and it gave up no write for contention
//   - transactions that contend wait for seconds; this store uses none
//   - a network of microseconds, no replication, and all is lost with its process
package firestorestore
