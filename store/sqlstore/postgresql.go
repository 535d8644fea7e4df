package sqlstore

import (
	"fmt"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// postgresql has bytea for ids and subjects, for its text takes no zero byte
// and nothing but UTF-8, and bytea compares byte by byte in any locale. A
// literal still finds its row: WHERE subject = 'ann'.
//
// An index entry has at most 2704 bytes, so the subject's index holds the
// first 256 bytes, and the id that List goes on from.
//
// The index is on due and not on expires. A row's due is never later than its
// expires, and a save or touch moves it only if less than half of the time until
// the new expiry would be left. Every other save or touch is a heap-only update:
// PostgreSQL writes to no index, if the page has room for the new version of the
// row. The fill factor leaves that room. Sweep looks at rows that are due. It
// removes those that have expired, and sets due to the expiry of the others.
//
// The driver prepares: pgx keeps the statements of each connection, and
// prepares one again that no longer fits the table. A prepared statement of
// database/sql cannot do that, and costs two round trips more on a pgxpool.
func postgresql(n names) dialect {
	const prefix = "substring(%s FROM 1 FOR 256)"
	table := part{
		name:  "the table",
		there: `SELECT to_regclass('` + n.table + `') IS NOT NULL`,
		make: `CREATE TABLE IF NOT EXISTS ` + n.table + ` (
	id bytea NOT NULL PRIMARY KEY,
	version bigint NOT NULL,
	expires bigint NOT NULL, -- milliseconds since 1970 in UTC
	due bigint NOT NULL, -- when Sweep looks at the row, expires or earlier
	subject bytea NOT NULL,
	data bytea NOT NULL
) WITH (fillfactor = 85)`,
	}
	index := func(name, column, on string) part {
		return part{
			name: "the index " + name,
			there: `SELECT COUNT(*) > 0 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid` +
				` WHERE i.indrelid = to_regclass('` + n.table + `') AND i.indisvalid AND c.relname = ` + literal(name) +
				` AND pg_get_indexdef(i.indexrelid, 1, true) LIKE '%` + column + `%'`,
			make: `CREATE INDEX IF NOT EXISTS ` + name + ` ON ` + n.table + ` ` + on,
		}
	}
	expires := index(n.expiresIndex, "due", `(due)`)
	subject := index(n.subjectIndex, "subject", `(`+fmt.Sprintf(prefix, "subject")+`, id) WHERE subject <> ''`)
	return dialect{
		create: `INSERT INTO ` + n.table + ` (id, version, expires, due, subject, data) VALUES ($1, 1, $2, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
		load:   `SELECT version, expires, subject, data FROM ` + n.table + ` WHERE id = $1 AND expires > $2`,
		save: `UPDATE ` + n.table + ` SET version = version + 1, expires = $1, subject = $2, data = $3, ` +
			`due = CASE WHEN due > $1 OR due < ($1::bigint + $6::bigint) / 2 THEN $1 ELSE due END` +
			` WHERE id = $4 AND version = $5 AND expires > $6`,
		remove: `DELETE FROM ` + n.table + ` WHERE id = $1`,
		touch: `UPDATE ` + n.table + ` SET expires = GREATEST(expires, $1), ` +
			`due = CASE WHEN due < ($1::bigint + $4::bigint) / 2 THEN GREATEST(expires, $1) ELSE due END` +
			` WHERE id = $2 AND version = $3 AND expires > $4`,
		// ARRAY is made once, of rows that stay locked. An IN might be planned
		// as a loop that selects again, and then deletes more than the limit.
		sweep: `WITH found AS MATERIALIZED (` +
			`SELECT id, expires, due FROM ` + n.table + ` WHERE due >= $3 AND due <= $1 ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED` +
			`), later AS (` +
			`UPDATE ` + n.table + ` SET due = expires WHERE id = ANY (ARRAY(SELECT id FROM found WHERE expires > $1))` +
			`), gone AS (` +
			`DELETE FROM ` + n.table + ` WHERE id = ANY (ARRAY(SELECT id FROM found WHERE expires <= $1)) RETURNING 1` +
			`) SELECT (SELECT COUNT(*) FROM gone), COUNT(*), MAX(due) FROM found`,
		sweepReports: true,
		list: `SELECT id, version, expires, data FROM ` + n.table +
			` WHERE ` + fmt.Sprintf(prefix, "subject") + ` = ` + fmt.Sprintf(prefix, "$1::bytea") + ` AND subject = $1 AND subject <> ''` +
			` AND expires > $2 AND id > $3 ORDER BY id LIMIT $4`,
		script: []string{table.make, expires.make, subject.make},
		parts:  []part{table, expires, subject},
		// IF NOT EXISTS alone fails when two processes see that nothing is
		// there at once. A snapshot from before the lock would not show what the
		// other has made.
		begin:    []string{`BEGIN ISOLATION LEVEL READ COMMITTED`, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, n.lock)},
		commit:   []string{`COMMIT`},
		failover: true,
		end:      sqlfault.EndIfReadOnly,
		text:     asBytes,
		fault:    sqlfault.PostgreSQL,
	}
}
