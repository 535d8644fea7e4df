package firestorestore_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/firestorestore"
)

const project = "sessions-test" // the emulator has any

// server returns the emulator's address.
func server(t testing.TB) string {
	t.Helper()
	return testserver.Find(t, testserver.Firestore).Address
}

// options have a collection that nobody else has.
func options() firestorestore.Options {
	return firestorestore.Options{Collection: "firestorestore-" + rand.Text()}
}

// dial returns a client with a connection of its own.
func dial(address, project string, opts ...grpc.DialOption) (*firestore.Client, error) {
	soon := backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 100 * time.Millisecond}
	opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: soon, MinConnectTimeout: time.Second})) // or tests wait long after an outage
	conn, err := grpc.NewClient("passthrough:///"+address, opts...)
	if err != nil {
		return nil, err
	}
	return firestore.NewClient(context.Background(), project, option.WithGRPCConn(conn))
}

// owner makes a client the emulator's owner, as [firestore.NewClient] does. The
// emulator takes a BatchWrite from nobody else.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }

// connect returns a client that ends with the test.
func connect(t testing.TB, address string, opts ...grpc.DialOption) *firestore.Client {
	t.Helper()
	client, err := dial(address, project, append(opts, grpc.WithPerRPCCredentials(owner{}))...)
	ok(t, err)
	t.Cleanup(func() { _ = client.Close() }) // a test may have closed it
	return client
}

// open returns a store, and fails the test where there is none.
func open(t testing.TB, client *firestore.Client, opts firestorestore.Options) *firestorestore.Store {
	t.Helper()
	st, err := firestorestore.New(client, opts)
	ok(t, err)
	return st
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
