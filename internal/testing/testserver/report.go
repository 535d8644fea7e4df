package testserver

import "testing"

// Report records which store a test checks, and on which server and version,
// for the table of internal/testing/cmd/testall. The table counts the test's
// subtests as clauses.
//
// The server of a store that needs none is "in process". A server that does not
// report its version is named by an environment variable: MONGODB_SERVER,
// DYNAMODB_SERVER or FIRESTORE_SERVER.
func Report(t testing.TB, store, server string) {
	t.Attr("store", store)
	t.Attr("server", server)
}
