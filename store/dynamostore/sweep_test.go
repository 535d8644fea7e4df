package dynamostore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

func TestSweepIsOffUnlessAskedFor(t *testing.T) {
	w := newWire(t)
	st := open(t, dial("http://127.0.0.1:9", over(w)), dynamostore.Options{})
	if _, err := store.Sweep(t.Context(), st, 10); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Sweep: %v", err)
	}
	if err := manager(t, st).Sweep(t.Context(), time.Nanosecond); err != nil {
		t.Errorf("Manager.Sweep: %v", err)
	}
	if got := w.heard(); got != "" {
		t.Errorf("asked %q", got)
	}
}

// fill creates records, of which the given ids have expired.
func fill(t *testing.T, st *dynamostore.Store, all int, expired func(i int) bool) (live, dead []string) {
	t.Helper()
	for i := range all {
		r := record(fmt.Sprintf("%04d", i))
		if expired(i) {
			r.Expires = time.Now().Add(-time.Minute)
			dead = append(dead, r.ID)
		} else {
			live = append(live, r.ID)
		}
		ok(t, st.Create(t.Context(), r))
	}
	return live, dead
}

// TestSweepGoesOnWhereItStopped: batches that are full do not read again what
// they have read, and the last one reads all of the table.
func TestSweepGoesOnWhereItStopped(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w)), dynamostore.Options{SweepByScan: true})
	live, dead := fill(t, st, 90, func(i int) bool { return i%3 == 0 })
	var removed []int
	for {
		n, err := st.Sweep(ctx, 8)
		ok(t, err)
		removed = append(removed, n)
		if n < 8 {
			break
		}
	}
	if diff := cmp.Diff([]int{8, 8, 8, 6}, removed); diff != "" {
		t.Errorf("other batches (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(live, ids(t, st, "ann")); diff != "" {
		t.Errorf("other live records (-want +got):\n%s", diff)
	}
	for _, id := range dead {
		if get(t, dial(find(t)), st, item{"id": s(id)}) != nil {
			t.Errorf("%s is still there", id)
		}
	}
}

// TestSweepLeavesWhatIsRevived: a process whose clock is slower may have moved
// the expiry after it was read.
func TestSweepLeavesWhatIsRevived(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	c := client(t, find(t))
	st := migrated(t, dial(find(t), over(w)), dynamostore.Options{SweepByScan: true})
	fill(t, st, 3, func(int) bool { return true })
	w.breaks(func(operation string) fault {
		if operation == "DeleteItem" {
			put(t, c, st, item{"id": s("0001"), "version": n("1"), "expires": n("7258215845678")})
		}
		return fault{}
	})
	if n, err := st.Sweep(ctx, 10); n != 2 || err != nil {
		t.Errorf("Sweep removed %d, %v; want 2", n, err)
	}
	w.breaks(nil)
	ok(t, load(ctx, st, "0001"))
}

// TestSweepThatFailsGoesOn: what it has removed counts, and the next call goes
// on behind it.
func TestSweepThatFailsGoesOn(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w), hurried), dynamostore.Options{SweepByScan: true})
	fill(t, st, 10, func(int) bool { return true })
	deletes := 0
	w.breaks(func(operation string) fault {
		if operation == "DeleteItem" {
			if deletes++; deletes > 4 {
				return throttles
			}
		}
		return fault{}
	})
	n, err := st.Sweep(ctx, 10)
	wants(t, "Sweep", err, "more capacity")
	w.breaks(nil)
	if n != 4 {
		t.Errorf("Sweep removed %d, want 4", n)
	}
	if n, err := st.Sweep(ctx, 10); n != 6 || err != nil {
		t.Errorf("the next Sweep removed %d, %v; want 6", n, err)
	}
}

// meeting holds deletes until so many have come.
type meeting struct {
	http.RoundTripper
	until int

	mu   sync.Mutex
	here int
	all  chan struct{} // closed when they are complete
}

