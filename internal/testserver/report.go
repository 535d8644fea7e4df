package testserver

import "testing"

// Report notes which store a test checks, and on which server and version, for
// the table of internal/testall. The test's subtests are the clauses that it
// counts. The server of a store that needs none is "in process". What tells no
// version of its own is named by a variable of the environment:
// MONGODB_SERVER, DYNAMODB_SERVER, FIRESTORE_SERVER.
func Report(t testing.TB, store, server string) {
	t.Attr("store", store)
	t.Attr("server", server)
}
