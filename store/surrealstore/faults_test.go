package surrealstore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	surrealdb "github.com/surrealdb/surrealdb.go"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/models"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

// wants fails the test unless err has all parts, names the table, and names
// the package once.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	testserver.WantFault(t, "surrealstore", what, err, append(parts, "table sessions")...)
}

// everything makes every call that a visitor may cause, and returns its errors
// by name.
func everything(ctx context.Context, st *surrealstore.Store) map[string]error {
	errs := make(map[string]error)
	r := record("a")
	for name, call := range calls(ctx, st, &r) {
		errs[name] = call()
	}
	return errs
}

func TestServerThatCannotBeReachedIsTold(t *testing.T) {
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	st := open(t, connect(t, s.through(proxy), nil))
	proxy.Refuse()
	_, err := st.Load(t.Context(), "a") // by now the client knows
	wants(t, "Load", err)
	for op, err := range everything(t.Context(), st) {
		wants(t, op, err, "no connection to ws://"+proxy.Address)
	}
	proxy.Pass()
	for op, err := range everything(t.Context(), st) {
		if err != nil {
			t.Errorf("%s afterwards: %v", op, err)
		}
	}
}

func TestServerThatIsNoneIsTold(t *testing.T) {
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "busy", http.StatusServiceUnavailable)
	}))
	defer busy.Close()
	_, err := server{url: "ws" + strings.TrimPrefix(busy.URL, "http")}.dial(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "503 Service Unavailable") {
		t.Errorf("a proxy that is busy: %v", err)
	}
}

func TestClientThatIsClosedIsTold(t *testing.T) {
	s := find(t)
	db := connect(t, s, nil)
	st := open(t, db)
	ok(t, db.Close(t.Context()))
	for op, err := range everything(t.Context(), st) {
		wants(t, op, err, "the client was closed")
	}
	plain, err := surrealdb.FromEndpointURLString(t.Context(), s.url)
	ok(t, err)
	ok(t, plain.Close(t.Context()))
	for op, err := range everything(t.Context(), bare(t, plain)) {
		wants(t, op, err) // the client may panic
	}
}

func TestTableThatIsMissingIsTold(t *testing.T) {
	db := connect(t, find(t), nil)
	st := bare(t, db)
	_, err := st.Load(t.Context(), "a")
	wants(t, "Load", err, "call Migrate", "namespace and database")
	wants(t, "Save", st.Save(t.Context(), record("a")), "call Migrate")
	wants(t, "Touch", st.Touch(t.Context(), "a", 1, record("a").Expires), "call Migrate")
	wants(t, "Delete", st.Delete(t.Context(), "a"), "call Migrate")
}

func TestNamespaceThatIsNotChosenIsTold(t *testing.T) {
	s := find(t)
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: s.url})
	ok(t, err)
	db, err := surrealdb.FromConnection(t.Context(), conn)
	ok(t, err)
	defer db.Close(t.Context())
	_, err = db.SignIn(t.Context(), s.auth)
	ok(t, err)
	st := bare(t, db)
	for op, err := range everything(t.Context(), st) {
		wants(t, op, err, "with Use")
	}
	wants(t, "Migrate", st.Migrate(t.Context()), "with Use")
}

// TestUserWhoMayOnlyReadIsTold: the server drops what he writes without an
// error.
func TestUserWhoMayOnlyReadIsTold(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	ok(t, open(t, admin).Create(ctx, record("there")))
	do[any](t, admin, "DEFINE USER viewer ON DATABASE PASSWORD 's3cret' ROLES VIEWER", nil)
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "viewer", Password: "s3cret"}
	st := bare(t, connect(t, s, nil))
	r, err := st.Load(ctx, "there")
	ok(t, err)
	wants(t, "Create", st.Create(ctx, record("a")), "EDITOR")
	wants(t, "Save", st.Save(ctx, r), "EDITOR")
	wants(t, "Touch", st.Touch(ctx, r.ID, r.Version, r.Expires), "EDITOR")
	wants(t, "Delete", st.Delete(ctx, r.ID), "EDITOR")
	wants(t, "Migrate", st.Migrate(ctx), "EDITOR")
	if err := st.Save(ctx, record("gone")); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Save of what is not there: %v", err)
	}
	s.auth.Password = "s3cret2"
	_, err = s.dial(ctx, nil)
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a wrong password: %v", err)
	}
}

