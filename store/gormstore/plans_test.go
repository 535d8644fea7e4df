package gormstore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/gosessions/sessions/store/gormstore"
)

// TestListAndSweepUseTheIndexesOfMigrate: that of the primary key needs none.
func TestListAndSweepUseTheIndexesOfMigrate(t *testing.T) {
	for name, explain := range map[string][]string{
		"PostgreSQL":        {"SET enable_seqscan = off", "EXPLAIN "}, // or it reads few rows without
		"SQLite in process": {"SELECT 1", "EXPLAIN QUERY PLAN "},
	} {
		e := engines[slices.IndexFunc(engines, func(e engine) bool { return e.name == name })]
		t.Run(name, func(t *testing.T) {
			db := e.open(t)
			pool, err := db.DB()
			ok(t, err)
			pool.SetMaxOpenConns(1)
			ok(t, db.Exec(explain[0]).Error)
			st := migrated(t, db, gormstore.Options{})

			sql, vars := "", []any(nil)
			note := func(tx *gorm.DB) { sql, vars = tx.Statement.SQL.String(), slices.Clone(tx.Statement.Vars) }
			ok(t, db.Callback().Query().After("gorm:query").Register("note", note))
			ok(t, db.Callback().Delete().After("gorm:delete").Register("note", note))
			table := db.NamingStrategy.TableName("Session")
			for _, c := range calls(t.Context(), st, "a") {
				if c.name != "List" && c.name != "Sweep" {
					continue
				}
				ok(t, c.run())
				rows, err := pool.Query(explain[1]+sql, vars...)
				ok(t, err)
				plan := ""
				columns, err := rows.Columns()
				ok(t, err)
				for rows.Next() {
					line := make([]any, len(columns))
					for i := range line {
						line[i] = new(any)
					}
					ok(t, rows.Scan(line...))
					plan += fmt.Sprintln(*line[len(line)-1].(*any))
				}
				ok(t, rows.Err())
				index := db.NamingStrategy.IndexName(table, map[string]string{"List": "subject", "Sweep": "expires"}[c.name])
				if !strings.Contains(plan, index) {
					t.Errorf("the plan of %s does not use %s:\n%s", c.name, index, plan)
				}
			}
		})
	}
}
