package memstore_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// TestListIsExactAfterAnyHistory creates, deletes and reassigns records at
// random and compares List with a model.
func TestListIsExactAfterAnyHistory(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ctx, st := t.Context(), new(memstore.Store)
	model := make(map[string]store.Record)
	for step := range 5000 {
		r := record(fmt.Sprint(random.IntN(12)), time.Hour)
		r.Subject = fmt.Sprint("subject-", random.IntN(3))
		old, there := model[r.ID]
		var err error
		switch random.IntN(3) {
		case 0:
			if err = st.Create(ctx, r); there && errors.Is(err, store.ErrExists) {
				continue
			}
			r.Version = 1
			model[r.ID] = r
		case 1:
			if r.Version = old.Version; !there {
				continue
			}
			err = st.Save(ctx, r)
			r.Version++
			model[r.ID] = r
		case 2:
			err = st.Delete(ctx, r.ID)
			delete(model, r.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]store.Record)
		for subject := range 3 {
			for r, err := range st.List(ctx, fmt.Sprint("subject-", subject)) {
				if err != nil {
					t.Fatal(err)
				}
				if _, twice := got[r.ID]; twice {
					t.Fatalf("step %d: %q is listed twice", step, r.ID)
				}
				got[r.ID] = r
			}
		}
		if !maps.EqualFunc(model, got, func(a, b store.Record) bool { return a.Version == b.Version && a.Subject == b.Subject }) {
			t.Fatalf("step %d: (-want +got)\n%s", step, cmp.Diff(model, got))
		}
	}
}
