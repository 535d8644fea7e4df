package gormstore_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db := e.open(t)
		testserver.Report(t, "gormstore", e.describe(t, db))
		st := migrated(t, db, gormstore.Options{})
		storetest.Run(t, func(*testing.T) store.Store { return st })
	})
}

func TestIDsAndSubjectsOfAnyBytes(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		st := migrated(t, e.open(t), gormstore.Options{})
		texts := []string{"\x00", "a\x00b", "a\x00c", "a", "\xff\xfe", "\xc3\x28", "\\x61", `a\`, "A", "a "}
		for _, text := range texts {
			ok(t, st.Create(ctx, store.Record{ID: text, Subject: text, Data: []byte(text), Expires: time.Now().Add(time.Minute)}))
		}
		for _, text := range texts {
			r, err := st.Load(ctx, text)
			if err != nil || r.Subject != text || string(r.Data) != text {
				t.Errorf("Load(%q): %q of %q, error %v", text, r.Data, r.Subject, err)
			}
			n := 0
			for r, err := range st.List(ctx, text) {
				ok(t, err)
				if n++; n > 1 || r.ID != text {
					t.Errorf("List(%q) yields %q", text, r.ID)
				}
			}
		}
	})
}
