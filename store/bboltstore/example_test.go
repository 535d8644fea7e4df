package bboltstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "sessions.bolt")

	st, err := bboltstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour), Data: []byte("kept")}))
	fmt.Println(st.Close())

	st, err = bboltstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	r, err := st.Load(ctx, "a")
	fmt.Printf("%s %v\n", r.Data, err)
	// Output:
	// <nil>
	// <nil>
	// kept <nil>
}
