package mongostore_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// index is what a test wants to know of one.
type index struct {
	Keys    string
	Seconds int32 // until it ends a record, -1 for never
	Partial string
}

// indexes returns those of a collection but that of ids.
func indexes(t *testing.T, db *mongo.Database) []index {
	t.Helper()
	cursor, err := db.Collection("sessions").Indexes().List(t.Context())
	ok(t, err)
	var documents []bson.Raw
	ok(t, cursor.All(t.Context(), &documents))
	var all []index
	for _, d := range documents {
		i := index{Keys: d.Lookup("key").String(), Seconds: -1}
		if n, ok := d.Lookup("expireAfterSeconds").AsInt64OK(); ok {
			i.Seconds = int32(n)
		}
		if p, ok := d.Lookup("partialFilterExpression").DocumentOK(); ok {
			i.Partial = p.String()
		}
		if d.Lookup("name").StringValue() != "_id_" {
			all = append(all, i)
		}
	}
	return all
}

const (
	one       = `{"$numberInt":"1"}`
	byExpiry  = `{"exp": ` + one + `}`
	bySubject = `{"sub": ` + one + `,"_id": ` + one + `}`
	ofSomeone = `{"sub": {"$exists": true}}`
)

func TestMigrateMakesTheIndexesOnce(t *testing.T) {
	st, db := fresh(t)
	ok(t, st.Migrate(t.Context()))
	want := []index{{Keys: bySubject, Seconds: -1, Partial: ofSomeone}, {Keys: byExpiry, Seconds: 60}}
	if diff := cmp.Diff(want, indexes(t, db)); diff != "" {
		t.Errorf("other indexes (-want +got):\n%s", diff)
	}
}

func TestMigrateOfManyProcessesAtOnce(t *testing.T) {
	db := database(t, connect(t, server(t), nil))
	var all sync.WaitGroup
	for range 8 {
		st := open(t, connect(t, server(t), nil).Database(db.Name()))
		all.Go(func() {
			if err := st.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(indexes(t, db)); n != 2 {
		t.Errorf("%d indexes, want 2", n)
	}
}

// TestMigrateWithoutTTL: an engine that ends nothing by itself has an index
// for Sweep.
func TestMigrateWithoutTTL(t *testing.T) {
	w := newWire(t)
	w.set(func(command string, request bson.Raw, ask func() bson.Raw) bson.Raw {
		if command == "createIndexes" {
			if _, err := request.LookupErr("indexes", "0", "expireAfterSeconds"); err == nil {
				return failure(t, 303, "Unsupported", "Feature not supported: expireAfterSeconds")
			}
		}
		return ask()
	})
	db := database(t, connect(t, w.address, nil))
	for range 2 {
		ok(t, open(t, db).Migrate(t.Context()))
	}
	want := []index{{Keys: bySubject, Seconds: -1, Partial: ofSomeone}, {Keys: byExpiry, Seconds: -1}}
	if diff := cmp.Diff(want, indexes(t, db)); diff != "" {
		t.Errorf("other indexes (-want +got):\n%s", diff)
	}
	w.set(pass)
	ok(t, open(t, db).Migrate(t.Context())) // what is there is left as it is
	if diff := cmp.Diff(want, indexes(t, db)); diff != "" {
		t.Errorf("other indexes (-want +got):\n%s", diff)
	}
}

// TestIndexThatEndsRecordsTooSoon would take live records from processes whose
// clocks are behind that of the server.
func TestIndexThatEndsRecordsTooSoon(t *testing.T) {
	for _, test := range []struct {
		seconds int32
		refused bool
	}{{0, true}, {59, true}, {61, false}, {86400, false}} {
		db := database(t, connect(t, server(t), nil))
		_, err := db.Collection("sessions").Indexes().CreateOne(t.Context(),
			mongo.IndexModel{Keys: bson.D{{Key: "exp", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(test.seconds)})
		ok(t, err)
		err = open(t, db).Migrate(t.Context())
		if test.refused {
			wants(t, "Migrate", err, "collMod", "exp_1")
		} else {
			ok(t, err)
		}
	}
}
