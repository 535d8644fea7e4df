package mongostore_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// asked gathers what clients ask of a server, but for what clients do by
// themselves.
type asked struct {
	mu       sync.Mutex
	requests []bson.Raw
}

func (a *asked) answer(command string, request bson.Raw, ask func() bson.Raw) bson.Raw {
	if command != "isMaster" && command != "ismaster" && command != "hello" && command != "endSessions" {
		a.mu.Lock()
		a.requests = append(a.requests, append(bson.Raw{}, request...))
		a.mu.Unlock()
	}
	return ask()
}

// take returns what was asked since the last time.
func (a *asked) take() []bson.Raw {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := a.requests
	a.requests = nil
	return taken
}

// TestNothingIsLeftToTheClientsOptions: writes are acknowledged by a majority
// and reads go to the primary, whatever the client is set to.
func TestNothingIsLeftToTheClientsOptions(t *testing.T) {
	ctx, w, seen := t.Context(), newWire(t), new(asked)
	w.set(asReplicaSet(t, w, true, seen.answer)) // where else preferences are for
	reverse := bson.NewRegistry()
	reverse.RegisterTypeEncoder(reflect.TypeFor[string](), bson.ValueEncoderFunc(func(bson.EncodeContext, bson.ValueWriter, reflect.Value) error {
		return errors.New("an encoder of the client's")
	}))
	client := connect(t, w.address+"/?replicaSet=rs", func(o *options.ClientOptions) {
		o.SetWriteConcern(writeconcern.Unacknowledged()).SetReadPreference(readpref.Nearest()).SetReadConcern(readconcern.Snapshot()).
			SetRegistry(reverse).SetBSONOptions(&options.BSONOptions{OmitEmpty: true, IntMinSize: true, UseJSONStructTags: true})
	})
	st := open(t, database(t, client))
	r := record("a")
	ok(t, st.Create(ctx, r))
	ok(t, st.Save(ctx, r))
	ok(t, st.Touch(ctx, "a", 2, r.Expires.Add(time.Minute)))
	if got, err := st.Load(ctx, "a"); err != nil || got.Version != 2 {
		t.Errorf("Load: %+v, %v", got, err)
	}
	if got := ids(t, st, "ann"); len(got) != 1 {
		t.Errorf("List: %q", got)
	}
	_, err := st.Sweep(ctx, 10)
	ok(t, err)
	ok(t, st.Delete(ctx, "a"))
	var writes, reads int
	for _, request := range seen.take() {
		switch command := request.Index(0).Key(); command {
		case "insert", "update", "delete":
			writes++
			concern, _ := request.Lookup("writeConcern").DocumentOK()
			w, _ := concern.Lookup("w").StringValueOK()
			if j, _ := concern.Lookup("j").BooleanOK(); w != "majority" || !j {
				t.Errorf("%s has write concern %v", command, concern)
			}
		case "find":
			reads++
			if level, _ := request.Lookup("readConcern", "level").StringValueOK(); level != "local" {
				t.Errorf("%s has read concern %q", command, level)
			}
			if mode, ok := request.Lookup("$readPreference", "mode").StringValueOK(); ok && mode != "primary" {
				t.Errorf("%s has read preference %q", command, mode)
			}
		default:
			t.Errorf("asked: %v", request)
		}
	}
	if writes != 4 || reads != 3 {
		t.Errorf("%d writes and %d reads, want 4 and 3", writes, reads)
	}
}

// TestNothingIsPartOfACallersTransaction, which may be undone.
func TestNothingIsPartOfACallersTransaction(t *testing.T) {
	w, seen := newWire(t), new(asked)
	client := connect(t, w.address, nil)
	st := open(t, database(t, client))
	session, err := client.StartSession()
	ok(t, err)
	defer session.EndSession(t.Context())
	ok(t, session.StartTransaction())
	w.set(seen.answer)
	ok(t, mongo.WithSession(t.Context(), session, func(ctx context.Context) error {
		for op, err := range everything(ctx, st, "a") {
			if err != nil {
				t.Errorf("%s: %v", op, err)
			}
		}
		return nil
	}))
	requests := seen.take()
	for _, request := range requests {
		if _, err := request.LookupErr("autocommit"); err == nil {
			t.Errorf("%s is part of a transaction", request.Index(0).Key())
		}
	}
	if len(requests) < 7 {
		t.Errorf("asked %d times", len(requests))
	}
}
