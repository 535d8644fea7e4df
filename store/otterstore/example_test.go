package otterstore_test

import (
	"context"
	"expvar"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/otterstore"
)

func Example() {
	st, err := otterstore.New(otterstore.Options{MaxBytes: 512 << 20})
	if err != nil {
		log.Fatal(err)
	}
	// A metric that moves means that visitors are logged out for want of room.
	evicted := expvar.Func(func() any { return st.Evicted() }) // for expvar.Publish
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	_ = manager.Handler(http.NotFoundHandler())
	fmt.Println(evicted)
	// Output: 0
}

func ExampleOptions_onEvict() {
	ctx := context.Background()
	evicted := make(chan string, 1000)
	st, err := otterstore.New(otterstore.Options{MaxRecords: 100, OnEvict: func(id string) {
		select {
		case evicted <- id: // for whoever logs it
		default:
		}
	}})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 101 {
		r := store.Record{ID: fmt.Sprint(i), Expires: time.Now().Add(time.Hour)}
		if err := st.Create(ctx, r); err != nil {
			log.Fatal(err)
		}
	}
	<-evicted // its visitor has no session any more
	fmt.Println(st.Evicted() > 0)
	// Output: true
}
