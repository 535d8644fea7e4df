package surrealstore_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

// dials counts connections.
type dials struct {
	n    atomic.Int64
	last atomic.Pointer[net.TCPConn]
}

func (d *dials) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		d.n.Add(1)
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			d.last.Store(conn.(*net.TCPConn))
		}
		return conn, err
	}}
}

func TestConnectionThatIsLostIsMadeAgain(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	var made dials
	db := connect(t, s.through(proxy), made.dialer())
	st := open(t, db)
	ok(t, db.Let(ctx, "kept", 1))
	ok(t, db.Let(ctx, "dropped", 1))
	ok(t, db.Unset(ctx, "dropped"))
	ok(t, st.Create(ctx, record("a")))
	for name, lose := range map[string]func(){
		"cut":    proxy.Cut,
		"reset":  func() { ok(t, made.last.Load().SetLinger(0)); ok(t, made.last.Load().Close()) },
		"closed": func() { ok(t, made.last.Load().CloseWrite()) },
	} {
		before := made.n.Load()
		lose()
		if _, err := st.Load(ctx, "a"); err != nil {
			t.Errorf("%s: Load: %v", name, err)
		}
		if n := made.n.Load() - before; n != 1 {
			t.Errorf("%s: %d new connections, want 1", name, n)
		}
	}
	if got := do[[]any](t, db, "RETURN [$kept, $dropped]", nil); got[0] != uint64(1) || got[1] != nil {
		t.Errorf("variables on a new connection: %v", got)
	}
}

// TestHalfOpenConnectionIsGivenUp after somebody has waited for a second in
// vain, and not because somebody was in a hurry.
func TestHalfOpenConnectionIsGivenUp(t *testing.T) {
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	var made dials
	st := open(t, connect(t, s.through(proxy), made.dialer()))
	load := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := st.Load(ctx, "a")
		return err
	}
	for patience, want := range map[time.Duration]int64{50 * time.Millisecond: 0, 1500 * time.Millisecond: 1} {
		before := made.n.Load()
		proxy.Silence()
		inFlight := make(chan error, 1)
		go func() { inFlight <- load(time.Minute) }()
		if err := load(patience); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Load from a silent server: %v", err)
		}
		proxy.Pass()
		if err := <-inFlight; err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Load by a patient one: %v", err)
		}
		if n := made.n.Load() - before; n != want {
			t.Errorf("after %v of silence %d new connections were made, want %d", patience, n, want)
		}
	}
}

// TestSlowStatementLeavesTheConnectionAlone if others are answered meanwhile.
func TestSlowStatementLeavesTheConnectionAlone(t *testing.T) {
	var made dials
	db := connect(t, find(t), made.dialer())
	st := open(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	slow := make(chan error, 1)
	go func() {
		_, err := surrealdb.Query[any](ctx, db, "SLEEP 1m", nil)
		slow <- err
	}()
	for ctx.Err() == nil {
		if _, err := st.Load(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("Load meanwhile: %v", err)
		}
	}
	if err := <-slow; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the slow statement: %v", err)
	}
	if _, err := st.Load(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) || made.n.Load() != 1 {
		t.Errorf("Load: %v; %d connections, want 1", err, made.n.Load())
	}
}

// TestCallsEndWithTheirContext also where the network takes no more bytes.
func TestCallsEndWithTheirContext(t *testing.T) {
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	st := open(t, connect(t, s.through(proxy), nil))
	proxy.Silence()
	r := record("a")
	r.Data = make([]byte, 8<<20) // more than buffers hold
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	for op, err := range everything(ctx, st) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", op, err)
		}
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := st.Create(ctx, r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Create: %v", err)
		}
		cancel()
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("calls of 100 ms took %v", took)
	}
}

// stuck is a network connection whose writes wait, once told so, for its end.
type stuck struct {
	net.Conn
	told    atomic.Bool
	waiting chan struct{}
	closed  chan struct{}
	close   sync.Once
}

func (s *stuck) Write(b []byte) (int, error) {
	if !s.told.Load() {
		return s.Conn.Write(b)
	}
	s.waiting <- struct{}{}
	<-s.closed
	return 0, net.ErrClosed
}

func (s *stuck) Close() error {
	s.close.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

// TestCallThatWasNotSentIsSent by the next connection, though it writes.
func TestCallThatWasNotSentIsSent(t *testing.T) {
	t.Parallel()
	var conns []*stuck
	st := open(t, connect(t, find(t), &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		conns = append(conns, &stuck{Conn: conn, waiting: make(chan struct{}, 1), closed: make(chan struct{})})
		return conns[len(conns)-1], err
	}}))
	first := conns[0]
	first.told.Store(true)
	hasty := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		hasty <- st.Create(ctx, record("a"))
	}()
	<-first.waiting
	ok(t, st.Create(t.Context(), record("b")))
	if err := <-hasty; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Create that was under way: %v", err)
	}
	if len(conns) != 2 {
		t.Errorf("%d connections, want 2", len(conns))
	}
}

func TestCloseEndsCallsAndGoroutines(t *testing.T) {
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	db, err := s.through(proxy).dial(t.Context(), nil)
	ok(t, err)
	st := open(t, db)
	proxy.Silence()
	waits := make(chan error, 1)
	go func() { waits <- st.Create(context.WithoutCancel(t.Context()), record("a")) }()
	ok(t, db.Close(t.Context())) // returns when its goroutines have ended
	wants(t, "Create", <-waits, "the client was closed")
	ok(t, db.Close(t.Context()))
}

// TestSilentHandshakeEnds, so that nobody waits for a server that accepts
// connections and says nothing.
func TestSilentHandshakeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{
			URL: "ws://db.example",
			Dialer: &websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() { _, _ = server.Read(make([]byte, 1<<10)) }()
				return client, nil
			}},
		})
		ok(t, err)
		began := time.Now()
		if err := conn.Connect(t.Context()); err == nil || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ok(t, conn.Close(t.Context()))
	})
}
