package firestorestore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/store"
)

// TestDocumentOfAnotherProgramSaysWhatToDo, and stops neither a list nor a
// sweep.
func TestDocumentOfAnotherProgramSaysWhatToDo(t *testing.T) {
	for name, damage := range map[string][]firestore.Update{
		"no record":           {{Path: "record", Value: firestore.Delete}},
		"a text for a record": {{Path: "record", Value: "x"}},
		"no data":             {{Path: "record.data", Value: firestore.Delete}},
		"a text for data":     {{Path: "record.data", Value: "x"}},
		"a text as version":   {{Path: "record.version", Value: "1"}},
		"no version":          {{Path: "record.version", Value: firestore.Delete}},
		"version 0":           {{Path: "record.version", Value: 0}},
		"a time that is null": {{Path: "record.expires", Value: nil}},
		"a number as subject": {{Path: "record.subject", Value: 1}},
		"another id":          {{Path: "record.id", Value: "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, opts := t.Context(), options()
			client := connect(t, server(t))
			st := open(t, client, opts)
			r := record("a")
			ok(t, st.Create(ctx, r))
			docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
			ok(t, err)
			_, err = docs[0].Ref.Update(ctx, append(damage, firestore.Update{Path: "expireAt", Value: time.Now().Add(-time.Hour)}))
			ok(t, err)
			st.Remember(1)

			_, err = st.Load(ctx, "a")
			wants(t, "Load", err, "Options.Collection", docs[0].Ref.Path)
			wants(t, "Save", st.Save(ctx, r), "Options.Collection", docs[0].Ref.Path)
			wants(t, "Touch", st.Touch(ctx, "a", 1, r.Expires.Add(time.Hour)), "Options.Collection", docs[0].Ref.Path)
			if err := is(st.Create(ctx, r), store.ErrExists); err != nil {
				t.Error("Create: ", err)
			}
			ok(t, st.Create(ctx, record("listed")))
			for _, id := range []string{"dead", "and", "gone"} {
				dead := record(id)
				dead.Expires = time.Now().Add(-time.Second)
				ok(t, st.Create(ctx, dead))
			}
			found := 0
			for r, err := range st.List(ctx, "ann") {
				if err != nil {
					wants(t, "List", err, "Options.Collection", docs[0].Ref.Path)
				}
				if r.ID == "listed" {
					found++
				}
			}
			if found != 1 {
				t.Errorf("what can be read is listed %d times, want once", found)
			}
			if n, _ := st.Sweep(ctx, 2); n != 2 { // of which the document is one at first
				t.Errorf("swept %d, want 2", n)
			}
			n, err := st.Sweep(ctx, 10)
			if name == "no record" || name == "a text for a record" || name == "a time that is null" || name == "another id" {
				wants(t, "Sweep", err, "Options.Collection", docs[0].Ref.Path)
			} else {
				ok(t, err) // what it reads is well, and the record is alive
			}
			if n != 1 {
				t.Errorf("swept %d, want the last that has expired", n)
			}
			if doc, err := docs[0].Ref.Get(ctx); err != nil || !doc.Exists() {
				t.Errorf("the document was swept: %v", err)
			}
			ok(t, st.Delete(ctx, "a"))
		})
	}
}

// TestSweepEndsAtAnError and returns that one, not those of the deletes that it
// ends.
func TestSweepEndsAtAnError(t *testing.T) {
	ctx, opts := t.Context(), options()
	w := new(wire)
	writer := open(t, connect(t, server(t)), opts)
	for i := range 100 {
		r := record(fmt.Sprint(i))
		r.Expires = time.Now().Add(-time.Minute)
		ok(t, writer.Create(ctx, r))
	}
	fail := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return status.Error(codes.Internal, "the first")
	}
	st := open(t, connect(t, server(t), append(w.options(), grpc.WithChainUnaryInterceptor(fail))...), opts)
	n, err := st.Sweep(ctx, 100)
	wants(t, "Sweep", err, "the first")
	if sent := len(w.took()); n != 0 || sent > 40 {
		t.Errorf("swept %d, by %d requests; want it to stop at the first", n, sent)
	}
	if n, err := writer.Sweep(ctx, 1000); n != 100 || err != nil {
		t.Errorf("swept %d, error %v; want 100", n, err)
	}
}

// TestSweepLeavesWhatIsWrittenMeanwhile by a process whose clock is behind.
func TestSweepLeavesWhatIsWrittenMeanwhile(t *testing.T) {
	ctx, opts := t.Context(), options()
	client := connect(t, server(t))
	writer := open(t, client, opts)
	r := record("a")
	r.Expires = time.Now().Add(-time.Minute)
	ok(t, writer.Create(ctx, r))
	docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	between := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		_, err := docs[0].Ref.Update(ctx, []firestore.Update{{Path: "record.expires", Value: time.Now().Add(time.Hour).UnixMilli()}})
		ok(t, err)
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	st := open(t, connect(t, server(t), grpc.WithChainUnaryInterceptor(between)), opts)
	if n, err := st.Sweep(ctx, 10); n != 0 || err != nil {
		t.Errorf("swept %d, error %v; want none", n, err)
	}
	if _, err := writer.Load(ctx, "a"); err != nil {
		t.Errorf("what was prolonged: %v", err)
	}
}

// TestListLeavesOutWhatOnlyTheIndexCallsTheSubjects: it has hashes.
func TestListLeavesOutWhatOnlyTheIndexCallsTheSubjects(t *testing.T) {
	ctx, opts := t.Context(), options()
	client := connect(t, server(t))
	st := open(t, client, opts)
	ok(t, st.Create(ctx, record("a")))
	docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	_, err = docs[0].Ref.Update(ctx, []firestore.Update{{Path: "record.subject", Value: "bob"}})
	ok(t, err)
	if got := ids(t, st, "ann"); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
}
