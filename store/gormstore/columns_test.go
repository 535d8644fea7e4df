package gormstore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// site serves pages that write to a session, to one browser.
type site struct {
	t      *testing.T
	h      http.Handler
	cookie string
}

func open(t *testing.T, st store.Store) *site {
	m, err := sessions.New(st, sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	ok(t, err)
	mux := http.NewServeMux()
	mux.Handle("/write", sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		ok(t, s.Set("key", r.URL.RawQuery))
	}))
	mux.Handle("/renew", sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		ok(t, s.Renew())
	}))
	mux.Handle("/logout", sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.Destroy()
	}))
	mux.Handle("/login", sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		ok(t, s.SetSubject(r.URL.RawQuery))
	}))
	return &site{t: t, h: m.Handler(mux)}
}

func (s *site) visit(path string) {
	s.t.Helper()
	r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
	r.Header.Set("Cookie", s.cookie)
	s.h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: status %d", path, w.Code)
	}
	for _, c := range w.Result().Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
}

func TestColumnsFollowTheSession(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		site := open(t, migrated(t, db, gormstore.Options{Model: &Session{}, Columns: columns}))
		// row returns the session's row, the only one.
		row := func() Session {
			t.Helper()
			var rows []Session
			ok(t, db.Find(&rows).Error)
			if len(rows) != 1 {
				t.Fatalf("the session has %d rows", len(rows))
			}
			return rows[0]
		}
		of := func(account int) (n int64) {
			t.Helper()
			ok(t, db.Model(&Session{}).Where("account_id = ?", account).Count(&n).Error)
			return n
		}

		site.visit("/write?first")
		if row := row(); row.AccountID != nil || row.Version != 1 {
			t.Errorf("a visitor's row is of account %v, at version %d", row.AccountID, row.Version)
		}
		first := row().ID
		ok(t, db.Model(&Session{}).Where("id = ?", first).Update("Note", "seen").Error)
		site.visit("/write?second")
		if row := row(); row.Note != "seen" || row.Version != 2 || row.ID != first {
			t.Errorf("after a save the note of others is %q, at version %d", row.Note, row.Version)
		}
		site.visit("/login?42")
		if row := row(); row.AccountID == nil || *row.AccountID != 42 || row.ID != first {
			t.Errorf("after the login row %s is of account %v, and the session's row was %s", row.ID, row.AccountID, first)
		}
		site.visit("/renew")
		site.visit("/write?third")
		if n := of(42); n != 1 {
			t.Errorf("%d rows are of account 42, want 1", n)
		}
		if row := row(); row.Note != "seen" || row.ID != first {
			t.Errorf("after a login and a renewal row %s has the note %q; the session's row was %s", row.ID, row.Note, first)
		}
		site.visit("/login?43")
		if of(42) != 0 || of(43) != 1 {
			t.Error("after a change of user the row is not of account 43")
		}
		site.visit("/login?")
		if row := row(); row.AccountID != nil {
			t.Errorf("without a user the row is of account %d", *row.AccountID)
		}
		site.visit("/logout")
		var rows []Session
		if ok(t, db.Find(&rows).Error); len(rows) > 0 {
			t.Errorf("after the logout there are %d rows", len(rows))
		}
	})
}

func TestColumnsAreWrittenWithCreateAndSaveAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db := e.open(t)
		st := migrated(t, db, gormstore.Options{Model: &Session{}, Columns: columns})
		account := func(id string) any {
			t.Helper()
			var row Session
			ok(t, db.Where("id = ?", id).First(&row).Error)
			if row.AccountID == nil {
				return nil
			}
			return *row.AccountID
		}
		r := store.Record{ID: "a", Version: 1, Subject: "1", Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(ctx, r))
		got := []any{account("a")}
		r.Subject = "2"
		ok(t, st.Save(ctx, r))
		got = append(got, account("a"))
		if err := st.Save(ctx, r); !errors.Is(err, store.ErrConflict) { // of an old version
			t.Errorf("Save: %v", err)
		}
		ok(t, db.Model(&Session{}).Where("id = ?", "a").Update("account_id", 9).Error)
		ok(t, st.Touch(ctx, "a", 2, r.Expires.Add(time.Hour)))
		got = append(got, account("a"))
		r.Version, r.Subject = 2, ""
		ok(t, st.Save(ctx, r))
		got = append(got, account("a"))
		if err := st.Create(ctx, store.Record{ID: "a", Subject: "8", Expires: r.Expires}); !errors.Is(err, store.ErrExists) {
			t.Errorf("Create: %v", err)
		}
		got = append(got, account("a"))
		if diff := cmp.Diff([]any{uint(1), uint(2), uint(9), nil, nil}, got); diff != "" {
			t.Errorf("accounts after create, save, touch, save, create (-want +got):\n%s", diff)
		}
	})
}

