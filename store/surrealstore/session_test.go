package surrealstore_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testserver"
	"github.com/gosessions/sessions/store/surrealstore"
)

// TestSessionThatHasExpiredIsMadeAgain once, however many find it so, and so is
// a token.
func TestSessionThatHasExpiredIsMadeAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	open(t, admin)
	do[any](t, admin, "DEFINE USER brief ON DATABASE PASSWORD 's3cret' ROLES EDITOR DURATION FOR TOKEN 1s, FOR SESSION 1s", nil)
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "brief", Password: "s3cret"}
	var made dials
	db := connect(t, s, made.dialer())
	st := bare(t, db)
	expire := func() {
		expires := do[uint64](t, db, "RETURN $session.exp", nil)
		<-time.After(time.Until(time.Unix(int64(expires)+1, 0)))
	}
	expire()
	ids := strings.Split("abcdefghijklmnopqrstuvwxyz", "")
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			if err := st.Create(ctx, record(id)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := made.n.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
	expire()
	ok(t, made.last.Load().Close())
	_, err := st.Load(ctx, "a")
	ok(t, err)
	do[any](t, admin, "REMOVE USER brief ON DATABASE", nil)
	ok(t, made.last.Load().Close())
	_, err = st.Load(ctx, "a")
	wants(t, "Load by a user who is gone", err, "signin on a new connection", "check what SignIn is given")
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error has the password: %v", err)
	}
}

// TestSlowStatementOutlivesItsSession: the connection ends when the last has
// its answer.
func TestSlowStatementOutlivesItsSession(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	open(t, admin)
	do[any](t, admin, "DEFINE USER brief ON DATABASE PASSWORD 's3cret' ROLES EDITOR DURATION FOR SESSION 1s", nil)
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "brief", Password: "s3cret"}
	var made dials
	db := connect(t, s, made.dialer())
	st := bare(t, db)
	slow := make(chan error, 1)
	go func() {
		_, err := surrealdb.Query[any](ctx, db, "RETURN sleep(3s)", nil)
		slow <- err
	}()
	first := made.last.Load()
	for made.n.Load() == 1 {
		ok(t, st.Create(ctx, record(rand.Text())))
	}
	ok(t, <-slow)
	until(t, "the first connection has ended", func() bool { return first.SetDeadline(time.Time{}) != nil })
}

// TestOrderOfASessionIsKept: a user of a database who signs in chooses it.
func TestOrderOfASessionIsKept(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	open(t, admin)
	do[any](t, admin, "DEFINE USER editor ON DATABASE PASSWORD 's3cret' ROLES EDITOR", nil)
	proxy := testserver.NewProxy(t, s.host)
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: s.through(proxy).url})
	ok(t, err)
	db, err := surrealdb.FromConnection(ctx, conn)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close(context.WithoutCancel(ctx))) })
	ok(t, db.Use(ctx, namespace, "of somebody else"))
	ok(t, db.Let(ctx, "one", 1))
	ok(t, db.Let(ctx, "two", 1))
	_, err = db.SignIn(ctx, surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "editor", Password: "s3cret"})
	ok(t, err)
	ok(t, db.Let(ctx, "two", 2))
	const what = "RETURN [session::ns(), session::db(), $one, $two]"
	before := do[[]any](t, db, what, nil)
	proxy.Cut()
	until(t, "there is a new connection", func() bool {
		_, err := surrealdb.Query[any](ctx, db, "RETURN 1", nil)
		return err == nil
	})
	after := do[[]any](t, db, what, nil)
	want := []any{namespace, s.database, uint64(1), uint64(2)}
	if diff := cmp.Diff([][]any{want, want}, [][]any{before, after}); diff != "" {
		t.Errorf("session before and after (-want +got):\n%s", diff)
	}
}
