package firestorestore

import (
	"fmt"
	"strings"
)

// Setup returns what an administrator executes in a shell, once, for the
// collection of this store: gcloud's commands that let Firestore collect
// expired records and keep what is never asked for out of its indexes. Both
// are advisable, and nothing depends on them but the bill. It asks the server
// nothing.
//
// A collection's last name is what Firestore sets this for, so it holds for all
// collections of the database that have it.
func (s *Store) Setup() string {
	names := strings.Split(s.records.Path, "/") // projects/P/databases/D/documents/…
	target := fmt.Sprintf("--project=%s --database=%s --collection-group=%s", quote(names[1]), quote(names[3]), quote(s.records.ID))
	return fmt.Sprintf(`# Expired records are collected, within a day. Then Sweep is not needed.
gcloud firestore fields ttls update %[2]s %[1]s --enable-ttl --async
# What no query names is in no index.
gcloud firestore indexes fields update %[3]s %[1]s --disable-indexes --async
# With more than 500 saves a second, expiry is in no index either. Sweep fails then.
# gcloud firestore indexes fields update %[2]s %[1]s --disable-indexes --async
`, target, ttlField, recordField)
}

// quote returns a text as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
