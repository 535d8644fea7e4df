package mongostore_test

import (
	"context"
	"log"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/mongostore"
)

func Example() {
	ctx := context.Background()
	client, err := mongo.Connect(options.Client().
		ApplyURI("mongodb+srv://app.example.mongodb.net/").
		SetServerAPIOptions(options.ServerAPI(options.ServerAPIVersion1)).
		SetServerSelectionTimeout(time.Second))
	if err != nil {
		log.Fatal(err)
	}
	defer func() {
		if err := client.Disconnect(ctx); err != nil {
			log.Print(err)
		}
	}()
	st, err := mongostore.New(client.Database("app"), mongostore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if _, err := sessions.New(st, sessions.Options{}); err != nil {
		log.Fatal(err)
	}
}

// A server that ends no records by itself has to be swept.
func ExampleStore_Sweep() {
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://db.example:27017/?retryWrites=false"))
	if err != nil {
		log.Fatal(err)
	}
	st, err := mongostore.New(client.Database("app"), mongostore.Options{Collection: "logins"})
	if err != nil {
		log.Fatal(err)
	}
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		if err := manager.Sweep(ctx, 5*time.Minute); ctx.Err() == nil {
			log.Print(err)
		}
	}()
}
