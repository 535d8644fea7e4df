package firestorestore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/firestorestore"
)

func Example() {
	ctx := context.Background()
	client, err := firestore.NewClient(ctx, "my-project", option.WithGRPCDialOption(
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 5 * time.Second})))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	st, err := firestorestore.New(client, firestorestore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := sessions.New(st, sessions.Options{}); err != nil {
		log.Fatal(err)
	}
}

func ExampleStore_Setup() {
	client, err := firestore.NewClientWithDatabase(context.Background(), "my-project", "my-database", option.WithoutAuthentication())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	st, err := firestorestore.New(client, firestorestore.Options{Collection: "shop-sessions"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(st.Setup())
	// Output:
	// # Expired records are collected, within a day. Then Sweep is not needed.
	// gcloud firestore fields ttls update expireAt --project='my-project' --database='my-database' --collection-group='shop-sessions' --enable-ttl --async
	// # What no query names is in no index.
	// gcloud firestore indexes fields update record --project='my-project' --database='my-database' --collection-group='shop-sessions' --disable-indexes --async
	// # With more than 500 saves a second, expiry is in no index either. Sweep fails then.
	// # gcloud firestore indexes fields update expireAt --project='my-project' --database='my-database' --collection-group='shop-sessions' --disable-indexes --async
}
