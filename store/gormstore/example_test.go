package gormstore_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// Session is a row of the application's table of sessions.
type Session struct {
	gormstore.Record
	AccountID *uint  `gorm:"index"` // follows the session: see columns
	Note      string // written by administrators; no request changes it
}

// columns returns the columns that a session's row has besides the record: the
// account is the user that Session.SetSubject was called with.
func columns(_ context.Context, r store.Record) (map[string]any, error) {
	if r.Subject == "" {
		return map[string]any{"AccountID": nil}, nil
	}
	id, err := strconv.ParseUint(r.Subject, 10, 0)
	return map[string]any{"AccountID": uint(id)}, err
}

// An application keeps sessions in its own model, and finds the sessions of an
// account by a query.
func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	db, err := gorm.Open(sqlite.Open(filepath.Join(dir, "app.db")))
	if err != nil {
		panic(err)
	}
	st, err := gormstore.New(db, gormstore.Options{Model: &Session{}, Columns: columns})
	if err != nil {
		panic(err)
	}
	if err := st.Migrate(context.Background()); err != nil {
		panic(err)
	}
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		panic(err)
	}
	login := sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = s.SetSubject("42") // the password has been verified
	})
	manager.Handler(login).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))

	var rows []Session
	if err := db.Where("account_id = ?", 42).Find(&rows).Error; err != nil {
		panic(err)
	}
	for _, row := range rows {
		fmt.Println("a session of account", *row.AccountID)
		_ = manager.Revoke(context.Background(), string(row.ID))
	}
	// Output: a session of account 42
}

// Without a model, an application needs only a database. The table is called
// sessions.
func ExampleNew() {
	db, err := gorm.Open(sqlite.Open("file::memory:"))
	if err != nil {
		panic(err)
	}
	st, err := gormstore.New(db, gormstore.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(st.Migrate(context.Background()))
	// Output: <nil>
}
