package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
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
			t.Errorf("Create where all else has expired: %v", err)
		}
		if _, err := st.Load(ctx, "one more"); err != nil {
			t.Errorf("Load of what was made: %v", err)
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
