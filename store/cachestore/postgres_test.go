package cachestore_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestListeningConnectionBreaks: nothing is served from the cache until it is
// back, and then nothing of before.
func TestListeningConnectionBreaks(t *testing.T) {
	p := pool(t, testserver.Find(t, testserver.PostgreSQL).Address)
	backend, name := table(t, p)
	st, err := overPostgreSQL(p, name)
	ok(t, err)
	listen(t, st)
	for range 3 {
		r := fresh(t, st)
		sees(t, st, r.ID, 1)
		hits := st.Stats().Hits
		failures := st.Stats().Failures
		_, err := p.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = $1 AND (query LIKE 'LISTEN %' OR query LIKE '-- ping%')`,
			p.Config().ConnConfig.RuntimeParams["application_name"])
		ok(t, err)
		testserver.Until(t, 20*time.Second, "the loss is noticed", func() bool { return st.Stats().Failures > failures })
		ok(t, backend.Delete(t.Context(), r.ID)) // by somebody who tells nobody
		sees(t, st, r.ID, 0)
		testserver.Until(t, 20*time.Second, "it listens again", st.Ready)
		sees(t, st, r.ID, 0)
		if got := st.Stats().Hits; got != hits {
			t.Errorf("%d loads were answered by the cache meanwhile", got-hits)
		}
	}
}

// TestServerThatIsKilledAndComesBack takes the channel with it.
func TestServerThatIsKilledAndComesBack(t *testing.T) {
	server := testserver.Private(t, testserver.PostgreSQL)
	p := pool(t, server.Address)
	_, name := table(t, p)
	st, err := overPostgreSQL(p, name)
	ok(t, err)
	listen(t, st)
	scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
	testserver.Until(t, 20*time.Second, "it listens again", st.Ready)
	r := fresh(t, st)
	sees(t, st, r.ID, 1)
}
