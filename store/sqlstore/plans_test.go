package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// TestPlansUseAnIndexAtAMillionRecords asks the engines how they run the
// store's statements, and then runs them.
func TestPlansUseAnIndexAtAMillionRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: making a million records takes seconds")
	}
	for _, e := range engines {
		if strings.Contains(e.name, "connector") || strings.Contains(e.name, "found rows") {
			continue // the same server once more
		}
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st, opts := migrated(t, db, e.dialect)
			digits := 6
			if e.dialect == sqlstore.SQLite && raced() { // which makes it ten times as slow
				digits = 4
			}
			fill(t, db, opts, digits)
			explain := map[sqlstore.Dialect]func(*testing.T, *sql.DB, string, []any) string{
				sqlstore.PostgreSQL: explainPostgreSQL, sqlstore.MySQL: explainMySQL, sqlstore.SQLite: explainSQLite,
			}[e.dialect]
			key, byExpires, bySubject := opts.Table+"_pkey", opts.Table+"_expires", opts.Table+"_subject"
			switch e.dialect {
			case sqlstore.MySQL:
				key, byExpires, bySubject = "key PRIMARY ", "key by_expires ", "key by_subject "
			case sqlstore.SQLite:
				key = "sqlite_autoindex_" + opts.Table + "_1"
			}
			now := time.Now().UnixMilli()
			sweep := []any{now, 1000}
			if e.dialect == sqlstore.PostgreSQL {
				sweep = append(sweep, 0)
			}
			for name, want := range map[string]struct {
				index string
				args  []any
			}{
				"Load":   {key, []any{"id-1", now}},
				"Save":   {key, []any{now + 1000, "u", "data", "id-1", 1, now}},
				"Delete": {key, []any{"id-1"}},
				"Touch":  {key, []any{now + 1000, "id-1", 1, now}},
				"Sweep":  {byExpires, sweep},
				"List":   {bySubject, []any{"u1", now, "", 100}},
			} {
				plan := explain(t, db, sqlstore.Statements(st)[name], want.args)
				if !strings.Contains(plan, want.index) || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN "+opts.Table) {
					t.Errorf("%s does not use index %s:\n%s", name, want.index, plan)
				}
			}
			work(t, st)
		})
	}
}

// raced reports whether the test runs under the race detector.
func raced() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// work sees that what a million records hide is found, and in time.
func work(t *testing.T, st *sqlstore.Store) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got := strings.Join(ids(t, st, "u5"), " "); got != "id-15 id-16 id-17" {
		t.Errorf("List of u5: %s", got)
	}
	if n, err := st.Sweep(ctx, 1000); n != 1000 || err != nil {
		t.Errorf("Sweep removed %d, error %v; want 1000", n, err)
	}
	r, err := st.Load(ctx, "id-1234")
	ok(t, err)
	ok(t, st.Touch(ctx, r.ID, r.Version, r.Expires.Add(time.Second)))
	ok(t, st.Save(ctx, r))
	if err := st.Save(ctx, store.Record{ID: "id-0", Version: 1, Expires: r.Expires}); err != store.ErrConflict {
		t.Errorf("Save of what has expired: %v", err)
	}
	ok(t, st.Delete(ctx, r.ID))
}

// explainPostgreSQL returns both plans that a prepared statement may get: that
// for its arguments and that for any.
func explainPostgreSQL(t *testing.T, db *sql.DB, text string, args []any) string {
	ctx := t.Context()
	conn, err := db.Conn(ctx)
	ok(t, err)
	defer func() { _ = conn.Close() }()
	run := func(text string) {
		t.Helper()
		_, err := conn.ExecContext(ctx, text)
		ok(t, err)
	}
	run("PREPARE explained AS " + text)
	defer run("DEALLOCATE explained")
	var literals []string
	for _, a := range args {
		literals = append(literals, fmt.Sprintf("'%v'", a))
	}
	var plans []string
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		run("SET plan_cache_mode = " + mode)
		rows, err := conn.QueryContext(ctx, "EXPLAIN EXECUTE explained ("+strings.Join(literals, ", ")+")")
		ok(t, err)
		plan := mode + ":\n" + table(t, rows)
		if strings.Contains(plan, "Index") {
			plans = append(plans, plan)
		} else {
			t.Errorf("no index:\n%s", plan)
		}
	}
	return strings.Join(plans, "\n")
}

func explainMySQL(t *testing.T, db *sql.DB, text string, args []any) string {
	rows, err := db.Query("EXPLAIN FORMAT=TRADITIONAL "+text, args...)
	ok(t, err)
	return table(t, rows)
}

func explainSQLite(t *testing.T, db *sql.DB, text string, args []any) string {
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, args...)
	ok(t, err)
	return table(t, rows)
}

// table returns rows as text, each value behind the name of its column.
func table(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	ok(t, err)
	var out strings.Builder
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ok(t, rows.Scan(into...))
		for i, v := range values {
			fmt.Fprintf(&out, "%s %s ", columns[i], v.String)
		}
		out.WriteByte('\n')
	}
	ok(t, rows.Err())
	return out.String()
}
