package mongostore_test

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosessions/sessions/store"
)

// fill inserts documents of ann, the last id first, and returns their ids.
func fill(t *testing.T, db *mongo.Database, n int, expires time.Time) (ids []string) {
	t.Helper()
	documents := make([]any, n)
	for i := range n {
		ids = append(ids, fmt.Sprintf("%04d", i))
		documents[n-1-i] = bson.D{
			{Key: "_id", Value: ids[i]}, {Key: "v", Value: 1}, {Key: "exp", Value: expires}, {Key: "sub", Value: "ann"}, {Key: "data", Value: []byte("x")},
		}
	}
	_, err := db.Collection("sessions").InsertMany(t.Context(), documents)
	ok(t, err)
	return ids
}

// justOver is when a record has ended that the server does not end yet.
func justOver() time.Time { return time.Now().Add(-time.Second) }

// TestListReadsPageByPage, whatever becomes of records meanwhile.
func TestListReadsPageByPage(t *testing.T) {
	ctx := t.Context()
	for _, n := range []int{99, 100, 101, 250} {
		st, db := fresh(t)
		if n == 250 { // without an index, which has them in order
			db = database(t, db.Client())
			st = open(t, db)
		}
		want := fill(t, db, n, time.Now().Add(time.Hour))
		var got []string
		for r, err := range st.List(ctx, "ann") {
			ok(t, err)
			got = append(got, r.ID)
			if n != 101 {
				ok(t, st.Delete(ctx, r.ID))
			}
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
	const expired, first = 4500, 1500
	ctx := t.Context()
	st, db := fresh(t)
	fill(t, db, expired, justOver())
	ok(t, st.Create(ctx, record("live")))
	for _, limit := range []int{0, first} {
		if n, err := st.Sweep(ctx, limit); n != limit || err != nil {
			t.Errorf("Sweep of %d removed %d, error %v", limit, n, err)
		}
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
	if n := removed.Load(); n != expired-first {
		t.Errorf("%d were removed, want %d", n, expired-first)
	}
	if got := ids(t, st, "ann"); len(got) != 1 {
		t.Errorf("%q are left", got)
	}
}

// TestSweepSparesWhatIsMadeAgain between its two commands.
func TestSweepSparesWhatIsMadeAgain(t *testing.T) {
	ctx, w := t.Context(), newWire(t)
	other, db := fresh(t)
	st := open(t, connect(t, w.address, nil).Database(db.Name()))
	fill(t, db, 2, justOver())
	w.once("delete", func(_ string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		if err := errors.Join(other.Delete(ctx, "0000"), other.Create(ctx, record("0000"))); err != nil {
			t.Error(err)
		}
		return ask()
	})
	if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
		t.Errorf("Sweep removed %d, error %v, want 1", n, err)
	}
	if _, err := st.Load(ctx, "0000"); err != nil {
		t.Errorf("what was made again: %v", err)
	}
}

func TestSubjectThatIsTakenOff(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	r := record("a")
	ok(t, st.Create(ctx, r))
	r.Subject = ""
	ok(t, st.Save(ctx, r))
	if got, err := st.Load(ctx, "a"); err != nil || got.Subject != "" {
		t.Errorf("it is %q's, error %v", got.Subject, err)
	}
	if got := ids(t, st, "ann"); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
}

func TestTimesThatAreFarAway(t *testing.T) {
	ctx := t.Context()
	st := open(t, database(t, connect(t, server(t), nil))) // where the server ends nothing
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

// TestNothingIsWrittenFromTheEndOn, in the millisecond of the end neither.
func TestNothingIsWrittenFromTheEndOn(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	for i := range 20 {
		r := record(fmt.Sprint(i))
		r.Expires = time.Now().Add(20 * time.Millisecond).Truncate(time.Millisecond)
		ok(t, st.Create(ctx, r))
		later := r
		later.Expires = r.Expires.Add(time.Hour)
		write := func() error { return st.Save(ctx, later) }
		if i%2 == 0 {
			write = func() error { return st.Touch(ctx, r.ID, 1, later.Expires) }
		}
		for time.Now().Before(r.Expires) { // no timer is as exact
		}
		err := write()
		if !errors.Is(err, store.ErrConflict) {
			t.Fatalf("written at the end: %v", err)
		}
	}
}
