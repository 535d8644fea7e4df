package mongostore_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/mongostore"
)

// server returns the address of one that others may use too.
func server(t testing.TB) string { return testserver.Find(t, testserver.MongoDB).Address }

// connect returns a client that ends with the test.
func connect(t testing.TB, address string, change func(*options.ClientOptions)) *mongo.Client {
	t.Helper()
	client, err := dial(address, change)
	ok(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second) // it may say goodbye to a server that is gone
		defer cancel()
		_ = client.Disconnect(ctx)
	})
	return client
}

func dial(address string, change func(*options.ClientOptions)) (*mongo.Client, error) {
	opts := options.Client().ApplyURI(address)
	if change != nil {
		change(opts)
	}
	return mongo.Connect(opts)
}

// impatient gives up soon when there is no server, so that a test of an outage
// takes no minutes.
func impatient(o *options.ClientOptions) { o.SetServerSelectionTimeout(50 * time.Millisecond) }

// name returns a database that nobody else has.
func name() string { return "mongostore-" + rand.Text() }

// database returns one that ends with the test.
func database(t testing.TB, client *mongo.Client) *mongo.Database {
	t.Helper()
	db := client.Database(name())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := connect(t, server(t), nil).Database(db.Name()).Drop(ctx); err != nil {
			t.Error(err)
		}
	})
	return db
}

// open returns a store, and fails the test where there is none.
func open(t testing.TB, db *mongo.Database) *mongostore.Store {
	t.Helper()
	st, err := mongostore.New(db, mongostore.Options{})
	ok(t, err)
	return st
}

// fresh returns a store in a database of its own, that has its indexes, and
// the database.
func fresh(t testing.TB) (*mongostore.Store, *mongo.Database) {
	t.Helper()
	db := database(t, connect(t, server(t), nil))
	st := open(t, db)
	ok(t, st.Migrate(t.Context()))
	return st, db
}

// product returns the server's name and version.
func product(t testing.TB, client *mongo.Client) string {
	t.Helper()
	var info struct{ Version string }
	ok(t, client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info))
	return cmp.Or(os.Getenv("MONGODB_SERVER"), "MongoDB "+info.Version)
}

// record returns one that lives for an hour.
func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
}

func ids(t *testing.T, st *mongostore.Store, subject string) (ids []string) {
	t.Helper()
	for r, err := range st.List(t.Context(), subject) {
		ok(t, err)
		ids = append(ids, r.ID)
	}
	return ids
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
