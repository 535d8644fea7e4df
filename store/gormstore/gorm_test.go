package gormstore_test

import (
	"bytes"
	"errors"
	"log"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// Account is what a Rich session belongs to.
type Account struct {
	ID   uint
	Name string `gorm:"size:20"`
}

// Rich has all that GORM treats in a way of its own.
type Rich struct {
	gormstore.Record
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt gorm.DeletedAt `gorm:"index"`
	AccountID *uint
	Account   *Account
	Source    string `gorm:"size:20;default:web"`
	Hooks     int
}

// BeforeSave counts, in a hook as GORM's documentation has it.
func (r *Rich) BeforeSave(tx *gorm.DB) error {
	if r.ID == "" {
		return errors.New("the hook sees no record")
	}
	tx.Statement.SetColumn("Hooks", r.Version)
	return nil
}

func TestModelWithTimesHooksDefaultsAndAssociations(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db := e.open(t)
		t.Cleanup(func() { _ = db.Migrator().DropTable(&Account{}) })
		st := migrated(t, db, gormstore.Options{Model: &Rich{}})
		row := func() (row Rich) {
			t.Helper()
			ok(t, db.Preload("Account").Where("id = ?", "a").First(&row).Error)
			return row
		}
		before := time.Now().Add(-time.Second)
		r := store.Record{ID: "a", Version: 1, Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(ctx, r))
		made := row()
		if made.CreatedAt.Before(before) || made.Source != "web" || made.Hooks != 1 {
			t.Errorf("created at %v by %q, hook saw version %d", made.CreatedAt, made.Source, made.Hooks)
		}
		ok(t, db.Create(&Account{ID: 5, Name: "ann"}).Error)
		old := made.UpdatedAt.Add(-time.Hour)
		ok(t, db.Model(&Rich{}).Where("id = ?", "a").UpdateColumns(map[string]any{"account_id": 5, "source": "app", "updated_at": old}).Error)
		ok(t, st.Touch(ctx, "a", 1, r.Expires.Add(time.Minute)))
		if got := row(); got.UpdatedAt.After(before) {
			t.Errorf("a touch is an update, at %v", got.UpdatedAt)
		}
		ok(t, st.Save(ctx, r))
		got := row()
		if got.UpdatedAt.Before(before) || !got.CreatedAt.Equal(made.CreatedAt) || got.Hooks != 2 {
			t.Errorf("a save: created at %v, updated at %v, hook saw version %d", got.CreatedAt, got.UpdatedAt, got.Hooks)
		}
		if got.Source != "app" || got.Account == nil || got.Account.Name != "ann" {
			t.Errorf("a save has touched source %q or account %v", got.Source, got.Account)
		}
	})
}

func TestSoftDeletes(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db := e.open(t)
		t.Cleanup(func() { _ = db.Migrator().DropTable(&Account{}) })
		st := migrated(t, db, gormstore.Options{Model: &Rich{}})
		rows := func() (n int64) {
			t.Helper()
			ok(t, db.Unscoped().Model(&Rich{}).Count(&n).Error)
			return n
		}
		r := store.Record{ID: "a", Version: 1, Subject: "ann", Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(ctx, r))
		ok(t, st.Delete(ctx, "a"))
		if n := rows(); n != 0 {
			t.Errorf("after a Delete there are %d rows", n)
		}
		ok(t, st.Create(ctx, r))
		ok(t, db.Delete(&Rich{}, "id = ?", "a").Error) // by the application, which marks it
		if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load: %v", err)
		}
		for name, err := range map[string]error{"Save": st.Save(ctx, r), "Touch": st.Touch(ctx, "a", 1, r.Expires.Add(time.Hour))} {
			if !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for r := range st.List(ctx, "ann") {
			t.Errorf("List yields %q", r.ID)
		}
		ok(t, db.Unscoped().Model(&Rich{}).Where("id = ?", "a").UpdateColumn("expires", 1).Error)
		if n, err := st.Sweep(ctx, 10); n != 1 || err != nil || rows() != 0 {
			t.Errorf("Sweep: %d, error %v, %d rows are left", n, err, rows())
		}
	})
}

// TestLogHasStatementsWithoutValues: at the level of GORM that logs most, and
// with a threshold that calls everything slow.
func TestLogHasStatementsWithoutValues(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		var out bytes.Buffer
		db := e.open(t, func(c *gorm.Config) {
			c.Logger = logger.New(log.New(&out, "", 0), logger.Config{SlowThreshold: 1, LogLevel: logger.Info})
		})
		st := migrated(t, db.Debug(), gormstore.Options{Model: &Session{}, Columns: columns})
		out.Reset()
		for _, c := range calls(t.Context(), st, "identity") {
			ok(t, c.run())
		}
		ok(t, db.Migrator().DropTable(&Session{}))
		shown := out.Len()
		for _, c := range calls(t.Context(), st, "identity") {
			if err := c.run(); err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s without a table: %v", c.name, err)
			}
		}
		for _, word := range []string{"INSERT", "UPDATE", "DELETE", "SELECT"} {
			if !strings.Contains(out.String(), word) {
				t.Errorf("the log has no %s", word)
			}
		}
		if shown == out.Len() {
			t.Error("the log has no errors")
		}
		for _, secret := range []string{"s3cret", "733363726574", "identity", "6964656e74697479", "7654321"} {
			if i := strings.Index(out.String(), secret); i >= 0 {
				t.Errorf("the log has %q: %s", secret, out.String()[max(0, i-200):i+20])
			}
		}
	})
}

// TestSettingsOfTheSessionAreKept: the store works in a chain that has
// conditions, and leaves the caller's alone.
func TestSettingsOfTheSessionAreKept(t *testing.T) {
	db := engines[len(engines)-1].open(t)
	migrated(t, db, gormstore.Options{Model: &Session{}})
	st, err := gormstore.New(db.Where("note = ?", "mine"), gormstore.Options{Model: &Session{}})
	ok(t, err)
	ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
	if _, err := st.Load(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load of a row that the condition excludes: %v", err)
	}
	ok(t, db.Model(&Session{}).Where("id = ?", "a").Update("note", "mine").Error)
	for range 2 { // conditions do not pile up
		_, err = st.Load(t.Context(), "a")
		ok(t, err)
	}
}
