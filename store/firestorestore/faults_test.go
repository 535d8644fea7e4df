package firestorestore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestRefusalSaysWhatToDo: the emulator refuses nobody, so the answers are
// those of the service.
func TestRefusalSaysWhatToDo(t *testing.T) {
	w := new(wire)
	opts := options()
	st := open(t, connect(t, server(t), w.options()...), opts)
	where := "projects/sessions-test/databases/(default)/documents/" + opts.Collection
	for _, refusal := range []struct {
		code       codes.Code
		says, want string
	}{
		{codes.NotFound, "The database (default) does not exist for project sessions-test", "gcloud firestore databases create"},
		{codes.PermissionDenied, "Missing or insufficient permissions.", "roles/datastore.user"},
		{codes.PermissionDenied, "Cloud Firestore API has not been used in project sessions-test before or it is disabled.", "gcloud services enable"},
		{codes.Unauthenticated, "Request had invalid authentication credentials.", "GOOGLE_APPLICATION_CREDENTIALS"},
		{codes.FailedPrecondition, "The Cloud Firestore API is not available for Firestore in Datastore Mode database.", "Native mode"},
		{codes.FailedPrecondition, "The query requires an index.", "automatic index"},
		{codes.FailedPrecondition, "The key is disabled.", "The key is disabled."},
		{codes.InvalidArgument, "no", "no"},
	} {
		w.breaks(-1, status.Error(refusal.code, refusal.says), nil)
		for op, err := range everything(t.Context(), st, "a") {
			wants(t, op, err, refusal.want, refusal.says, where)
		}
	}
	w.breaks(0, nil, nil)
	ok(t, st.Create(t.Context(), record("a")))
}

// TestAccountWithoutRights: the emulator has rules for clients without
// credentials, such as the test's.
func TestAccountWithoutRights(t *testing.T) {
	const rules = `{"rules": {"files": [{"name": "firestore.rules", "content": "service cloud.firestore { match /{all=**} { allow read, write: if false; } }"}]}}`
	denied := "denied-" + strings.ToLower(rand.Text())
	address := server(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut,
		"http://"+address+"/emulator/v1/projects/"+denied+":securityRules", strings.NewReader(rules))
	ok(t, err)
	req.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(req)
	ok(t, err)
	ok(t, reply.Body.Close())
	if reply.StatusCode != http.StatusOK {
		t.Fatal("rules: ", reply.Status)
	}
	client, err := dial(address, denied)
	ok(t, err)
	defer client.Close()
	for op, err := range everything(t.Context(), open(t, client, options()), "a") {
		wants(t, op, err, "roles/datastore.user", denied)
	}
}

// TestWriteThatIsRefusedForAnotherReason is no conflict, and is not tried for
// ever.
func TestWriteThatIsRefusedForAnotherReason(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	refuse := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return status.Error(codes.FailedPrecondition, "the key is disabled")
	}
	opts := options()
	st := open(t, connect(t, server(t), append(w.options(), grpc.WithChainUnaryInterceptor(refuse))...), opts)
	r := record("a")
	ok(t, open(t, connect(t, server(t)), opts).Create(ctx, r))
	wants(t, "Save", st.Save(ctx, r), "the key is disabled")
	wants(t, "Touch", st.Touch(ctx, r.ID, 1, r.Expires.Add(time.Hour)), "the key is disabled")
}

func TestServerThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	ok(t, err)
	address := l.Addr().String()
	ok(t, l.Close())
	st := open(t, connect(t, address), options())
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for op, err := range everything(ctx, st, "a") {
		wants(t, op, err, "no answer in time", "deadline exceeded")
	}
}

func TestClosedClientIsTold(t *testing.T) {
	client := connect(t, server(t))
	st := open(t, client, options())
	ok(t, client.Close())
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, "the client is closed")
	}
}

func TestRecordThatIsTooLargeSaysSo(t *testing.T) {
	ctx := t.Context()
	st := open(t, connect(t, server(t)), options())
	r := record("a")
	r.Data = make([]byte, 1_000_001-len(r.Subject))
	wants(t, "Create", st.Create(ctx, r), "1000001 bytes", "1000000")
	r.Data = r.Data[1:]
	ok(t, st.Create(ctx, r))
	ok(t, st.Save(ctx, r))
	r.Version, r.Data = 2, make([]byte, 2<<20)
	wants(t, "Save", st.Save(ctx, r), "keep less")
	if got, err := st.Load(ctx, "a"); err != nil || got.Version != 2 {
		t.Errorf("what was there is at version %d, error %v", got.Version, err)
	}
}