// TestUserWhoLosesHisRoleIsTold, at the latest when somebody logs out.
func TestUserWhoLosesHisRoleIsTold(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	admin := connect(t, s, nil)
	open(t, admin)
	do[any](t, admin, "DEFINE USER fickle ON DATABASE PASSWORD 's3cret' ROLES EDITOR", nil)
	s.auth = surrealdb.Auth{Namespace: namespace, Database: s.database, Username: "fickle", Password: "s3cret"}
	var made dials
	st := bare(t, connect(t, s, made.dialer()))
	ok(t, st.Create(ctx, record("a")))
	do[any](t, admin, "DEFINE USER OVERWRITE fickle ON DATABASE PASSWORD 's3cret' ROLES VIEWER", nil)
	ok(t, made.last.Load().Close())
	_, err := st.Load(ctx, "a")
	ok(t, err)
	wants(t, "Delete", st.Delete(ctx, "a"), "EDITOR")
}

func TestWhatTheServerSaysLeadsToTheFix(t *testing.T) {
	db, h := hook(t, find(t))
	st := open(t, db)
	for text, want := range map[string]string{
		"The token has expired": "sign in again",
		"There was a problem with the database: The session has expired":            "sign in again",
		"There was a problem with authentication":                                   "check what SignIn is given",
		"IAM error: Not enough permissions to perform this action":                  "EDITOR",
		"Anonymous access not allowed: Not enough permissions":                      "sign in",
		"The namespace 'x' does not exist":                                          "the namespace is missing",
		"The database 'x' does not exist":                                           "the database is missing",
		"Specify a database to use":                                                 "with Use",
		"Found NONE for field `z`, with record `sessions:a`, but expected a string": "Options.Table",
		"The server is overloaded":                                                  "overloaded",
	} {
		h.hook = func(func() (*answer, error)) (*answer, error) {
			return nil, &connection.RPCError{Code: -32000, Message: text}
		}
		for op, err := range everything(t.Context(), st) {
			wants(t, op, err, want, strings.TrimPrefix(text, "Found NONE")) // which is a value
		}
	}
	h.hook = func(func() (*answer, error)) (*answer, error) { panic("unexpected") } // as of answers that are no CBOR
	for op, err := range everything(t.Context(), st) {
		wants(t, op, err, "the client has no connection")
	}
}

func TestRecordOfAnotherProgramIsTold(t *testing.T) {
	ctx := t.Context()
	db := connect(t, find(t), nil)
	st := bare(t, db)
	ok(t, st.Create(ctx, record("right")))
	for name, statement := range map[string]string{
		"no fields":      "CREATE $id SET subject = 'ann', expires = 9999999999999",
		"a text version": "CREATE $id SET version = '1', expires = 9999999999999, subject = 'ann', data = <bytes>'x'",
		"version zero":   "CREATE $id SET version = 0, expires = 9999999999999, subject = 'ann', data = <bytes>'x'",
		"a text expiry":  "CREATE $id SET version = 1, expires = '9', subject = 'ann', data = <bytes>'x'",
		"text data":      "CREATE $id SET version = 1, expires = 9999999999999, subject = 'ann', data = 'x'",
		"no base64":      "CREATE $id SET version = 1, expires = 9999999999999, subject = '~!', data = <bytes>'x'",
	} {
		do[any](t, db, statement, map[string]any{"id": models.NewRecordID("sessions", name)})
		_, err := st.Load(ctx, name)
		wants(t, name, err, "another program", "Options.Table")
		for _, err = range st.List(ctx, "ann") {
			if err != nil {
				break
			}
		}
		if name != "no base64" {
			wants(t, "List with "+name, err, "another program", "Options.Table")
		}
		do[any](t, db, "DELETE $id", map[string]any{"id": models.NewRecordID("sessions", name)})
	}
}

// TestErrorsQuoteNothing that a record has.
func TestErrorsQuoteNothing(t *testing.T) {
	ctx := t.Context()
	for definition, want := range map[string]string{
		"DEFINE FIELD data ON sessions TYPE string":             "Expected `string` but found …",
		"DEFINE FIELD data ON sessions TYPE bytes ASSERT false": "Found … for field `data`",
		"DEFINE FIELD subject ON sessions TYPE int":             "Expected `int` but found …",
		"DEFINE FIELD subject ON sessions ASSERT $value = 1":    "Found … for field `subject`",
		"DEFINE INDEX u ON sessions FIELDS data UNIQUE":         "already contains …",
		"DEFINE TABLE sessions SCHEMAFULL":                      "no such field exists for table 'sessions'",
	} {
		db := connect(t, find(t), nil)
		st := bare(t, db)
		do[any](t, db, definition, nil)
		r := record("a")
		r.Subject, r.Data = "who but found 'x' for field y", []byte("s3cret")
		err := st.Create(ctx, r)
		if err == nil {
			r.ID = "b"
			err = st.Create(ctx, r)
		}
		wants(t, definition, err, want, "Options.Table")
		if strings.Contains(err.Error(), "who") || strings.Contains(err.Error(), "733363726574") {
			t.Errorf("%s: the error quotes the record: %v", definition, err)
		}
	}
}
