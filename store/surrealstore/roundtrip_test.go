package surrealstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestRoundTripsOfEachCall counts them on the connection.
func TestRoundTripsOfEachCall(t *testing.T) {
	ctx := t.Context()
	var trips testserver.Trips
	st := open(t, connect(t, find(t), &websocket.Dialer{NetDialContext: trips.Dial}))
	r := record("a")
	save := func() error { err := st.Save(ctx, r); r.Version++; return err }
	load := func() error { _, err := st.Load(ctx, "a"); return err }
	touch := func() error { return st.Touch(ctx, "a", r.Version, r.Expires.Add(time.Hour)) }
	list := func() error {
		for _, err := range st.List(ctx, "ann") {
			if err != nil {
				return err
			}
		}
		return nil
	}
	sweep := func() error { _, err := st.Sweep(ctx, 100); return err }
	remove := func() error { return st.Delete(ctx, "a") }
	fill := func() error {
		for i := range 249 {
			if err := st.Create(ctx, record(fmt.Sprint("more-", i))); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		name  string
		run   func() error
		want  error
		trips int64
	}{
		{"Delete of what is not there, before any write", remove, nil, 2},
		{"Save of what is not there, before any write", func() error { return st.Save(ctx, r) }, store.ErrConflict, 2},
		{"Create", func() error { return st.Create(ctx, r) }, nil, 1},
		{"Create of what is there", func() error { return st.Create(ctx, r) }, store.ErrExists, 1},
		{"Load", load, nil, 1},
		{"Save", save, nil, 1},
		{"Save of an old version", func() error { return st.Save(ctx, record("a")) }, store.ErrConflict, 1},
		{"Touch", touch, nil, 1},
		{"List", list, nil, 1},
		{"249 times Create", fill, nil, 249},
		{"List of 250", list, nil, 3},
		{"Sweep", sweep, nil, 1},
		{"Delete", remove, nil, 1},
		{"Delete of what is not there", remove, nil, 2},
		{"Save of what is not there", func() error { return st.Save(ctx, r) }, store.ErrConflict, 1},
		{"Load of what is not there", load, store.ErrNotFound, 1},
	} {
		before := trips.Count()
		if err := c.run(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if n := trips.Count() - before; n != c.trips {
			t.Errorf("%s took %d round trips, want %d", c.name, n, c.trips)
		}
	}
}
