package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func Example() {
	ctx := context.Background()
	st := new(memstore.Store) // the zero value is ready to use
	r := store.Record{ID: "a", Expires: time.Now().Add(time.Hour), Data: []byte("one")}
	fmt.Println("create:", st.Create(ctx, r))

	r.Version, r.Data = 1, []byte("two")
	fmt.Println("save:", st.Save(ctx, r))
	fmt.Println("the same version again is a conflict:", errors.Is(st.Save(ctx, r), store.ErrConflict))
	// Output:
	// create: <nil>
	// save: <nil>
	// the same version again is a conflict: true
}

func ExampleStore_maxRecords() {
	ctx := context.Background()
	st := &memstore.Store{MaxRecords: 2}
	for _, id := range []string{"a", "b", "c"} {
		err := st.Create(ctx, store.Record{ID: id, Expires: time.Now().Add(time.Hour)})
		fmt.Println(id, errors.Is(err, memstore.ErrFull))
	}
	_ = st.Delete(ctx, "a")
	fmt.Println(st.Create(ctx, store.Record{ID: "c", Expires: time.Now().Add(time.Hour)}))
	// Output:
	// a false
	// b false
	// c true
	// <nil>
}
