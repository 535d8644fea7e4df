package sqlstore

import "github.com/gosessions/sessions/store/internal/sqlfault"

// sqlite keeps ids and subjects as text, which it compares byte by byte. The
// table has a rowid: WITHOUT ROWID reads records of some kilobytes at less
// than half the speed, for they fill the pages of the key's tree.
func sqlite(n names) dialect {
	d := sqliteTable(n, "TEXT", "''")
	d.prepare, d.text = true, asText
	return d
}

// sqliteTable is SQLite with ids and subjects of a type, whose empty value is
// a literal.
func sqliteTable(n names, text, empty string) dialect {
	found := `SELECT COUNT(*) > 0 FROM ` + n.schema + `sqlite_master WHERE tbl_name = ` + literal(n.bare) + ` COLLATE NOCASE`
	table := part{
		name:  "the table",
		there: found,
		make: `CREATE TABLE IF NOT EXISTS ` + n.table + ` (
	id ` + text + ` NOT NULL PRIMARY KEY,
	version INTEGER NOT NULL,
	expires INTEGER NOT NULL, -- milliseconds since 1970 in UTC
	subject ` + text + ` NOT NULL,
	data BLOB NOT NULL
)`,
	}
	index := func(name, on string) part {
		return part{
			name:  "the index " + name,
			there: found + ` AND type = 'index' AND name = ` + literal(name) + ` COLLATE NOCASE`,
			make:  `CREATE INDEX IF NOT EXISTS ` + n.schema + name + ` ON ` + n.bare + ` ` + on,
		}
	}
	expires := index(n.expiresIndex, `(expires)`)
	subject := index(n.subjectIndex, `(subject, id) WHERE subject <> `+empty)
	return dialect{
		create: `INSERT INTO ` + n.table + ` (id, version, expires, subject, data) VALUES (?, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		load:   `SELECT version, expires, subject, data FROM ` + n.table + ` WHERE id = ? AND expires > ?`,
		save: `UPDATE ` + n.table + ` SET version = version + 1, expires = ?, subject = ?, data = ?` +
			` WHERE id = ? AND version = ? AND expires > ?`,
		remove: `DELETE FROM ` + n.table + ` WHERE id = ?`,
		touch: `UPDATE ` + n.table + ` SET expires = MAX(expires, ?)` +
			` WHERE id = ? AND version = ? AND expires > ?`,
		sweep: `DELETE FROM ` + n.table + ` WHERE id IN (` +
			`SELECT id FROM ` + n.table + ` WHERE expires <= ? ORDER BY expires LIMIT ?)`,
		list: `SELECT id, version, expires, data FROM ` + n.table +
			` WHERE subject = ? AND subject <> ` + empty + ` AND expires > ? AND id > ? ORDER BY id LIMIT ?`,
		script: []string{table.make, expires.make, subject.make},
		parts:  []part{table, expires, subject},
		begin:  []string{`BEGIN IMMEDIATE`},
		commit: []string{`COMMIT`},
		fault:  sqlfault.SQLite,
	}
}