func TestIDThatIsNoneIsRefused(t *testing.T) {
	st := open(t, connect(t, server(t)), options())
	for _, id := range []string{"", strings.Repeat("x", 129)} {
		wants(t, "Create", st.Create(t.Context(), record(id)), "want 1 to 128")
	}
	ok(t, st.Create(t.Context(), record(strings.Repeat("x", 128))))
}

// TestDeadConnectionIsGivenUp by a client that is made as the documentation
// says, with the shortest times that gRPC takes.
func TestDeadConnectionIsGivenUp(t *testing.T) {
	t.Parallel() // it waits
	proxy := testserver.NewProxy(t, server(t))
	var dials atomic.Int64
	st := open(t, connect(t, proxy.Address,
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: time.Second}),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			dials.Add(1)
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		})), options())
	ok(t, st.Create(t.Context(), record("a")))
	proxy.Silence()
	testserver.Until(t, 30*time.Second, "there is another connection", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := st.Load(ctx, "a")
		return err != nil && dials.Load() > 1
	})
	proxy.Pass()
	testserver.Until(t, 30*time.Second, "it works again", func() bool { _, err := st.Load(t.Context(), "a"); return err == nil })
}

// TestWriteAfterTheRecordWasMadeAgain: what is remembered of the first is not
// taken for the second.
func TestWriteAfterTheRecordWasMadeAgain(t *testing.T) {
	ctx, opts := t.Context(), options()
	w := new(wire)
	st, other := open(t, connect(t, server(t), w.options()...), opts), open(t, connect(t, server(t)), opts)
	r := record("a")
	ok(t, st.Create(ctx, r))
	ok(t, other.Delete(ctx, "a"))
	w.breaks(1, status.Error(codes.NotFound, "no document to update"), nil) // the emulator has another code for it
	if err := is(st.Touch(ctx, "a", 1, r.Expires.Add(time.Hour)), store.ErrConflict); err != nil {
		t.Error("Touch of what is gone: ", err)
	}
	if err := is(st.Save(ctx, r), store.ErrConflict); err != nil {
		t.Error("Save of what is gone: ", err)
	}
	second := r
	second.Expires = r.Expires.Add(-time.Minute)
	ok(t, other.Create(ctx, second))
	ok(t, st.Touch(ctx, "a", 1, r.Expires)) // later than the second's, not than the first's
	if got, err := other.Load(ctx, "a"); err != nil || !got.Expires.Equal(r.Expires) {
		t.Errorf("expires %v, error %v; want %v", got.Expires, err, r.Expires)
	}
}

// TestRecordThatExpiresWhileItsWriteIsTriedAgain has ended, and no later try
// brings it back.
func TestRecordThatExpiresWhileItsWriteIsTriedAgain(t *testing.T) {
	ctx, opts := t.Context(), options()
	other := open(t, connect(t, server(t)), opts)
	r := record("a")
	later := r.Expires
	givesUp := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if time.Now().Before(r.Expires) {
			<-time.After(time.Until(r.Expires))
			return status.Error(codes.Aborted, "Too much contention on these documents. Please try again.")
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	st := open(t, connect(t, server(t), grpc.WithChainUnaryInterceptor(givesUp)), opts)
	for op, write := range map[string]func() error{
		"Save":  func() error { next := r; next.Expires = later; return st.Save(ctx, next) },
		"Touch": func() error { return st.Touch(ctx, r.ID, 1, later) },
	} {
		r.ID, r.Expires = op, time.Now().Add(500*time.Millisecond)
		ok(t, other.Create(ctx, r))
		_, err := st.Load(ctx, r.ID)
		ok(t, err)
		if err := is(write(), store.ErrConflict); err != nil {
			t.Errorf("%s: %v", op, err)
		}
		if _, err := other.Load(ctx, r.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s brought it back: %v", op, err)
		}
	}
}
