package cachestore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
)

// place gives a second process the table and the address of its database.
const place = "CACHESTORE_PLACE"

func TestMain(m *testing.M) {
	at, ok := os.LookupEnv(place)
	if !ok {
		os.Exit(m.Run())
	}
	table, address, _ := strings.Cut(at, " ")
	if err := answer(context.Background(), table, address); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// overPostgreSQL puts a cache in front of a table, with a channel named as it.
func overPostgreSQL(p *pgxpool.Pool, table string) (*cachestore.Store, error) {
	backend, err := onTable(stdlib.OpenDBFromPool(p), table)
	if err != nil {
		return nil, err
	}
	return cachestore.New(backend, cachestore.Options{MaxStale: time.Hour, Channel: Notifications{p, table}})
}

// answer is what the second process does: it loads the ids that it is told, and prints
// their versions and how many loads the cache has answered.
func answer(ctx context.Context, table, address string) error {
	p, err := pgxpool.New(ctx, address)
	if err != nil {
		return err
	}
	defer p.Close()
	st, err := overPostgreSQL(p, table)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = st.Listen(ctx) }()
	defer func() { cancel(); <-ended }()
	for !st.Ready() {
		<-time.After(time.Millisecond)
	}
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		r, err := st.Load(ctx, in.Text())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		fmt.Println(r.Version, st.Stats().Hits)
	}
	return nil
}

// process is a second process that shares a table.
type process struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Reader
}

func start(t testing.TB, table, address string) *process {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), place+"="+table+" "+address)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	ok(t, err)
	out, err := c.StdoutPipe()
	ok(t, err)
	ok(t, c.Start())
	t.Cleanup(func() {
		if err := errors.Join(in.Close(), c.Wait()); err != nil {
			t.Errorf("the second process: %v", err)
		}
	})
	p := &process{t, in, bufio.NewReader(out)}
	if line := p.line(); line != "ready" {
		t.Fatalf("the second process says %q", line)
	}
	return p
}

func (p *process) line() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	ok(p.t, err)
	return strings.TrimSpace(line)
}

// load returns the version that the process sees, 0 for none, and how many
// loads its cache has answered so far.
func (p *process) load(id string) (version, hits uint64) {
	p.t.Helper()
	_, err := fmt.Fprintln(p.in, id)
	ok(p.t, err)
	if _, err := fmt.Sscan(p.line(), &version, &hits); err != nil {
		p.t.Fatal(err)
	}
	return version, hits
}

// twoProcesses returns a store here and a second process over one table.
func twoProcesses(t testing.TB) (here *cachestore.Store, there *process) {
	t.Helper()
	address := testserver.Find(t, testserver.PostgreSQL).Address
	p := pool(t, address)
	_, name := table(t, p)
	here, err := overPostgreSQL(p, name)
	ok(t, err)
	listen(t, here)
	return here, start(t, name, address)
}

func TestTwoProcessesTellEachOther(t *testing.T) {
	here, there := twoProcesses(t)
	r := fresh(t, here)
	cached := func(want uint64) {
		t.Helper()
		_, before := there.load(r.ID)
		if version, hits := there.load(r.ID); version != want || hits != before+1 {
			t.Fatalf("the other process sees version %d, want %d; its cache answered %d and %d", version, want, before, hits)
		}
	}
	cached(1)
	for ; r.Version < 5; r.Version++ {
		ok(t, here.Save(t.Context(), r))
		testserver.Until(t, 20*time.Second, "the other process sees what was saved", func() bool {
			version, _ := there.load(r.ID)
			return version == r.Version+1
		})
		cached(r.Version + 1)
	}
	ok(t, here.Delete(t.Context(), r.ID))
	testserver.Until(t, 20*time.Second, "the other process refuses what was deleted", func() bool {
		version, _ := there.load(r.ID)
		return version == 0
	})
}

// BenchmarkRevocation measures from when a delete is acknowledged in one
// process to when another has refused the session, which it had cached. The
// longest of all is reported too.
func BenchmarkRevocation(b *testing.B) {
	here, there := twoProcesses(b)
	var total, longest time.Duration
	for b.Loop() {
		r := fresh(b, here)
		there.load(r.ID)
		ok(b, here.Delete(b.Context(), r.ID))
		began := time.Now()
		for version := uint64(1); version != 0; {
			version, _ = there.load(r.ID)
		}
		took := time.Since(began)
		total, longest = total+took, max(longest, took)
	}
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "µs/revocation")
	b.ReportMetric(float64(longest.Microseconds()), "µs/longest")
}
