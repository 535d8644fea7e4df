package surrealstore

import "context"

// definitions returns what makes the table.
func definitions(table string) []string {
	bySubject, byExpiry := quoted(table+"_subject"), quoted(table+"_expires")
	table = quoted(table)
	return []string{
		"DEFINE TABLE IF NOT EXISTS " + table + " SCHEMAFULL PERMISSIONS NONE",
		"DEFINE FIELD IF NOT EXISTS version ON " + table + " TYPE int",
		"DEFINE FIELD IF NOT EXISTS expires ON " + table + " TYPE int",
		"DEFINE FIELD IF NOT EXISTS subject ON " + table + " TYPE string",
		"DEFINE FIELD IF NOT EXISTS data ON " + table + " TYPE bytes",
		"DEFINE INDEX IF NOT EXISTS " + bySubject + " ON " + table + " FIELDS subject",
		"DEFINE INDEX IF NOT EXISTS " + byExpiry + " ON " + table + " FIELDS expires",
	}
}

// Migrate defines the table, its fields and its indexes, where they are not
// defined yet, each by a statement; what is there it leaves alone. Any number
// of processes may call it at a time. The user needs the role EDITOR.
func (s *Store) Migrate(ctx context.Context) error {
	for _, d := range definitions(s.table) {
		if _, err := query[any](ctx, s, d, nil); err != nil {
			return s.fault("migrate", err)
		}
	}
	return nil
}
