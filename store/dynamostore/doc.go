// Package dynamostore keeps session records in a table of Amazon DynamoDB,
// through a client of aws-sdk-go-v2 that you make.
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	if err != nil {
//		return err
//	}
//	st, err := dynamostore.New(dynamodb.NewFromConfig(cfg), dynamostore.Options{})
//	if err != nil {
//		return err
//	}
//	manager, err := sessions.New(st, sessions.Options{})
//
// Migrate makes the table; docs/dynamodb.md has it for CloudFormation and
// Terraform. A load is one strongly consistent GetItem, a create one PutItem,
// a save or touch one UpdateItem, each with a condition, a delete one
// DeleteItem. None of them is a query, and none reads before it writes. In a
// table of many kinds of items, Options name the keys and attributes.
//
// # Time
//
// Whether a record has expired is decided by the clock of this process, to the
// millisecond, by an attribute of its own. DynamoDB's time to live is told to
// collect the item at least a minute later, takes up to some days for it, and
// decides nothing. The clocks of the processes should agree. For a table
// without time to live there is Options.SweepByScan; a sweep costs as much as
// reading the table.
//
// # Subjects
//
// List takes the keys of a subject's records from a global secondary index,
// which has the records with a subject alone, and reads the records
// themselves, strongly consistently. So what it yields is never out of date.
// But such an index follows its table, mostly within a fraction of a second:
// List, and so Manager.RevokeAll, may miss a session that began in the moment
// before, by a login too. Where that must not be, as after a change of
// password, let the sessions themselves tell: keep in each what changes with
// the password, and compare it at each request. Or call RevokeAll again a
// little later.
//
// # Tries
//
// The client tries again by itself, as its Retryer says. If the answer to a
// try was lost, the next one may find its condition not met because the first
// one has written. Create and Save then return neither ErrExists nor
// ErrConflict but an error of unknown outcome, and the manager looks into the
// record, which has a mark of each write. A touch or delete may be tried twice
// without harm. Only what the Retryer decides is noticed: give the client no
// HTTPClient that repeats requests by itself. When throttled, the client waits
// up to a second and longer before the next try, within the manager's
// SaveTimeout and LoadTimeout; what it waited for is in the error.
//
// # The client
//
// Of the connections to DynamoDB the client keeps 10 when they are idle; raise
// MaxIdleConnsPerHost to the number of visitors that are served at once. All
// processes use one region. In a global table of the usual kind, the last of
// two regions' writes wins, whatever their conditions, and a session that was
// ended in one may come back from the other.
//
// The role needs dynamodb:GetItem, PutItem, UpdateItem and DeleteItem on the
// table; BatchGetItem and, on its index, Query for List; Scan for Sweep;
// DescribeTable, CreateTable, UpdateTable, DescribeTimeToLive and
// UpdateTimeToLive for Migrate; docs/dynamodb.md has the policy. Whoever may write to the table can log in as
// anybody.
//
// # Limits
//
// An item has 400 KB, with the names of its attributes and its key; the
// manager's limit of 64 KiB for a session is far below. Ids and subjects are
// UTF-8, and a subject has 2048 bytes at most: Create and Save refuse others.
//
// # What it is tested on
//
// The tests run on dynalite, or on any endpoint that DYNAMODB_ENDPOINT names.
// dynalite evaluates conditions as DynamoDB does, one write of an item after
// the other, and refuses the same reserved words. It differs in this:
//
//   - Its index is never behind, and keys are never left unprocessed. The tests
//     play both to the store.
//   - It has no time to live, so that Migrate leaves the table without, and adds
//     no index to a table that exists. The tests play the answers.
//   - It neither checks credentials nor throttles nor fails. The tests play that.
//   - It has no global tables, transactions or encryption, and returns no item
//     with a failed condition. This store uses none of them.
//   - It counts no capacity, and its size of an item may differ by a few bytes.
package dynamostore
