package surrealstore_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/store/surrealstore"
)

type table struct {
	Fields  map[string]string `json:"fields"`
	Indexes map[string]string `json:"indexes"`
}

func inspect(t *testing.T, db *surrealdb.DB) (got table) {
	t.Helper()
	got = do[table](t, db, "INFO FOR TABLE sessions", nil)
	for _, all := range []map[string]string{got.Fields, got.Indexes} {
		for name, text := range all {
			all[name], _, _ = strings.Cut(text, " PERMISSIONS")
		}
	}
	return got
}

var defined = table{
	Fields: map[string]string{
		"version": "DEFINE FIELD version ON sessions TYPE int",
		"expires": "DEFINE FIELD expires ON sessions TYPE int",
		"subject": "DEFINE FIELD subject ON sessions TYPE string",
		"data":    "DEFINE FIELD data ON sessions TYPE bytes",
	},
	Indexes: map[string]string{
		"sessions_subject": "DEFINE INDEX sessions_subject ON sessions FIELDS subject",
		"sessions_expires": "DEFINE INDEX sessions_expires ON sessions FIELDS expires",
	},
}

func TestMigrateByManyProcessesAtOnce(t *testing.T) {
	s := find(t)
	var stores []*surrealstore.Store
	for range 4 {
		stores = append(stores, bare(t, connect(t, s, nil)))
	}
	var all sync.WaitGroup
	for _, st := range stores {
		all.Go(func() {
			for range 2 {
				if err := st.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(defined, inspect(t, connect(t, s, nil))); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

// TestMigrateLeavesWhatIsThere, and adds what is missing to records that were
// made before it.
func TestMigrateLeavesWhatIsThere(t *testing.T) {
	ctx := t.Context()
	db := connect(t, find(t), nil)
	st := bare(t, db)
	ok(t, st.Create(ctx, record("before")))
	do[any](t, db, "DEFINE FIELD subject ON sessions TYPE string COMMENT 'mine'", nil)
	ok(t, st.Migrate(ctx))
	want := table{Fields: map[string]string{}, Indexes: defined.Indexes}
	for name, text := range defined.Fields {
		want.Fields[name] = text
	}
	want.Fields["subject"] += " COMMENT 'mine'"
	if diff := cmp.Diff(want, inspect(t, db)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	n := 0
	for r, err := range st.List(ctx, "ann") {
		ok(t, err)
		n += len(r.ID)
	}
	if n != len("before") {
		t.Error("the record that was made before is not listed")
	}
	ok(t, st.Save(ctx, record("before")))
}

// TestListAndSweepReadAnIndex, and nothing else.
func TestListAndSweepReadAnIndex(t *testing.T) {
	ctx := t.Context()
	db, h := hook(t, find(t))
	st := open(t, db)
	ok(t, st.Create(ctx, record("a")))
	var params []any
	h.seen = func(p []any) { params = p }
	for _, c := range []struct {
		name, index string
		call        func() error
	}{
		{"List", "sessions_subject", func() error {
			for _, err := range st.List(ctx, "ann") {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Sweep", "sessions_expires", func() error { _, err := st.Sweep(ctx, 10); return err }},
	} {
		ok(t, c.call())
		statement, vars := params[0].(string), params[1].(map[string]any)
		if _, inner, ok := strings.Cut(statement, "DELETE ("); ok {
			statement, _, _ = strings.Cut(inner, ")")
		}
		plan := fmt.Sprint(do[any](t, db, statement+" EXPLAIN", vars))
		if !strings.Contains(plan, "index:"+c.index) || strings.Contains(plan, "TableScan") {
			t.Errorf("%s by %s: %s", c.name, statement, plan)
		}
	}
}

func TestSweepTakesAsManyAsItIsToldTo(t *testing.T) {
	ctx := t.Context()
	st := open(t, connect(t, find(t), nil))
	for i := range 25 {
		r := record(fmt.Sprint(i))
		if i%5 > 0 {
			r.Expires = r.Expires.AddDate(-1, 0, -i)
		}
		ok(t, st.Create(ctx, r))
	}
	var got []int
	for range 4 {
		n, err := st.Sweep(ctx, 8)
		ok(t, err)
		got = append(got, n)
	}
	for _, limit := range []int{0, -1} {
		n, err := st.Sweep(ctx, limit)
		ok(t, err)
		got = append(got, n)
	}
	if diff := cmp.Diff([]int{8, 8, 4, 0, 0, 0}, got); diff != "" {
		t.Errorf("swept (-want +got):\n%s", diff)
	}
	n := 0
	for _, err := range st.List(ctx, "ann") {
		ok(t, err)
		n++
	}
	if n != 5 {
		t.Errorf("%d live records are left, want 5", n)
	}
}

// TestListIsOfTheMoment when it is read.
func TestListIsOfTheMoment(t *testing.T) {
	st := open(t, connect(t, find(t), nil))
	r := record("a")
	list := st.List(t.Context(), r.Subject)
	r.Expires = time.Now().Add(50 * time.Millisecond)
	ok(t, st.Create(t.Context(), r))
	<-time.After(time.Until(r.Expires.Add(time.Millisecond)))
	for r, err := range list {
		t.Errorf("expired, and listed: %v, error %v", r.ID, err)
	}
}
