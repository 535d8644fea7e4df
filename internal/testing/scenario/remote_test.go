package scenario_test

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"slices"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// Remote offers a store to other processes.
type Remote struct{ st store.Store }

// Reply is a record and the text of an error.
type Reply struct {
	Record store.Record
	Err    string
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (r *Remote) Create(in store.Record, out *Reply) error {
	out.Err = text(r.st.Create(context.Background(), in))
	return nil
}

func (r *Remote) Save(in store.Record, out *Reply) error {
	out.Err = text(r.st.Save(context.Background(), in))
	return nil
}

func (r *Remote) Delete(id string, out *Reply) error {
	out.Err = text(r.st.Delete(context.Background(), id))
	return nil
}

func (r *Remote) Load(id string, out *Reply) (err error) {
	out.Record, err = r.st.Load(context.Background(), id)
	out.Err = text(err)
	return nil
}

// client is a store of another process.
type client struct{ *rpc.Client }

// openRemote opens the store at an address, a new one if there is none.
func openRemote(address string) (store.Store, error) {
	if address == "" {
		return new(memstore.Store), nil
	}
	c, err := rpc.Dial("tcp", address)
	return client{c}, err
}

func (c client) call(method string, in any) (store.Record, error) {
	var out Reply
	if err := c.Call("Remote."+method, in, &out); err != nil {
		return store.Record{}, err
	}
	for _, err := range []error{store.ErrConflict, store.ErrExists, store.ErrNotFound} {
		if out.Err == err.Error() {
			return store.Record{}, err
		}
	}
	if out.Err != "" {
		return store.Record{}, errors.New(out.Err)
	}
	return out.Record, nil
}

func (c client) Create(_ context.Context, r store.Record) error {
	_, err := c.call("Create", r)
	return err
}

func (c client) Save(_ context.Context, r store.Record) error {
	_, err := c.call("Save", r)
	return err
}

func (c client) Delete(_ context.Context, id string) error {
	_, err := c.call("Delete", id)
	return err
}

func (c client) Load(_ context.Context, id string) (store.Record, error) {
	return c.call("Load", id)
}

// offer serves a store to other processes until the test ends.
func offer(t *testing.T, st store.Store) (address string) {
	server := rpc.NewServer()
	if err := server.Register(&Remote{st}); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { server.ServeConn(conn) }) // until the other process ends
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return listener.Addr().String()
}

func TestTwoProcesses(t *testing.T) {
	scenario.TwoProcesses(t, offer(t, new(memstore.Store)))
}

// TestProcessesThatShareNothingAreNoticed by every scenario in which visitors
// come back.
func TestProcessesThatShareNothingAreNoticed(t *testing.T) {
	found, err := scenario.CheckTwoProcesses(t, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range found {
		exempt := slices.Contains([]string{
			"a logout among writes and renewals is final",
			"one of parallel claims gets the value",
			"one of parallel claims of the only value gets it",
			"parallel first visits get sessions of their own",
		}, name)
		if err == nil && !exempt {
			t.Errorf("not noticed by %q", name)
		}
	}
}

func TestProcessThatDoesNotServe(t *testing.T) {
	if _, err := scenario.CheckTwoProcesses(t, "127.0.0.1:1"); err == nil {
		t.Error("no error although the second process cannot open its store")
	}
}
