package firestorestore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

// record returns one that lives for an hour.
func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
}

func ids(t *testing.T, st *firestorestore.Store, subject string) (ids []string) {
	t.Helper()
	for r, err := range st.List(t.Context(), subject) {
		ok(t, err)
		ids = append(ids, r.ID)
	}
	return ids
}

// is returns an error unless got is want.
func is(got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("got error %v, want %v", got, want)
	}
	return nil
}

// begin starts a session by a first visit, and returns its token.
func begin(t *testing.T, m *sessions.Manager, visit func(context.Context, *sessions.Session)) string {
	t.Helper()
	reply := httptest.NewRecorder()
	m.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		visit(r.Context(), s)
	})).ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/", nil))
	cookies := reply.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want 1", len(cookies))
	}
	return cookies[0].Value
}

// everything makes every call, and returns its errors by name.
func everything(ctx context.Context, st *firestorestore.Store, id string) map[string]error {
	r := record(id)
	_, load := st.Load(ctx, id)
	_, sweep := st.Sweep(ctx, 1)
	errs := map[string]error{
		"load": load, "create": st.Create(ctx, r), "save": st.Save(ctx, r),
		"touch": st.Touch(ctx, id, 1, r.Expires.Add(time.Hour)), "delete": st.Delete(ctx, id), "list": nil, "sweep": sweep,
	}
	for _, err := range st.List(ctx, "ann") {
		errs["list"] = err
	}
	return errs
}

// wants fails the test unless err has all parts, names the package once, and
// is none of the errors that callers act on.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	testserver.WantFault(t, "firestorestore", what, err, parts...)
}
