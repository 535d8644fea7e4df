package redisstore_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// record returns one that lives for an hour.
func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
}

// everything makes every call, and returns its errors by name.
func everything(ctx context.Context, st *redisstore.Store, id string) map[string]error {
	r := record(id)
	_, load := st.Load(ctx, id)
	errs := map[string]error{
		"load": load, "create": st.Create(ctx, r), "save": st.Save(ctx, r),
		"touch": st.Touch(ctx, id, 1, r.Expires.Add(time.Hour)), "delete": st.Delete(ctx, id), "list": nil,
	}
	for _, err := range st.List(ctx, "ann") {
		errs["list"] = err
	}
	return errs
}

func TestServerThatIsDownIsTold(t *testing.T) {
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			server := testserver.Private(t, testserver.Redis)
			st := open(t, connect(t, server.Address, nil), options(cache))
			ok(t, st.Create(t.Context(), record("a")))
			server.Kill()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			begin := time.Now()
			for op, err := range everything(ctx, st, "a") {
				wants(t, op, err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("six errors took %v", took)
			}
		})
	}
}

// TestServerThatIsPaused: calls end with their context, and what they wanted
// is known afterwards.
func TestServerThatIsPaused(t *testing.T) {
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			server := testserver.Private(t, testserver.Redis)
			st := open(t, connect(t, server.Address, nil), options(cache))
			admin := connect(t, server.Address, func(o *rueidis.ClientOption) { o.ForceSingleClient = true })
			ok(t, st.Create(t.Context(), record("a")))
			do(t, admin, "CLIENT", "PAUSE", "500", "ALL")
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			for op, err := range everything(ctx, st, "a") {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v, want that the deadline was exceeded", op, err)
				}
				wants(t, op, err)
			}
			if r, err := st.Load(t.Context(), "a"); err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("afterwards: %v, %v", r, err) // the last call that the pause held was a delete
			}
			ok(t, st.Create(t.Context(), record("b")))
		})
	}
}

func TestServerThatHasForgottenEverything(t *testing.T) {
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			server := testserver.Private(t, testserver.Redis)
			client := connect(t, server.Address, nil)
			st := open(t, client, options(cache))
			r := record("a")
			ok(t, st.Create(ctx, r))
			_, err := st.Load(ctx, "a")
			ok(t, err)
			do(t, client, "SCRIPT", "FLUSH")
			ok(t, st.Save(ctx, r))
			do(t, client, "SCRIPT", "FLUSH")
			ok(t, st.Touch(ctx, "a", 2, r.Expires.Add(time.Minute)))
			_, err = st.Load(ctx, "a")
			ok(t, err)
			do(t, client, "FLUSHALL")
			testserver.Until(t, 10*time.Second, "the record is gone", func() bool {
				_, err := st.Load(ctx, "a")
				return errors.Is(err, store.ErrNotFound)
			})
			r.Version = 2
			if err := st.Save(ctx, r); !errors.Is(err, store.ErrConflict) {
				t.Errorf("Save of what was flushed: %v", err)
			}
			if n := len(ids(t, st, "ann")); n != 0 {
				t.Errorf("List yields %d records that were flushed", n)
			}
			ok(t, st.Create(ctx, r))
		})
	}
}

func TestServerThatIsFullSaysWhatToDoAndKeepsWhatItHas(t *testing.T) {
	ctx := t.Context()
	server := testserver.Private(t, testserver.Redis)
	client := connect(t, server.Address, nil)
	st := open(t, client, options(0))
	r := record("a")
	ok(t, st.Create(ctx, r))
	do(t, client, "CONFIG", "SET", "maxmemory", "1")
	wants(t, "Create", st.Create(ctx, record("b")), "maxmemory", "OOM")
	anonymous := record("b")
	anonymous.Subject = ""
	wants(t, "Create", st.Create(ctx, anonymous), "maxmemory", "OOM")
	wants(t, "Save", st.Save(ctx, r), "maxmemory", "OOM")
	wants(t, "Touch", st.Touch(ctx, "a", 1, r.Expires.Add(time.Minute)), "maxmemory", "OOM")
	if got, err := st.Load(ctx, "a"); err != nil || got.Version != 1 {
		t.Errorf("what was there is at version %d, error %v", got.Version, err)
	}
	ok(t, st.Delete(ctx, "a")) // or a logout would have to wait for memory
	if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	do(t, client, "CONFIG", "SET", "maxmemory", "0")
	ok(t, st.Create(ctx, r))
}

func TestServerThatRefusesSaysWhatToDo(t *testing.T) {
	server := testserver.Private(t, testserver.Redis)
	admin := connect(t, server.Address, nil)
	do(t, admin, "CONFIG", "SET", "requirepass", "s3cret")
	do(t, admin, "ACL", "SETUSER", "weak", "on", ">s3cret", "~*", "+@connection", "+info", "+cluster")
	for name, test := range map[string]struct {
		user *url.Userinfo
		want string
	}{
		"no password":    {nil, "wants a password"},
		"wrong password": {url.UserPassword("weak", "s3cret2"), "check user and password"},
		"no rights":      {url.UserPassword("weak", "s3cret"), "this user may not"},
	} {
		u, err := url.Parse(server.Address)
		ok(t, err)
		u.User = test.user
		client, err := dial(u.String(), func(o *rueidis.ClientOption) { o.ForceSingleClient = true })
		if client == nil {
			t.Fatalf("%s: no client: %v", name, err)
		}
		defer client.Close()
		for op, err := range everything(t.Context(), open(t, client, options(0)), "a") {
			wants(t, name+": "+op, err, test.want)
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error has the password: %v", err)
			}
		}
	}
}

func TestKeyOfAnotherProgramSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		ctx := t.Context()
		st := open(t, client, opts)
		do(t, client, "RPUSH", opts.Prefix+"id:list", "x")
		do(t, client, "SET", opts.Prefix+"id:text", "x")
		do(t, client, "SET", opts.Prefix+"subject:ann", "x")
		_, err := st.Load(ctx, "list")
		wants(t, "Load of a list", err, "Options.Prefix")
		_, err = st.Load(ctx, "text")
		wants(t, "Load of a text", err, "Options.Prefix")
		wants(t, "Save of a list", st.Save(ctx, record("list")), "Options.Prefix")
		wants(t, "Touch of a list", st.Touch(ctx, "list", 1, time.Now()), "Options.Prefix")
		wants(t, "Create", st.Create(ctx, record("a")), "Options.Prefix")
		for _, err := range st.List(ctx, "ann") {
			wants(t, "List", err, "Options.Prefix")
		}
		if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what could not be listed was created: %v", err)
		}
	})
}

func TestClosedClientIsTold(t *testing.T) {
	client := connect(t, testserver.Find(t, testserver.Redis).Address, nil)
	st := open(t, client, options(0))
	client.Close()
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, "clos")
	}
}

// wants fails the test unless err has all parts and names the package once.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	testserver.WantFault(t, "redisstore", what, err, parts...)
}

func ids(t *testing.T, st *redisstore.Store, subject string) (ids []string) {
	t.Helper()
	for r, err := range st.List(t.Context(), subject) {
		ok(t, err)
		ids = append(ids, r.ID)
	}
	return ids
}
