package mongostore_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// counted dials connections whose round trips are counted.
type counted struct{ *testserver.Trips }

func (c counted) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return c.Dial(ctx, network, address)
}

// TestCostOfEachCall counts round trips on the connections, and commands as
// the client reports them.
func TestCostOfEachCall(t *testing.T) {
	ctx := t.Context()
	var trips testserver.Trips
	var mu sync.Mutex
	var commands []string
	_, db := fresh(t)
	client := connect(t, server(t), func(o *options.ClientOptions) {
		o.SetDialer(counted{&trips}).SetHeartbeatInterval(time.Hour).SetMaxPoolSize(1) // nobody else sends anything
		o.SetMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
			mu.Lock()
			defer mu.Unlock()
			commands = append(commands, e.CommandName)
		}})
	})
	st := open(t, client.Database(db.Name()))
	r := record("a")
	load := func() error { _, err := st.Load(ctx, "a"); return err }
	list := func() error {
		for _, err := range st.List(ctx, "ann") {
			if err != nil {
				return err
			}
		}
		return nil
	}
	sweep := func() error { _, err := st.Sweep(ctx, 100); return err }
	ok(t, st.Delete(ctx, "warm")) // the connection is there
	for _, call := range []struct {
		name string
		run  func() error
		want string // commands
	}{
		{"Create", func() error { return st.Create(ctx, r) }, "insert"},
		{"Load", load, "find"},
		{"Save", func() error { return st.Save(ctx, r) }, "update"},
		{"Touch", func() error { return st.Touch(ctx, "a", 2, r.Expires.Add(time.Hour)) }, "update"},
		{"List", list, "find"},
		{"Delete", func() error { return st.Delete(ctx, "a") }, "delete"},
		{"Delete of nothing", func() error { return st.Delete(ctx, "a") }, "delete"},
		{"Sweep of nothing", sweep, "find"},
		{"Create of an expired one", func() error { r.Expires = justOver(); return st.Create(ctx, r) }, "insert"},
		{"Sweep", sweep, "find delete"},
	} {
		before := trips.Count()
		mu.Lock()
		commands = nil
		mu.Unlock()
		if err := call.run(); err != nil {
			t.Errorf("%s: %v", call.name, err)
		}
		mu.Lock()
		got := strings.Join(commands, " ")
		mu.Unlock()
		if diff := cmp.Diff(call.want, got); diff != "" {
			t.Errorf("%s: other commands (-want +got):\n%s", call.name, diff)
		}
		if n, want := trips.Count()-before, int64(len(strings.Fields(call.want))); n != want {
			t.Errorf("%s took %d round trips, want %d", call.name, n, want)
		}
	}
}