func TestColumnsThatAreWrongWriteNothing(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db := e.open(t)
		returned := map[string]any{}
		var failed error
		st := migrated(t, db, gormstore.Options{Model: &Session{}, Columns: func(context.Context, store.Record) (map[string]any, error) {
			return returned, failed
		}})
		r := store.Record{ID: "a", Version: 1, Data: []byte("before"), Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(ctx, r))
		failure := errors.New("no such account")
		for _, test := range []struct {
			columns map[string]any
			err     error
			wants   string
		}{
			{map[string]any{"Acount": 1}, nil, `names "Acount": the model has no such field`},
			{map[string]any{"data": []byte("s3cret")}, nil, `names "data": that is the record's`},
			{map[string]any{"ID": "s3cret"}, nil, `names "ID": that is the record's`},
			{map[string]any{"AccountID": "s3cret"}, nil, "AccountID is a *uint and takes no string"},
			{nil, failure, "Options.Columns: no such account"},
		} {
			returned, failed = test.columns, test.err
			r.Data = []byte("after")
			other := r
			other.ID = "b"
			for _, err := range []error{st.Save(ctx, r), st.Create(ctx, other)} {
				if err == nil || !strings.Contains(err.Error(), test.wants) || strings.Count(err.Error(), "gormstore: ") != 1 ||
					strings.Contains(err.Error(), "s3cret") || !errors.Is(err, test.err) && test.err != nil {
					t.Errorf("error %v, want one that says %q", err, test.wants)
				}
			}
		}
		if got, err := st.Load(ctx, "a"); err != nil || string(got.Data) != "before" || got.Version != 1 {
			t.Errorf("what was there: %q at version %d, error %v", got.Data, got.Version, err)
		}
		if _, err := st.Load(ctx, "b"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what was refused: %v", err)
		}
	})
}

func TestApplicationFindsRowsByText(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		st := migrated(t, db, gormstore.Options{Model: &Session{}})
		ok(t, st.Create(t.Context(), store.Record{ID: "a", Subject: "ann@example.com", Expires: time.Now().Add(time.Hour)}))
		for name, tx := range map[string]*gorm.DB{
			"string": db.Where("subject = ?", "ann@example.com"),
			"list":   db.Where("subject IN ?", []string{"ann@example.com"}),
			"model":  db.Where(&Session{Record: gormstore.Record{Subject: "ann@example.com"}}),
			"map":    db.Where(map[string]any{"subject": gormstore.Text("ann@example.com")}),
		} {
			var row Session
			if err := tx.First(&row).Error; err != nil || row.ID != "a" || row.Subject != "ann@example.com" {
				t.Errorf("by %s: row %q of %q, error %v", name, row.ID, row.Subject, err)
			}
		}
	})
}

// Tagged has a column that only one session may have a value in.
type Tagged struct {
	gormstore.Record
	Tag string `gorm:"size:20;uniqueIndex"`
}

func TestDuplicateOfAnotherColumnIsNoDuplicateOfTheID(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		db := e.open(t, func(c *gorm.Config) { c.TranslateError = true })
		st := migrated(t, db, gormstore.Options{Model: &Tagged{}, Columns: func(_ context.Context, r store.Record) (map[string]any, error) {
			return map[string]any{"Tag": r.Subject}, nil
		}})
		r := store.Record{ID: "a", Subject: "first", Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(ctx, r))
		if err := st.Create(ctx, store.Record{ID: "a", Subject: "second", Expires: r.Expires}); !errors.Is(err, store.ErrExists) {
			t.Errorf("Create of an id that is taken: %v", err)
		}
		if err := st.Create(ctx, store.Record{ID: "b", Subject: "first", Expires: r.Expires}); err == nil || errors.Is(err, store.ErrExists) {
			t.Errorf("Create of a tag that is taken: %v", err)
		}
		if db.TranslateError != true {
			t.Error("the caller's setting has changed")
		}
	})
}
