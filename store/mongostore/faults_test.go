package mongostore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/mongostore"
)

// everything makes every call for a record that is not there, and returns its
// errors by name.
func everything(ctx context.Context, st *mongostore.Store, id string) map[string]error {
	r := record(id)
	errs := map[string]error{"list": nil}
	errs["create"] = st.Create(ctx, r)
	_, errs["load"] = st.Load(ctx, id)
	errs["save"] = st.Save(ctx, r)
	errs["touch"] = st.Touch(ctx, id, 2, r.Expires.Add(time.Hour))
	for _, err := range st.List(ctx, "ann") {
		errs["list"] = err
	}
	errs["delete"] = st.Delete(ctx, id)
	_, errs["sweep"] = st.Sweep(ctx, 1)
	return errs
}

// wants fails the test unless err has all parts and names the package once. No
// fault of a server or a network is one of the three answers of a store.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s: no error", what)
		return
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrNotFound):
		t.Errorf("%s: %v", what, err)
	case strings.Count(err.Error(), "mongostore: ") != 1:
		t.Errorf("%s: error %q names the package not once", what, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q lacks %q", what, err, part)
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

// TestServerThatIsSilent: calls end with their context.
func TestServerThatIsSilent(t *testing.T) {
	w := newWire(t)
	silent := make(chan struct{})
	st := open(t, connect(t, w.address, func(o *options.ClientOptions) { o.SetTimeout(time.Hour) }).Database("app"))
	w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
		<-silent
		return ask()
	})
	defer close(silent)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	for op, err := range everything(ctx, st, "a") {
		wants(t, op, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want that the deadline was exceeded", op, err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("seven calls took %v", took)
	}
}
