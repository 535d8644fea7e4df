package dynamostore_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

// TestCostOfEachCall counts the requests, each of which is a round trip, by
// what they ask for.
func TestCostOfEachCall(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w)), dynamostore.Options{SweepByScan: true})
	anonymous, owned := record("anonymous"), record("owned")
	anonymous.Subject = ""
	for _, c := range []struct {
		name  string
		call  func() error
		asked string
	}{
		{"Create", func() error { return st.Create(ctx, anonymous) }, "PutItem"},
		{"Create of a taken id", func() error { return unless(st.Create(ctx, anonymous), store.ErrExists) }, "PutItem"},
		{"Load", func() error { return load(ctx, st, "anonymous") }, "GetItem"},
		{"Load of nothing", func() error { return unless(load(ctx, st, "nothing"), store.ErrNotFound) }, "GetItem"},
		{"Save", func() error { return st.Save(ctx, anonymous) }, "UpdateItem"},
		{"Save of an old version", func() error { return unless(st.Save(ctx, anonymous), store.ErrConflict) }, "UpdateItem"},
		{"Touch", func() error { return st.Touch(ctx, "anonymous", 2, anonymous.Expires.Add(time.Hour)) }, "UpdateItem"},
		{"Touch to an earlier time", func() error { return st.Touch(ctx, "anonymous", 2, anonymous.Expires) }, "UpdateItem GetItem"},
		{"Touch of an old version", func() error {
			return unless(st.Touch(ctx, "anonymous", 1, anonymous.Expires.Add(2*time.Hour)), store.ErrConflict)
		}, "UpdateItem GetItem"},
		{"Touch of an old version to an earlier time", func() error { return unless(st.Touch(ctx, "anonymous", 1, anonymous.Expires), store.ErrConflict) },
			"UpdateItem GetItem"},
		{"Delete", func() error { return st.Delete(ctx, "anonymous") }, "DeleteItem"},
		{"Delete of nothing", func() error { return st.Delete(ctx, "anonymous") }, "DeleteItem"},
		{"List of nobody", func() error { return list(ctx, st, "") }, ""},
		{"List of somebody without records", func() error { return list(ctx, st, "ann") }, "Query"},
		{"Create with a subject", func() error { return st.Create(ctx, owned) }, "PutItem"},
		{"List", func() error { return list(ctx, st, "ann") }, "Query BatchGetItem"},
		{"Delete of an owned one", func() error { return st.Delete(ctx, "owned") }, "DeleteItem"},
		{"Sweep of nothing", func() error { _, err := st.Sweep(ctx, 10); return err }, "Scan"},
		{"calls about what can be no id", func() error {
			odd := record("a\xff")
			return errors.Join(unless(load(ctx, st, ""), store.ErrNotFound), unless(st.Save(ctx, odd), store.ErrConflict),
				unless(st.Touch(ctx, odd.ID, 1, odd.Expires), store.ErrConflict), st.Delete(ctx, odd.ID), list(ctx, st, "ann\xff"))
		}, ""},
	} {
		w.heard()
		if err := c.call(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.asked, w.heard()); diff != "" {
			t.Errorf("%s: other requests (-want +got):\n%s", c.name, diff)
		}
	}
}

// unless returns an error if err is not the one that is wanted.
func unless(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return errors.Join(errors.New("another error"), err)
}

func load(ctx context.Context, st *dynamostore.Store, id string) error {
	_, err := st.Load(ctx, id)
	return err
}

func list(ctx context.Context, st *dynamostore.Store, subject string) (errs error) {
	for _, err := range st.List(ctx, subject) {
		errs = errors.Join(errs, err)
	}
	return errs
}

// TestLoadsAreStronglyConsistent: dynalite's always are, so that only the
// request tells. Of List's, TestKeysThatAreNotProcessedAreAskedForAgain does.
func TestLoadsAreStronglyConsistent(t *testing.T) {
	a := &script{t: t, answers: []fault{{status: 200, body: "{}"}}}
	st := open(t, dial("http://127.0.0.1:9", over(a)), dynamostore.Options{})
	if err := load(t.Context(), st, "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load: %v", err)
	}
	want := []string{`GetItem {"ConsistentRead":true,"Key":{"id":{"S":"a"}},"TableName":"sessions"}`}
	for i, asked := range a.asked {
		operation, body, _ := strings.Cut(asked, " ")
		var v any
		ok(t, json.Unmarshal([]byte(body), &v))
		sorted, err := json.Marshal(v)
		ok(t, err)
		a.asked[i] = operation + " " + string(sorted)
	}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Errorf("other requests (-want +got):\n%s", diff)
	}
}
