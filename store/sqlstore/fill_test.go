package sqlstore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/store/sqlstore"
)

// fill adds 10^digits records to a table, three for each subject, of which
// every tenth has expired: id-0 of u0 has, id-1 and id-2 have not.
func fill(t testing.TB, db *sql.DB, opts sqlstore.Options, digits int) {
	t.Helper()
	digit := "SELECT 0 AS i" + strings.Repeat(" UNION ALL SELECT %d", 9)
	digit = fmt.Sprintf(digit, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	var sum, from []string
	for i, power := 0, 1; i < digits; i, power = i+1, power*10 {
		sum = append(sum, fmt.Sprintf("d%d.i * %d", i, power))
		from = append(from, fmt.Sprintf("d AS d%d", i))
	}
	columns := map[sqlstore.Dialect]string{
		sqlstore.PostgreSQL: "convert_to(concat('id-', i), 'UTF8'), 1, %s, convert_to(concat('u', i / 3), 'UTF8'), convert_to(repeat('x', 100), 'UTF8')",
		sqlstore.MySQL:      "concat('id-', i), 1, %s, concat('u', i DIV 3), repeat('x', 100)",
		sqlstore.SQLite:     "'id-' || i, 1, %s, 'u' || (i / 3), zeroblob(100)",
	}[opts.Dialect]
	if opts.Dialect == sqlstore.SQLite { // whose default is 2 MB
		db.SetMaxOpenConns(1)
		_, err := db.Exec("PRAGMA cache_size = -400000")
		ok(t, err)
	}
	now := time.Now().UnixMilli()
	expires := fmt.Sprintf("CASE WHEN i %% 10 = 0 THEN %d - i ELSE %d + i END", now-1000, now+3600_000)
	names := "id, version, expires, subject, data"
	if opts.Dialect == sqlstore.PostgreSQL {
		names, expires = "id, version, expires, due, subject, data", expires+", "+expires
	}
	_, err := db.Exec("INSERT INTO " + opts.Table + " (" + names + ")" +
		" WITH d AS (" + digit + "), n AS (SELECT " + strings.Join(sum, " + ") + " AS i FROM " + strings.Join(from, ", ") + ")" +
		" SELECT " + fmt.Sprintf(columns, expires) + " FROM n")
	ok(t, err)
	analyze := "ANALYZE "
	if opts.Dialect == sqlstore.MySQL {
		analyze = "ANALYZE TABLE "
	}
	_, err = db.Exec(analyze + opts.Table)
	ok(t, err)
}
