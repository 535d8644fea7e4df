package mongostore_test

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/store"
)

// TestDocumentsOfOthersSayWhatToDo, whatever is wrong with them.
func TestDocumentsOfOthersSayWhatToDo(t *testing.T) {
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		document bson.D
		says     string
	}{
		"empty":          {bson.D{}, "field v"},
		"version text":   {bson.D{{Key: "v", Value: "1"}, {Key: "exp", Value: later}, {Key: "data", Value: []byte("x")}}, "field v"},
		"version zero":   {bson.D{{Key: "v", Value: 0}, {Key: "exp", Value: later}, {Key: "data", Value: []byte("x")}}, "field v"},
		"expiry number":  {bson.D{{Key: "v", Value: 1}, {Key: "exp", Value: later.Unix()}, {Key: "data", Value: []byte("x")}}, "field exp"},
		"subject number": {bson.D{{Key: "v", Value: 1}, {Key: "exp", Value: later}, {Key: "sub", Value: 7}, {Key: "data", Value: []byte("x")}}, "field sub"},
		"data text":      {bson.D{{Key: "v", Value: 1}, {Key: "exp", Value: later}, {Key: "sub", Value: "ann"}, {Key: "data", Value: "x"}}, "field data"},
		"no data":        {bson.D{{Key: "v", Value: 1}, {Key: "exp", Value: later}, {Key: "sub", Value: "ann"}}, "field data"},
	} {
		t.Run(name, func(t *testing.T) {
			st, db := fresh(t)
			_, err := db.Collection("sessions").InsertOne(ctx, append(bson.D{{Key: "_id", Value: "a"}}, test.document...))
			ok(t, err)
			_, err = st.Load(ctx, "a")
			wants(t, "Load", err, "no session's", test.says, "Options.Collection")
			if err := st.Create(ctx, record("a")); !errors.Is(err, store.ErrExists) {
				t.Errorf("Create: %v, want ErrExists", err)
			}
			ok(t, st.Create(ctx, record("b")))
			for _, err := range st.List(ctx, "ann") {
				if test.says == "field data" {
					wants(t, "List", err, "no session's", test.says, "Options.Collection")
				} else {
					ok(t, err)
				}
			}
			_, err = st.Sweep(ctx, 10)
			ok(t, err)
			n, err := db.Collection("sessions").CountDocuments(ctx, bson.D{{Key: "_id", Value: "a"}})
			if n != 1 || err != nil {
				t.Errorf("%d documents are left, error %v", n, err)
			}
		})
	}
}

// TestNumbersOfAShell: who edits a document by hand writes another type.
func TestNumbersOfAShell(t *testing.T) {
	ctx := t.Context()
	st, db := fresh(t)
	for id, version := range map[string]any{"int": int32(3), "double": 3.0} {
		_, err := db.Collection("sessions").InsertOne(ctx, bson.D{
			{Key: "_id", Value: id}, {Key: "v", Value: version}, {Key: "exp", Value: time.Now().Add(time.Hour)}, {Key: "data", Value: []byte("x")},
		})
		ok(t, err)
		r, err := st.Load(ctx, id)
		if err != nil || r.Version != 3 {
			t.Errorf("Load: version %d, error %v", r.Version, err)
		}
		ok(t, st.Save(ctx, r))
	}
}

// TestUniqueIndexOfOthersIsNoTakenID, or new ids would be tried in vain.
func TestUniqueIndexOfOthersIsNoTakenID(t *testing.T) {
	ctx, w := t.Context(), newWire(t)
	// Not every server says which index it was, so one is made to.
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		answer := ask()
		var says struct {
			WriteErrors []bson.M `bson:"writeErrors"`
		}
		if command != "insert" || bson.Unmarshal(answer, &says) != nil || len(says.WriteErrors) == 0 {
			return answer
		}
		says.WriteErrors[0]["keyPattern"] = bson.D{{Key: "sub", Value: 1}}
		return with(t, answer, bson.E{Key: "writeErrors", Value: says.WriteErrors})
	})
	db := database(t, connect(t, w.address, nil))
	st := open(t, db)
	_, err := db.Collection("sessions").Indexes().CreateOne(ctx,
		mongo.IndexModel{Keys: bson.D{{Key: "sub", Value: 1}}, Options: options.Index().SetUnique(true)})
	ok(t, err)
	ok(t, st.Create(ctx, record("a")))
	wants(t, "Create", st.Create(ctx, record("b")), "a unique index of the collection forbids it")
	other := record("c")
	other.Subject = "bob"
	ok(t, st.Create(ctx, other))
	other.Subject = "ann"
	wants(t, "Save", st.Save(ctx, other), "a unique index of the collection forbids it")
}

// TestServerThatFindsWhatIsAlike, as a collation has it, shows nobody the
// sessions of another.
func TestServerThatFindsWhatIsAlike(t *testing.T) {
	ctx, w := t.Context(), newWire(t)
	st := open(t, database(t, connect(t, w.address, nil)))
	ok(t, st.Create(ctx, record("A")))
	found := raw(t, bson.D{
		{Key: "_id", Value: "A"}, {Key: "v", Value: 1}, {Key: "exp", Value: time.Now().Add(time.Hour)},
		{Key: "sub", Value: "Ann"}, {Key: "data", Value: []byte("x")},
	})
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		if command != "find" {
			return ask()
		}
		return raw(t, bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{
			{Key: "id", Value: int64(0)}, {Key: "ns", Value: "app.sessions"}, {Key: "firstBatch", Value: bson.A{found}},
		}}})
	})
	_, err := st.Load(ctx, "a")
	wants(t, "Load", err, "by a collation")
	for r, err := range st.List(ctx, "ann") {
		wants(t, "List", err, "by a collation")
		if r.ID != "" {
			t.Errorf("listed: %+v", r)
		}
	}
	if _, err := st.Load(ctx, "A"); err != nil {
		t.Error(err)
	}
}
