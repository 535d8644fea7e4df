package vault_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/internal/vault"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

func open(st store.Store, namespace string) *vault.Vault {
	return vault.New(vault.Config{
		Store: st, Namespace: namespace, LoadTimeout: time.Second, SaveTimeout: 5 * time.Second,
		End: func(_ *envelope.Record, _ string, expires int64) int64 { return expires },
	})
}

func find(t *testing.T, v *vault.Vault) (s vault.Snapshot, err error) {
	t.Helper()
	err = v.Find(t.Context(), id, &s, new(vault.Reading))
	return s, err
}

// state is a record that holds one value.
func state(value string) vault.State {
	s := vault.State{Expires: time.Now().Add(time.Hour).UnixMilli()}
	s.Values.Set("k", envelope.Value{Codec: []byte("json"), Data: []byte(value)})
	return s
}

func value(s vault.Snapshot) string {
	values := s.Record.Values()
	v, _ := values.Get("k")
	return string(v.Data)
}

func create(t *testing.T, v *vault.Vault) vault.Snapshot {
	t.Helper()
	w := v.Begin(t.Context())
	s, err := w.Create(id, state("1"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFindSeesItsOwnNamespace(t *testing.T) {
	st := new(memstore.Store)
	create(t, open(st, "a"))
	if s, err := find(t, open(st, "a")); err != nil || value(s) != "1" {
		t.Errorf("Find: %v", err)
	}
	if _, err := find(t, open(st, "b")); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Find in another namespace: %v, want ErrNotFound", err)
	}
}

func TestReplaceMakesChangesAgainOnTheNewerRecord(t *testing.T) {
	v := open(new(memstore.Store), "a")
	base := create(t, v)
	first, second := v.Begin(t.Context()), v.Begin(t.Context())
	if _, err := first.Replace(base, state("first"), nil); err != nil {
		t.Fatal(err)
	}
	s, err := second.Replace(base, state("second"), func(newer vault.Snapshot) (vault.State, bool, error) {
		return state(value(newer) + " second"), true, nil
	})
	if err != nil || value(s) != "first second" || s.Version != 3 {
		t.Errorf("version %d, error %v", s.Version, err)
	}
}

func TestWriteInDoubtIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &faultstore.Store{Store: new(memstore.Store)}
		v := open(st, "a")
		base := create(t, v)
		st.Ops()
		st.Fault = func(n int, _ string) faultstore.Fault {
			if n == 1 {
				return faultstore.After // the save arrives
			}
			return faultstore.Hang
		}
		w := v.Begin(t.Context())
		if _, err := w.Replace(base, state("2"), nil); !errors.Is(err, vault.ErrUnavailable) || !w.InDoubt() {
			t.Fatalf("Replace: %v, in doubt %t", err, w.InDoubt())
		}
		st.Fault = nil
		w.Resume(t.Context())
		s, err := w.Replace(base, state("2"), nil)
		if err != nil || value(s) != "2" || s.Version != 2 || w.InDoubt() {
			t.Errorf("resumed: version %d, error %v, in doubt %t", s.Version, err, w.InDoubt())
		}
	})
}

// TestWritersTakeTurns: each but the first meets at most one conflict.
func TestWritersTakeTurns(t *testing.T) {
	const writers = 50
	st := &faultstore.Store{Store: new(memstore.Store)}
	v := open(st, "a")
	base := create(t, v)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			w := v.Begin(t.Context())
			again := func(newer vault.Snapshot) (vault.State, bool, error) { return state(value(newer) + "x"), true, nil }
			if _, err := w.Replace(base, state("1x"), again); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := find(t, v)
	if diff := cmp.Diff(len("1")+writers, len(value(s))); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
