package mongostore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/mongostore"
)

// call is one of a store's methods.
type call struct {
	name string
	run  func(context.Context) error
}

// calls are all methods, in an order in which they succeed for a record that
// is not there.
func calls(st *mongostore.Store, id string) []call {
	r := record(id)
	return []call{
		{"create", func(ctx context.Context) error { return st.Create(ctx, r) }},
		{"load", func(ctx context.Context) error { _, err := st.Load(ctx, id); return err }},
		{"save", func(ctx context.Context) error { return st.Save(ctx, r) }},
		{"touch", func(ctx context.Context) error { return st.Touch(ctx, id, 2, r.Expires.Add(time.Hour)) }},
		{"list", func(ctx context.Context) (err error) {
			for _, err = range st.List(ctx, r.Subject) {
			}
			return err
		}},
		{"delete", func(ctx context.Context) error { return st.Delete(ctx, id) }},
		{"sweep", func(ctx context.Context) error { _, err := st.Sweep(ctx, 1); return err }},
	}
}

// everything makes all calls, and returns their errors by name.
func everything(ctx context.Context, st *mongostore.Store, id string) map[string]error {
	errs := make(map[string]error)
	for _, c := range calls(st, id) {
		errs[c.name] = c.run(ctx)
	}
	return errs
}

// wants fails the test unless err has all parts and names the package once. No
// fault of a server or a network is one of the three answers of a store.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	testserver.WantFault(t, "mongostore", what, err, parts...)
}

// noticed waits until the client has found out about its server: an error
// before that only says that the time was too short.
func noticed(t *testing.T, st *mongostore.Store, says string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		if _, err := st.Load(ctx, "a"); ctx.Err() != nil || err != nil && strings.Contains(err.Error(), says) {
			return
		}
	}
}

func TestServerThatCannotBeReachedIsTold(t *testing.T) {
	for name, test := range map[string]struct{ address, says string }{
		"nobody listens": {"mongodb://ann:s3cret@127.0.0.1:1/", "connection refused"},
		"no such host":   {"mongodb://ann:s3cret@nowhere.invalid/", "nowhere.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			st := open(t, connect(t, test.address, impatient).Database("app"))
			noticed(t, st, test.says)
			for op, err := range everything(t.Context(), st, "a") {
				wants(t, op, err, "app.sessions", test.says)
				if err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: the error has the password: %v", op, err)
				}
			}
		})
	}
}

func TestClientThatIsDisconnectedIsTold(t *testing.T) {
	client := connect(t, server(t), nil)
	st := open(t, client.Database("app"))
	ok(t, client.Disconnect(t.Context()))
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, "app.sessions", "keep the client connected")
	}
}

// TestAnswersOfAServerSayWhatToDo whatever was asked; the visitor gets 503.
func TestAnswersOfAServerSayWhatToDo(t *testing.T) {
	t.Parallel() // it waits, for the most part
	w := newWire(t)
	st := open(t, connect(t, w.address, nil).Database("app"))
	for _, test := range []struct {
		code       int
		name, text string
		says       string
	}{
		{13, "Unauthorized", "not authorized on app to execute command", "give it the role readWrite"},
		{10107, "NotWritablePrimary", "not primary", "is no primary"},
		{14031, "OutOfDiskSpace", "no space left on device", "disk is full"},
		{166, "CommandNotSupportedOnView", "Namespace app.sessions is a view", "this is a view"},
		{16500, "TooManyRequests", "Request rate is large", "Request rate is large"}, // throttling as Cosmos DB does it
		{112, "WriteConflict", "please retry", "please retry"},
		{50, "MaxTimeMSExpired", "operation exceeded time limit", "exceeded time limit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
				switch command {
				case "insert", "find", "update", "delete", "createIndexes":
					return failure(t, test.code, test.name, test.text)
				}
				return ask()
			})
			errs := everything(t.Context(), st, "a")
			errs["migrate"] = st.Migrate(t.Context())
			for op, err := range errs {
				wants(t, op, err, op+" in app.sessions", test.says)
			}
		})
	}
}

