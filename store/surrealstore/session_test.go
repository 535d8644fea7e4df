package surrealstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

// brief returns a client of a user whose sessions last for a second, and that
// of an administrator.
func brief(t *testing.T, made *dials) (db, admin *surrealdb.DB) {
	t.Helper()
	s := find(t)
	admin = connect(t, s, nil)
	open(t, admin)
	do[any](t, admin, "DEFINE USER brief ON DATABASE PASSWORD 's3cret' ROLES EDITOR DURATION FOR TOKEN 1s, FOR SESSION 1s", nil)
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "brief", Password: "s3cret"}
	return connect(t, s, made.dialer()), admin
}

// expire waits until the server has forgotten who somebody is.
func expire(t *testing.T, db *surrealdb.DB) {
	t.Helper()
	expires := do[uint64](t, db, "RETURN $session.exp", nil)
	<-time.After(time.Until(time.Unix(int64(expires)+1, 0)))
}

// TestSessionThatHasExpiredIsMadeAgain once, however many find it so, and so is
// a token.
func TestSessionThatHasExpiredIsMadeAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var made dials
	db, admin := brief(t, &made)
	st := bare(t, db)
	expire(t, db)
	var all sync.WaitGroup
	for _, id := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
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
	expire(t, db)
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
// its answer, or with the client.
func TestSlowStatementOutlivesItsSession(t *testing.T) {
	t.Parallel()
	for duration, want := range map[string]string{"3s": "", "1m": "the client was closed"} {
		var made dials
		db, _ := brief(t, &made)
		first := made.last.Load()
		slow := make(chan error, 1)
		go func() {
			_, err := surrealdb.Query[any](context.WithoutCancel(t.Context()), db, "RETURN sleep("+duration+")", nil)
			slow <- err
		}()
		expire(t, db)
		_, err := bare(t, db).Load(t.Context(), "a")
		if !errors.Is(err, store.ErrNotFound) || made.n.Load() != 2 {
			t.Errorf("Load: %v; %d connections, want 2", err, made.n.Load())
		}
		if want != "" {
			ok(t, db.Close(t.Context()))
		}
		if err := <-slow; err != nil && want == "" || err == nil && want != "" || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("sleeping for %s: %v, want %q", duration, err, want)
		}
		testserver.Until(t, 10*time.Second, "the first connection has ended", func() bool { return first.SetDeadline(time.Time{}) != nil })
	}
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
	testserver.Until(t, 10*time.Second, "there is a new connection", func() bool {
		_, err := surrealdb.Query[any](ctx, db, "RETURN 1", nil)
		return err == nil
	})
	after := do[[]any](t, db, what, nil)
	want := []any{namespace, s.database, uint64(1), uint64(2)}
	if diff := cmp.Diff([][]any{want, want}, [][]any{before, after}); diff != "" {
		t.Errorf("session before and after (-want +got):\n%s", diff)
	}
}

// TestLoginThatIsRefusedCanBeReplaced, and a refusal leaves the one before.
func TestLoginThatIsRefusedCanBeReplaced(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	open(t, admin)
	define := func(password string) {
		do[any](t, admin, "DEFINE USER OVERWRITE editor ON DATABASE PASSWORD '"+password+"' ROLES EDITOR", nil)
	}
	define("old")
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "editor", Password: "old"}
	var made dials
	db := connect(t, s, made.dialer())
	st := bare(t, db)
	lose := func() { ok(t, made.last.Load().Close()) }
	auth := s.auth
	auth.Password = "wrong"
	if _, err := db.SignIn(ctx, auth); err == nil {
		t.Error("a wrong password is taken")
	}
	lose()
	_, err := st.Load(ctx, "a")
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after a wrong password: %v", err)
	}
	define("new")
	lose()
	_, err = st.Load(ctx, "a")
	wants(t, "Load with the old password", err, "check what SignIn is given")
	auth.Password = "new"
	token, err := db.SignIn(ctx, auth)
	ok(t, err)
	ok(t, st.Create(ctx, record("a")))
	ok(t, db.Authenticate(ctx, token))
	define("newest") // which ends the token
	lose()
	_, err = st.Load(ctx, "a")
	wants(t, "Load with the old token", err, "authenticate on a new connection")
	auth.Password = "newest"
	_, err = db.SignIn(ctx, auth)
	ok(t, err)
	_, err = st.Load(ctx, "a")
	ok(t, err)
}
