package mongostore_test

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/google/go-cmp/cmp"
)

// fill inserts documents of ann, ids 0000 and so on.
func fill(t *testing.T, insert func(documents []any) error, n int, expires time.Time) (ids []string) {
	t.Helper()
	documents := make([]any, n)
	for i := range documents {
		ids = append(ids, fmt.Sprintf("%04d", i))
		documents[i] = bson.D{{Key: "_id", Value: ids[i]}, {Key: "v", Value: 1}, {Key: "exp", Value: expires}, {Key: "sub", Value: "ann"}, {Key: "data", Value: []byte("x")}}
	}
	ok(t, insert(documents))
	return ids
}

// TestListReadsPageByPage, whatever becomes of records meanwhile.
func TestListReadsPageByPage(t *testing.T) {
	ctx := t.Context()
	for _, n := range []int{99, 100, 101, 250} {
		st, db := fresh(t)
		want := fill(t, func(documents []any) error {
			_, err := db.Collection("sessions").InsertMany(ctx, documents)
			return err
		}, n, time.Now().Add(time.Hour))
		var got []string
		for r, err := range st.List(ctx, "ann") {
			ok(t, err)
			got = append(got, r.ID)
			ok(t, st.Delete(ctx, r.ID))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %d (-want +got):\n%s", n, diff)
		}
	}
}

// TestListOfLargeRecords that do not fit in one answer.
func TestListOfLargeRecords(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	for i := range 40 {
		r := record(fmt.Sprint("large-", i))
		r.Data = make([]byte, 1<<20)
		ok(t, st.Create(ctx, r))
	}
	if n := len(ids(t, st, "ann")); n != 40 {
		t.Errorf("%d records are listed, want 40", n)
	}
}

// TestSweepsAtOnceRemoveEachOnce, in batches, and nothing that is live.
func TestSweepsAtOnceRemoveEachOnce(t *testing.T) {
	const expired = 2500
	ctx := t.Context()
	st, db := fresh(t)
	fill(t, func(documents []any) error {
		_, err := db.Collection("sessions").InsertMany(ctx, documents)
		return err
	}, expired, time.Now().Add(-time.Hour))
	ok(t, st.Create(ctx, record("live")))
	if n, err := st.Sweep(ctx, 1); n != 1 || err != nil {
		t.Errorf("Sweep of one removed %d, error %v", n, err)
	}
	if n, err := st.Sweep(ctx, 0); n != 0 || err != nil {
		t.Errorf("Sweep of none removed %d, error %v", n, err)
	}
	var removed atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			n, err := st.Sweep(ctx, expired)
			if err != nil {
				t.Error(err)
			}
			removed.Add(int64(n))
		})
	}
	all.Wait()
	if n := removed.Load(); n != expired-1 {
		t.Errorf("%d were removed, want %d", n, expired-1)
	}
	if got := ids(t, st, "ann"); len(got) != 1 {
		t.Errorf("%q are left", got)
	}
}

func TestTimesThatAreFarAway(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	for name, expires := range map[string]time.Time{"9999": time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "ever": time.UnixMilli(math.MaxInt64 / 2)} {
		r := record(name)
		r.Expires = expires
		ok(t, st.Create(ctx, r))
		ok(t, st.Save(ctx, r))
		ok(t, st.Touch(ctx, name, 2, expires.Add(time.Hour)))
		if got, err := st.Load(ctx, name); err != nil || !got.Expires.Equal(expires.Add(time.Hour)) {
			t.Errorf("Load: %v, error %v", got.Expires, err)
		}
	}
	if n := len(ids(t, st, "ann")); n != 2 {
		t.Errorf("%d records are listed, want 2", n)
	}
	r := record("zero")
	r.Expires = time.Time{}
	ok(t, st.Create(ctx, r))
	if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
		t.Errorf("Sweep removed %d, error %v", n, err)
	}
}

// TestEndToTheMillisecond: a record lives until its time, and no longer.
func TestEndToTheMillisecond(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	r := record("a")
	r.Expires = time.Now().Add(300 * time.Millisecond)
	ok(t, st.Create(ctx, r))
	for {
		asked := time.Now()
		_, err := st.Load(ctx, "a")
		answered := time.Now()
		if err == nil && asked.After(r.Expires) {
			t.Fatalf("there %v after its end", asked.Sub(r.Expires))
		}
		if err != nil {
			if answered.Before(r.Expires.Add(-time.Millisecond)) {
				t.Errorf("gone %v before its end: %v", r.Expires.Sub(answered), err)
			}
			break
		}
	}
}
