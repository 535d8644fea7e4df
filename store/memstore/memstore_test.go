package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	testserver.Report(t, "memstore", "in process")
	storetest.Run(t, func(*testing.T) store.Store { return new(memstore.Store) })
}

func record(id string, life time.Duration) store.Record {
	return store.Record{ID: id, Expires: time.Now().Add(life), Subject: "ann", Data: []byte("x")}
}

func TestMaxRecordsIsExactUnderParallelCreates(t *testing.T) {
	const most = 100
	st := &memstore.Store{MaxRecords: most}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				err := st.Create(context.Background(), record(fmt.Sprint(w, "-", i), time.Hour))
				if err != nil && !errors.Is(err, memstore.ErrFull) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := st.Len(); got != most {
		t.Errorf("kept %d records, want %d", got, most)
	}
}

func TestExpiredRecordsMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		st := &memstore.Store{MaxRecords: 3}
		for i := range 3 {
			if err := st.Create(ctx, record(fmt.Sprint(i), time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.Create(ctx, record("one more", time.Hour)); !errors.Is(err, memstore.ErrFull) {
			t.Errorf("Create in a full store: %v, want ErrFull", err)
		}
		<-time.After(time.Minute)
		if err := st.Create(ctx, record("one more", time.Hour)); err != nil {
			t.Errorf("Create after all other records have expired: %v", err)
		}
		if _, err := st.Load(ctx, "one more"); err != nil {
			t.Errorf("Load of the new record: %v", err)
		}
		if got := st.Len(); got > 3 {
			t.Errorf("kept %d records, want 3 at most", got)
		}
	})
}

func TestMemoryStaysBoundedWithoutSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(memstore.Store)
		for i := range 50_000 {
			if err := st.Create(t.Context(), record(fmt.Sprint(i), time.Second)); err != nil {
				t.Fatal(err)
			}
			if i%1000 == 0 {
				<-time.After(time.Second)
			}
		}
		if got := st.Len(); got > 5000 {
			t.Errorf("kept %d records of 50000 that expired in batches of 1000", got)
		}
	})
}

func TestExpiredRecordIsGoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, st := t.Context(), new(memstore.Store)
		if err := st.Create(ctx, record("a", time.Minute)); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute - time.Millisecond)
		if _, err := st.Load(ctx, "a"); err != nil {
			t.Errorf("a millisecond before: %v", err)
		}
		<-time.After(time.Millisecond)
		if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at the time: %v, want ErrNotFound", err)
		}
		for _, err := range st.List(ctx, "ann") {
			t.Errorf("List yields an expired record, error %v", err)
		}
		if err := st.Create(ctx, record("a", time.Minute)); err != nil {
			t.Errorf("Create over an expired record: %v", err)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	ctx, st := b.Context(), new(memstore.Store)
	if err := st.Create(ctx, record("a", time.Hour)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := st.Load(ctx, "a"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	ctx, st := b.Context(), new(memstore.Store)
	r := record("a", time.Hour)
	if err := st.Create(ctx, r); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for r.Version = 1; b.Loop(); r.Version++ {
		if err := st.Save(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNothingOfASubjectIsKept checks that the index forgets a subject with its
// last record.
func TestNothingOfASubjectIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		st := new(memstore.Store)
		check := func(what string, records, subjects int) {
			t.Helper()
			if st.Len() != records || st.Subjects() != subjects {
				t.Errorf("%s: %d records, %d subjects; want %d, %d", what, st.Len(), st.Subjects(), records, subjects)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		r := record("a", time.Minute)
		must(st.Create(ctx, r))
		check("created", 1, 1)
		r.Version, r.Subject = 1, "bob"
		must(st.Save(ctx, r))
		check("given to another", 1, 1)
		<-time.After(time.Minute)
		r = record("a", time.Minute)
		must(st.Create(ctx, r))
		check("created again over the expired one", 1, 1)
		must(st.Delete(ctx, "a"))
		check("deleted", 0, 0)
		must(st.Create(ctx, r))
		<-time.After(time.Minute)
		if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
			t.Errorf("Sweep: %d, %v", n, err)
		}
		check("swept", 0, 0)
	})
}

// TestListOfWhatChangesMeanwhile checks that List skips a record whose subject
// has changed since List began.
func TestListOfWhatChangesMeanwhile(t *testing.T) {
	ctx := t.Context()
	st := new(memstore.Store)
	for _, id := range []string{"a", "b"} {
		if err := st.Create(ctx, record(id, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for r, err := range st.List(ctx, "ann") {
		if err != nil || r.Subject != "ann" {
			t.Errorf("got %q of %q, %v", r.ID, r.Subject, err)
		}
		n++
		for _, id := range []string{"a", "b"} {
			next := record(id, time.Hour)
			next.Version, next.Subject = 1, "bob"
			if err := st.Save(ctx, next); err != nil {
				t.Error(err)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func TestListWithAnEndedContextSaysSoOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	st := new(memstore.Store)
	for _, id := range []string{"a", "b", "c"} {
		if err := st.Create(ctx, record(id, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	n := 0
	for _, err := range st.List(ctx, "ann") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want Canceled", err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("yielded %d errors, want 1", n)
	}
}

// TestExpiredRecordIsReplacedAmongOthers checks that Create replaces an expired
// record, however many others there are.
func TestExpiredRecordIsReplacedAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ids, others = 20, 2000
		st := new(memstore.Store)
		create := func(id string, life time.Duration) {
			if err := st.Create(t.Context(), record(id, life)); err != nil {
				t.Error(err)
			}
		}
		for i := range ids {
			create(fmt.Sprint(i), time.Minute)
		}
		for i := range others {
			create(fmt.Sprint("other ", i), time.Hour)
		}
		<-time.After(time.Minute)
		for i := range ids {
			create(fmt.Sprint(i), time.Hour)
		}
		if got := st.Len(); got != ids+others {
			t.Errorf("kept %d records, want %d", got, ids+others)
		}
	})
}

// BenchmarkCreate creates records beside a hundred thousand others.
func BenchmarkCreate(b *testing.B) {
	ctx, st := b.Context(), new(memstore.Store)
	ids := make([]string, 100_000)
	r := record("", time.Hour)
	r.Subject = ""
	for i := range ids {
		ids[i] = fmt.Sprint("01ARZ3NDEKTSV4RRFFQ6", i)
		if r.ID = ids[i]; st.Create(ctx, r) != nil {
			b.Fatal("Create failed")
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.ID = ids[i%len(ids)]
		if st.Delete(ctx, r.ID) != nil || st.Create(ctx, r) != nil {
			b.Fatal("Delete or Create failed")
		}
	}
}

// BenchmarkSubject lists and deletes all records of one subject. The time per
// record must not grow with the number of records.
func BenchmarkSubject(b *testing.B) {
	for _, records := range []int{800, 8_000, 80_000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			ctx := b.Context()
			for b.Loop() {
				b.StopTimer()
				st := new(memstore.Store)
				for i := range records {
					if err := st.Create(ctx, record(fmt.Sprint(i), time.Hour)); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				for r, err := range st.List(ctx, "ann") {
					if err != nil || st.Delete(ctx, r.ID) != nil {
						b.Fatal("List or Delete failed")
					}
				}
				if st.Len() != 0 {
					b.Fatalf("%d records are left", st.Len())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}
