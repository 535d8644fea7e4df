package gormstore_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

func TestMigrateOfSeveralAtOnce(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		for range 3 {
			dialector, names := e.dialector(t), schema.NamingStrategy{TablePrefix: prefix()}
			open := func() *gorm.DB { // what a process has of its own
				return e.openOn(t, dialector, func(c *gorm.Config) { c.NamingStrategy = names })
			}
			db := open()
			t.Cleanup(func() { _ = db.Migrator().DropTable(&Rich{}, &Account{}) })
			var wg sync.WaitGroup
			start := make(chan struct{})
			for range 6 {
				st, err := gormstore.New(open(), gormstore.Options{Model: &Rich{}})
				ok(t, err)
				wg.Go(func() {
					<-start
					if err := st.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			wg.Wait()
			for _, index := range []string{"expires", "subject", "deleted_at"} {
				table := db.NamingStrategy.TableName("Rich")
				if !db.Migrator().HasIndex(&Rich{}, db.NamingStrategy.IndexName(table, index)) {
					t.Errorf("there is no index on %s", index)
				}
			}
		}
	})
}

func TestMigrateAgainChangesNothingAndKeepsWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		st := migrated(t, db, gormstore.Options{Model: &Session{}, Columns: columns})
		ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
		ok(t, db.Callback().Raw().Before("gorm:raw").Register("seen", func(tx *gorm.DB) {
			if text := strings.ToUpper(tx.Statement.SQL.String()); !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "EXPLAIN") {
				t.Errorf("executes %s", text)
			}
		}))
		ok(t, st.Migrate(t.Context()))
		_, err := st.Load(t.Context(), "a")
		ok(t, err)
		ok(t, db.Callback().Raw().Remove("seen"))
	})
}

func TestMigrateAddsTheApplicationsColumns(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		st := migrated(t, db, gormstore.Options{})
		ok(t, st.Create(t.Context(), store.Record{ID: "a", Version: 1, Expires: time.Now().Add(time.Hour)}))
		grown, err := gormstore.New(db, gormstore.Options{Model: &Session{}, Columns: columns}) // of the same table
		ok(t, err)
		ok(t, grown.Migrate(t.Context()))
		ok(t, grown.Save(t.Context(), store.Record{ID: "a", Version: 1, Subject: "42", Expires: time.Now().Add(time.Hour)}))
		ok(t, db.Where("account_id = ?", 42).First(&Session{}).Error)
	})
}

func TestMissingTableSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		st, err := gormstore.New(db, gormstore.Options{Model: &Session{}, Columns: columns})
		ok(t, err)
		table := db.NamingStrategy.TableName("Session")
		for _, c := range calls(t.Context(), st, "a") {
			wants(t, c, "gormstore: "+strings.ToLower(c.name)+": there is no table "+table+": call Migrate")
		}
	})
}

func TestTableOfAnotherShapeSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		table := db.NamingStrategy.TableName("Session")
		ok(t, db.Exec("CREATE TABLE "+table+" (id INT, note INT)").Error)
		st, err := gormstore.New(db, gormstore.Options{Model: &Session{}, Columns: columns})
		ok(t, err)
		t.Cleanup(func() { _ = db.Migrator().DropTable(&Session{}) })
		for _, c := range calls(t.Context(), st, "a") {
			if c.name != "Delete" { // for which the columns might do
				wants(t, c, "the table "+table+" is not as Migrate makes it")
			}
		}
	})
}

func TestListYieldsMoreThanAPageAndHoldsNoConnection(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		pool, err := db.DB()
		ok(t, err)
		pool.SetMaxOpenConns(1)
		st := migrated(t, db, gormstore.Options{})
		for i := range 250 {
			ok(t, st.Create(t.Context(), store.Record{ID: string(rune(' ' + i)), Subject: "ann", Expires: time.Now().Add(time.Hour)}))
		}
		for _, then := range []func(id string) error{
			func(string) error { return nil },
			func(id string) error { return st.Delete(t.Context(), id) }, // as Manager.RevokeAll does
		} {
			n := 0
			for r, err := range st.List(t.Context(), "ann") {
				ok(t, err)
				ok(t, then(r.ID))
				n++
			}
			if n != 250 {
				t.Errorf("List yielded %d records, want 250", n)
			}
		}
		if _, err := st.Load(t.Context(), " "); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load of what was deleted: %v", err)
		}
	})
}

func wants(t *testing.T, c call, part string) {
	t.Helper()
	if err := c.run(); err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("%s: error %v, want one that says %q", c.name, err, part)
	}
}
