package memstore_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store/memstore"
)

// full returns a store that has no room for another record.
func full(t testing.TB, records int, life func(i int) time.Duration) *memstore.Store {
	t.Helper()
	st := &memstore.Store{MaxRecords: records}
	for i := range records {
		if err := st.Create(t.Context(), record(fmt.Sprint(i), life(i))); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

// TestR108_FullStoreDoesBoundedWorkForEachVisitor: a Create in a large full
// store looks at a few hundred records and not at all of them.
func TestR108_FullStoreDoesBoundedWorkForEachVisitor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, gone, visitors = 20_000, 400, 5
		st := full(t, records, func(i int) time.Duration {
			if i%(records/gone) == 0 {
				return time.Minute
			}
			return time.Hour
		})
		<-time.After(time.Minute)
		for i := range visitors {
			if err := st.Create(t.Context(), record(fmt.Sprint("new ", i), time.Hour)); err != nil && !errors.Is(err, memstore.ErrFull) {
				t.Fatal(err)
			}
		}
		if removed := records + visitors - st.Len(); removed > gone/2 {
			t.Errorf("%d visitors removed %d of %d expired records", visitors, removed, gone)
		}
	})
}

// TestR108_FullStoreAdmitsVisitorsAsOthersLeave: a full store finds expired
// records as long as they are not rare, and Sweep finds all.
func TestR108_FullStoreAdmitsVisitorsAsOthersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, gone = 20_000, 2000
		st := full(t, records, func(i int) time.Duration {
			if i%(records/gone) == 0 {
				return time.Minute
			}
			return time.Hour
		})
		<-time.After(time.Minute)
		refused := 0
		for i := range gone / 2 {
			err := st.Create(t.Context(), record(fmt.Sprint("new ", i), time.Hour))
			if errors.Is(err, memstore.ErrFull) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused > 0 {
			t.Errorf("%d of %d visitors were refused although every tenth record had expired", refused, gone/2)
		}
		if _, err := st.Sweep(t.Context(), records); err != nil {
			t.Error(err)
		}
		for i := range gone / 2 {
			if err := st.Create(t.Context(), record(fmt.Sprint("newer ", i), time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.Create(t.Context(), record("one more", time.Hour)); !errors.Is(err, memstore.ErrFull) {
			t.Errorf("Create in a store of live records: %v, want ErrFull", err)
		}
	})
}

// BenchmarkRefusedCreate measures what a stranger costs who is refused by a store
// with a million live records.
func BenchmarkRefusedCreate(b *testing.B) {
	st := full(b, 1_000_000, func(int) time.Duration { return time.Hour })
	for b.Loop() {
		if err := st.Create(b.Context(), record("new", time.Hour)); !errors.Is(err, memstore.ErrFull) {
			b.Fatal(err)
		}
	}
}
