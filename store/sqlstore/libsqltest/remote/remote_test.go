// Package remote_test tests sqlstore on a libSQL server, by libsql-client-go.
package remote_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/tursodatabase/libsql-client-go/libsql"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore/libsqltest"
)

func TestMain(m *testing.M) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 2 * connections
	os.Exit(scenario.Main(m, openShared))
}

// connections bounds those of a database: each has a request under way, and
// another that closes the stream before.
const connections = 16

func connect(address string) (*sql.DB, error) {
	db, err := sql.Open("libsql", address)
	if err == nil {
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
	}
	return db, err
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func server(t *testing.T) string {
	t.Helper()
	return testserver.Find(t, testserver.LibSQL).Address
}

func TestContract(t *testing.T) {
	libsqltest.Contract(t, open(t, server(t)), "by libsql-client-go")
}

func TestTexts(t *testing.T) { libsqltest.Texts(t, libsqltest.New(t, open(t, server(t)))) }

func TestErrorsSayWhatToDo(t *testing.T) { libsqltest.Advice(t, open(t, server(t))) }

func TestScenarios(t *testing.T) {
	st := libsqltest.New(t, open(t, server(t)))
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens "table address" in a second process.
func openShared(shared string) (store.Store, error) {
	table, address, _ := strings.Cut(shared, " ")
	db, err := connect(address)
	if err != nil {
		return nil, err
	}
	return libsqltest.Open(context.Background(), db, table)
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	address, table := server(t), libsqltest.Table()
	db := open(t, address)
	t.Cleanup(func() { _, _ = db.Exec("DROP TABLE " + table) })
	scenario.TwoProcesses(t, table+" "+address)
}

// TestServerThatIsOutOfReachAndComesBack loses nothing that was acknowledged.
func TestServerThatIsOutOfReachAndComesBack(t *testing.T) {
	u, err := url.Parse(server(t))
	if err != nil || u.Scheme != "http" {
		t.Skip("only an http address can be led through a proxy")
	}
	p := testserver.NewProxy(t, u.Host)
	u.Host = p.Address
	st := libsqltest.New(t, open(t, u.String()))
	scenario.Outage(t, func(*testing.T) store.Store { return st }, p.Refuse, p.Pass)
}
