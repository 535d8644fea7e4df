package surrealstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/surrealstore"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // for the start alone
	defer cancel()
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "wss://db.example:8000"})
	if err != nil {
		log.Fatal(err)
	}
	db, err := surrealdb.FromConnection(ctx, conn)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close(context.Background())
	// A user of the database's: DEFINE USER sessions ON DATABASE PASSWORD '…' ROLES EDITOR
	if _, err := db.SignIn(ctx, surrealdb.Auth{
		Namespace: "app", Database: "app", Username: "sessions", Password: os.Getenv("SURREALDB_PASSWORD"),
	}); err != nil {
		log.Fatal(err)
	}
	if err := db.Use(ctx, "app", "app"); err != nil {
		log.Fatal(err)
	}
	st, err := surrealstore.New(db, surrealstore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	go func() { // the server removes nothing by itself
		log.Print(manager.Sweep(context.Background(), time.Minute))
	}()
}

// The address and the table are checked before anything is asked of a server.
func ExampleNewConnection() {
	_, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "http://root:secret@localhost:8000"})
	fmt.Println(err)
	// Output:
	// surrealstore: ConnectionOptions.URL begins with neither ws:// nor wss:// and a host
	// ConnectionOptions.URL has a user: give user and password to SignIn
}
