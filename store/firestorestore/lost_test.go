package firestorestore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

// writes are all kinds of write to a record "a", in an order in which they
// succeed, and what shows that they have happened.
func writes(ctx context.Context, st *firestorestore.Store) []write {
	r := record("a")
	later := r.Expires.Add(time.Hour)
	return []write{
		{"Create", func() error { return st.Create(ctx, r) },
			func(got store.Record, err error) bool { return err == nil && got.Version == 1 }},
		{"Save", func() error { return st.Save(ctx, r) },
			func(got store.Record, err error) bool { return err == nil && got.Version == 2 }},
		{"Touch", func() error { return st.Touch(ctx, "a", 2, later) },
			func(got store.Record, err error) bool {
				return err == nil && got.Version == 2 && got.Expires.Equal(later)
			}},
		{"Delete", func() error { return st.Delete(ctx, "a") },
			func(_ store.Record, err error) bool { return errors.Is(err, store.ErrNotFound) }},
	}
}

type write struct {
	name     string
	run      func() error
	happened func(store.Record, error) bool
}

// TestWriteThatTheClientRepeats is carried out once and succeeds: it is not
// taken for somebody else's.
func TestWriteThatTheClientRepeats(t *testing.T) {
	ctx := t.Context()
	opts := options()
	w := new(wire)
	st, other := open(t, connect(t, server(t), w.options()...), opts), open(t, connect(t, server(t)), opts)
	for _, call := range writes(ctx, st) {
		w.took()
		w.breaks(1, nil, status.Error(codes.Unavailable, "the connection is closed"))
		if err := call.run(); err != nil {
			t.Errorf("%s that was repeated: %v", call.name, err)
		}
		want := []string{get, commit, commit}
		if call.name == "Delete" {
			want = want[1:]
		}
		if diff := cmp.Diff(want, w.took()); diff != "" {
			t.Errorf("%s that was repeated (-want +got):\n%s", call.name, diff)
		}
		if got, err := other.Load(ctx, "a"); !call.happened(got, err) {
			t.Errorf("after %s: %+v, error %v", call.name, got, err)
		}
	}
}

// TestWriteThatIsGivenUpForContention has not happened, and is tried again.
func TestWriteThatIsGivenUpForContention(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	st := open(t, connect(t, server(t), w.options()...), options())
	for _, call := range writes(ctx, st) {
		w.took()
		w.breaks(3, status.Error(codes.Aborted, "Too much contention on these documents. Please try again."), nil)
		if err := call.run(); err != nil {
			t.Errorf("%s that was given up: %v", call.name, err)
		}
		if diff := cmp.Diff([]string{commit, commit, commit, commit}, w.took()); diff != "" {
			t.Errorf("%s that was given up three times (-want +got):\n%s", call.name, diff)
		}
		if got, err := st.Load(ctx, "a"); !call.happened(got, err) {
			t.Errorf("after %s: %+v, error %v", call.name, got, err)
		}
	}
}

// TestRepeatedWriteOfAnotherIsNotTakenForOwn: the same data, from another
// process, is another save.
func TestRepeatedWriteOfAnotherIsNotTakenForOwn(t *testing.T) {
	ctx := t.Context()
	opts := options()
	st, other := open(t, connect(t, server(t)), opts), open(t, connect(t, server(t)), opts)
	r := record("a")
	ok(t, st.Create(ctx, r))
	if err := is(other.Create(ctx, r), store.ErrExists); err != nil {
		t.Error("Create: ", err)
	}
	ok(t, other.Save(ctx, r))
	if err := is(st.Save(ctx, r), store.ErrConflict); err != nil {
		t.Error("Save: ", err)
	}
}

// TestConnectionThatIsCutBeforeTheAnswer: the server has carried out what the
// client did not hear of, and the client asks again on another connection.
func TestConnectionThatIsCutBeforeTheAnswer(t *testing.T) {
	ctx := t.Context()
	proxy, opts := testserver.NewProxy(t, server(t)), options()
	st, other := open(t, connect(t, proxy.Address), opts), open(t, connect(t, server(t)), opts)
	_, err := st.Load(ctx, "a") // connects
	ok(t, is(err, store.ErrNotFound))
	for _, call := range writes(ctx, st) {
		proxy.Deafen()
		done := make(chan error, 1)
		go func() { done <- call.run() }()
		testserver.Until(t, 30*time.Second, call.name+" has happened", func() bool { return call.happened(other.Load(ctx, "a")) })
		proxy.Cut()
		proxy.Pass()
		if err := <-done; err != nil {
			t.Errorf("%s whose answer is lost: %v", call.name, err)
		}
		if got, err := other.Load(ctx, "a"); !call.happened(got, err) {
			t.Errorf("after %s: %+v, error %v", call.name, got, err)
		}
	}
}

// TestVisitorWhoseSaveIsNotAnswered: a server that fails after it has written
// makes nobody count twice. The client does not repeat what is Internal; the
// manager looks.
func TestVisitorWhoseSaveIsNotAnswered(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	m, err := sessions.New(open(t, connect(t, server(t), w.options()...), options()), sessions.Options{})
	ok(t, err)
	const hits = sessions.Key[int]("hits")
	visit := func(ctx context.Context, s *sessions.Session) {
		_, err := hits.Update(s, func(n int) int { return n + 1 })
		ok(t, err)
		ok(t, s.Save(ctx))
	}
	token := begin(t, m, visit)
	for n := 2; n < 6; n++ {
		s, err := m.Open(ctx, token)
		ok(t, err)
		w.breaks(1, nil, status.Error(codes.Internal, "internal error"))
		visit(ctx, s)
		s, err = m.Open(ctx, token)
		ok(t, err)
		if got, err := hits.Get(s); err != nil || got != n {
			t.Errorf("counted %d, error %v; want %d", got, err, n)
		}
	}
}