func (m *meeting) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".DeleteItem") {
		m.mu.Lock()
		if m.here++; m.here == m.until {
			close(m.all)
		}
		m.mu.Unlock()
		select {
		case <-m.all:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	return m.RoundTripper.RoundTrip(req)
}

// TestR109_SweepDeletesSideBySide: a sweep does not wait for one delete before
// it sends the next, and counts what it has removed.
func TestR109_SweepDeletesSideBySide(t *testing.T) {
	const records = 24
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m := &meeting{RoundTripper: newTransport(t), until: 10, all: make(chan struct{})}
	st := migrated(t, dial(find(t), over(m)), dynamostore.Options{SweepByScan: true})
	fill(t, st, records, func(int) bool { return true })
	for _, want := range []int{20, records - 20, 0} {
		if n, err := st.Sweep(ctx, 20); n != want || err != nil {
			t.Fatalf("swept %d, error %v; want %d", n, err, want)
		}
	}
}

func TestSweepsAtOnceRemoveEachRecordOnce(t *testing.T) {
	ctx := t.Context()
	address := find(t)
	c := client(t, address)
	st := migrated(t, c, dynamostore.Options{SweepByScan: true})
	other := open(t, c, dynamostore.Options{Table: *st.Table().TableName, SweepByScan: true})
	fill(t, st, 60, func(i int) bool { return i%2 == 0 })
	var all sync.WaitGroup
	for _, st := range []*dynamostore.Store{st, st, other, other} {
		all.Go(func() {
			for {
				n, err := st.Sweep(ctx, 5)
				if err != nil {
					t.Error(err)
				}
				if n < 5 {
					return
				}
			}
		})
	}
	all.Wait()
	if n, err := st.Sweep(ctx, 100); n != 0 || err != nil {
		t.Errorf("afterwards Sweep removes %d, %v", n, err)
	}
	if got := ids(t, st, "ann"); len(got) != 30 {
		t.Errorf("%d live records are left, want 30", len(got))
	}
}

// TestSweepEndsWithItsContext, also when the table has no end.
func TestSweepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWire(t)
	st := open(t, dial("http://127.0.0.1:9", over(w)), dynamostore.Options{SweepByScan: true})
	scans := 0
	w.breaks(func(string) fault {
		if scans++; scans == 3 {
			cancel()
		}
		return fault{status: 200, body: `{"Items":[],"LastEvaluatedKey":{"id":{"S":"x"}}}`}
	})
	if _, err := st.Sweep(ctx, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("Sweep: %v", err)
	}
	if scans > 3 {
		t.Errorf("%d pages were read", scans)
	}
}

// TestSweepThatWaitsForAnotherEndsWithItsContext, not with the other.
func TestSweepThatWaitsForAnotherEndsWithItsContext(t *testing.T) {
	w := newWire(t)
	st := open(t, dial("http://127.0.0.1:9", over(w)), dynamostore.Options{SweepByScan: true})
	scanning, answer := make(chan struct{}), make(chan struct{})
	w.breaks(func(string) fault {
		close(scanning)
		<-answer
		return fault{status: 200, body: `{"Items":[]}`}
	})
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := st.Sweep(t.Context(), 10); err != nil {
			t.Errorf("the first Sweep: %v", err)
		}
	})
	<-scanning
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	over := make(chan error, 1)
	go func() {
		_, err := st.Sweep(ctx, 10)
		over <- err
	}()
	select {
	case err := <-over:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sweep: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Sweep outlives its context")
	}
	close(answer)
	first.Wait()
}

// TestSweepThatIsFullStartsTheNextBehindIt, within what one scan has found.
func TestSweepThatIsFullStartsTheNextBehindIt(t *testing.T) {
	done := fault{status: 200, body: "{}"}
	a := &script{t: t, answers: []fault{{status: 200, body: `{"Items":[{"id":{"S":"a"}},{"id":{"S":"b"}},{"id":{"S":"c"}}]}`}, done, done, done, done}}
	st := open(t, dial("http://127.0.0.1:9", over(a)), dynamostore.Options{SweepByScan: true})
	for _, want := range []int{2, 0} {
		if n, err := st.Sweep(t.Context(), 2); n != want || err != nil {
			t.Errorf("Sweep removed %d, %v; want %d", n, err, want)
		}
	}
	const behind = `"ExclusiveStartKey":{"id":{"S":"b"}}`
	if len(a.asked) != 5 || !strings.Contains(a.asked[3], behind) || strings.Contains(a.asked[4], "ExclusiveStartKey") {
		t.Errorf("asked %q, want a scan that begins behind b and one of all", a.asked)
	}
}
