package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/gosessions/sessions/store/sqlstore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	long := strings.Repeat("x", 65)
	for name, test := range map[string]struct {
		opts sqlstore.Options
		want []string
	}{
		"no dialect":                  {sqlstore.Options{}, []string{"Options.Dialect"}},
		"unknown dialect":             {sqlstore.Options{Dialect: 9}, []string{"Dialect(9)"}},
		"injection":                   {sqlstore.Options{Dialect: sqlstore.SQLite, Table: `a"; DROP TABLE users; --`}, []string{"Options.Table", "letters, digits"}},
		"backquote":                   {sqlstore.Options{Dialect: sqlstore.MySQL, Table: "a`b"}, []string{"Options.Table"}},
		"schema and table in one":     {sqlstore.Options{Dialect: sqlstore.MySQL, Table: "app.sessions"}, []string{"Options.Table"}},
		"space":                       {sqlstore.Options{Dialect: sqlstore.MySQL, Schema: "my app"}, []string{"Options.Schema"}},
		"line feed at the end":        {sqlstore.Options{Dialect: sqlstore.MySQL, Table: "sessions\n"}, []string{"Options.Table"}},
		"digit first":                 {sqlstore.Options{Dialect: sqlstore.PostgreSQL, Table: "1a"}, []string{"Options.Table"}},
		"letter beyond ASCII":         {sqlstore.Options{Dialect: sqlstore.PostgreSQL, Table: "séances"}, []string{"Options.Table"}},
		"too long for MySQL":          {sqlstore.Options{Dialect: sqlstore.MySQL, Table: long}, []string{"65 characters: at most 64"}},
		"too long for an index of it": {sqlstore.Options{Dialect: sqlstore.PostgreSQL, Table: long[:56]}, []string{"56 characters: at most 55"}},
		"too long a schema":           {sqlstore.Options{Dialect: sqlstore.PostgreSQL, Schema: long[:64]}, []string{"64 characters: at most 63"}},
		"reserved by SQLite":          {sqlstore.Options{Dialect: sqlstore.SQLite, Table: "SQLite_x"}, []string{"reserved"}},
		"everything at once":          {sqlstore.Options{Schema: "a b", Table: "c d"}, []string{"db is nil", "Options.Dialect", "Options.Schema", "Options.Table"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlstore.New(nil, test.opts)
			if err == nil {
				t.Fatal("New: no error")
			}
			for _, want := range append(test.want, "db is nil") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("New: error %q lacks %q", err, want)
				}
			}
			if strings.Count(err.Error(), "sqlstore: ") != 1 {
				t.Errorf("New: error %q names the package not once", err)
			}
			if _, err := sqlstore.Schema(test.opts); err == nil {
				t.Error("Schema: no error")
			}
		})
	}
}

func TestNamesAreQuotedSoThatAnyWillDo(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			limit := 64
			if e.dialect == sqlstore.PostgreSQL {
				limit = 55
			}
			for _, table := range []string{"Select", "sqlstore_" + strings.Repeat("x", limit-len("sqlstore_"))} {
				opts := sqlstore.Options{Dialect: e.dialect, Table: table}
				if e.dialect == sqlstore.PostgreSQL {
					opts.Schema = "sqlstore_Quoted"
					_, err := db.Exec(`DROP SCHEMA IF EXISTS "sqlstore_Quoted" CASCADE`)
					ok(t, err)
					_, err = db.Exec(`CREATE SCHEMA "sqlstore_Quoted"`)
					ok(t, err)
					t.Cleanup(func() { _, _ = db.Exec(`DROP SCHEMA IF EXISTS "sqlstore_Quoted" CASCADE`) })
				} else if e.dialect == sqlstore.MySQL {
					t.Cleanup(func() { _, _ = db.Exec("DROP TABLE IF EXISTS `" + table + "`") })
				}
				st, err := sqlstore.New(db, opts)
				ok(t, err)
				_, err = st.Load(t.Context(), "a")
				wants(t, "Load", err, strings.TrimPrefix(opts.Schema+"."+table, "."))
				ok(t, st.Migrate(t.Context()))
				for _, c := range calls(t.Context(), st, "a") {
					ok(t, c.run())
				}
			}
		})
	}
}
