package gormstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// TestStatementsThatGORMClosesMeanwhile: it drops those that it prepared after
// a time, or when there are too many, also those that somebody is about to use.
func TestStatementsThatGORMClosesMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t, func(c *gorm.Config) { c.PrepareStmt, c.PrepareStmtMaxSize = true, 1 })
		st := migrated(t, db, gormstore.Options{})
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for n := range 100 {
					r := store.Record{ID: fmt.Sprint(w, "-", n), Version: 1, Subject: "ann", Expires: time.Now().Add(time.Hour)}
					if err := st.Create(t.Context(), r); err != nil {
						t.Errorf("Create: %v", err)
					}
					if err := st.Save(t.Context(), r); err != nil {
						t.Errorf("Save: %v", err)
					}
					if _, err := st.Load(t.Context(), r.ID); err != nil {
						t.Errorf("Load: %v", err)
					}
				}
			})
		}
		wg.Wait()
	})
}
