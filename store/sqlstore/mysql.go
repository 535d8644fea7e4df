package sqlstore

import (
	"strings"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// mysql has binary columns, because those of text ignore case or trailing
// spaces or refuse bytes. A blob would end at 64 KiB.
//
// The number of rows that a statement reports depends on the connection's
// clientFoundRows. LAST_INSERT_ID(version) leaves the version as it is, and
// lets the answer tell that a record was met, either way: versions begin at 1.
func mysql(n names) dialect {
	database := `DATABASE()`
	if n.schema != "" {
		database = literal(strings.TrimSuffix(n.schema, "."))
	}
	of := ` WHERE table_schema = ` + database + ` AND table_name = ` + literal(n.bare)
	table := part{
		name:  "the table",
		there: `SELECT COUNT(*) > 0 FROM information_schema.tables` + of,
		make: `CREATE TABLE IF NOT EXISTS ` + n.table + ` (
	id VARBINARY(128) NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL,
	expires BIGINT NOT NULL, -- milliseconds since 1970 in UTC
	subject LONGBLOB NOT NULL,
	data LONGBLOB NOT NULL,
	KEY by_expires (expires),
	KEY by_subject (subject(255), id)
) ENGINE = InnoDB`,
	}
	index := func(name, column, on string) part {
		return part{
			name: "the index " + name,
			there: `SELECT COUNT(*) > 0 FROM information_schema.statistics` + of +
				` AND column_name = ` + literal(column) + ` AND seq_in_index = 1`,
			make: `CREATE INDEX ` + name + ` ON ` + n.table + ` ` + on,
		}
	}
	return dialect{
		create: `INSERT INTO ` + n.table + ` (id, version, expires, subject, data) VALUES (?, 1, ?, ?, ?)` +
			` ON DUPLICATE KEY UPDATE version = LAST_INSERT_ID(version)`,
		load: `SELECT version, expires, subject, data FROM ` + n.table + ` WHERE id = ? AND expires > ?`,
		save: `UPDATE ` + n.table + ` SET version = version + 1, expires = ?, subject = ?, data = ?` +
			` WHERE id = ? AND version = ? AND expires > ?`,
		remove: `DELETE FROM ` + n.table + ` WHERE id = ?`,
		touch: `UPDATE ` + n.table + ` SET expires = GREATEST(expires, ?), version = LAST_INSERT_ID(version)` +
			` WHERE id = ? AND version = ? AND expires > ?`,
		sweep: `DELETE FROM ` + n.table + ` WHERE expires <= ? ORDER BY expires LIMIT ?`,
		list: `SELECT id, version, expires, data FROM ` + n.table +
			` WHERE subject = ? AND expires > ? AND id > ? ORDER BY id LIMIT ?`,
		script: []string{table.make},
		parts: []part{
			table,
			index("by_expires", "expires", `(expires)`),
			index("by_subject", "subject", `(subject(255), id)`),
		},
		prepare:    true,
		byInsertID: true,
		failover:   true,
		text:       asBytes,
		fault:      sqlfault.MySQL,
	}
}