// TestUserThatTheServerRefuses is met in the connection's handshake.
func TestUserThatTheServerRefuses(t *testing.T) {
	w := newWire(t)
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		if command == "saslStart" {
			return failure(t, 18, "AuthenticationFailed", "Authentication failed.")
		}
		return ask()
	})
	address := strings.Replace(w.address, "mongodb://", "mongodb://ann:s3cret@", 1)
	st := open(t, connect(t, address+"/?authMechanism=SCRAM-SHA-256", impatient).Database("app"))
	noticed(t, st, "auth error")
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, "app.sessions", "check user, password and authSource")
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error has the password: %v", op, err)
		}
	}
}

// TestWriteThatIsNotConfirmedIsAnError, though it has happened: the majority
// may lose it.
func TestWriteThatIsNotConfirmedIsAnError(t *testing.T) {
	ctx, w := t.Context(), newWire(t)
	st := open(t, database(t, connect(t, w.address, nil)))
	unconfirmed := func(_ string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		return with(t, ask(), bson.E{Key: "writeConcernError", Value: bson.D{
			{Key: "code", Value: int32(64)}, {Key: "codeName", Value: "WriteConcernTimeout"}, {Key: "errmsg", Value: "waiting for replication timed out"},
		}})
	}
	r := record("a")
	w.once("insert", unconfirmed)
	wants(t, "Create", st.Create(ctx, r), "not confirmed by a majority")
	w.once("update", unconfirmed)
	wants(t, "Save", st.Save(ctx, r), "not confirmed by a majority")
	w.once("update", unconfirmed)
	wants(t, "Touch", st.Touch(ctx, "a", 2, r.Expires.Add(time.Hour)), "not confirmed by a majority")
	got, err := st.Load(ctx, "a")
	if err != nil || got.Version != 2 || !got.Expires.Equal(r.Expires.Add(time.Hour)) {
		t.Errorf("what was not confirmed: %+v, %v", got, err)
	}
	w.once("delete", unconfirmed)
	wants(t, "Delete", st.Delete(ctx, "a"), "not confirmed by a majority")
}

// TestRefusalSaysNothingOfTheSession: a validator's may quote what it refuses.
func TestRefusalSaysNothingOfTheSession(t *testing.T) {
	w := newWire(t)
	st := open(t, connect(t, w.address, nil).Database("app"))
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		if command != "insert" && command != "update" {
			return ask()
		}
		return raw(t, bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 0}, {Key: "writeErrors", Value: bson.A{bson.D{
			{Key: "index", Value: 0}, {Key: "code", Value: 121}, {Key: "errmsg", Value: "Document failed validation"},
			{Key: "errInfo", Value: bson.D{{Key: "consideredValue", Value: "of the session"}}},
		}}}})
	})
	r := record("a")
	for op, err := range map[string]error{"create": st.Create(t.Context(), r), "save": st.Save(t.Context(), r)} {
		wants(t, op, err, "drop the validator", "Document failed validation")
		if err != nil && strings.Contains(err.Error(), "of the session") {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// TestServerThatIsSilent: calls end with their context.
func TestServerThatIsSilent(t *testing.T) {
	w := newWire(t)
	silent, held := make(chan struct{}), make(chan struct{}, 100)
	st := open(t, connect(t, w.address, nil).Database("app"))
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		if command == "insert" || command == "find" || command == "update" || command == "delete" {
			held <- struct{}{}
			<-silent
		}
		return ask()
	})
	defer close(silent)
	for _, c := range calls(st, "a") {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := c.run(ctx)
		cancel()
		wants(t, c.name, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want that the deadline was exceeded", c.name, err)
		}
	}
	for len(held) > 0 {
		<-held
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-held
		cancel()
	}()
	if _, err := st.Load(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v, want that it was canceled", err)
	}
}
