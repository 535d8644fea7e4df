package respond_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/respond"
)

const secret = "SECRET-BODY"

var errStore = errors.New("store is down")

// hooks records its calls; fail is what Begin returns.
type hooks struct {
	fail    error
	pending bool
	carried chan bool // receives when Carried is called; may be nil

	mu       sync.Mutex
	statuses []int
	failures []error
}

func (h *hooks) Begin(status int, header http.Header) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statuses = append(h.statuses, status)
	header.Add("Set-Cookie", "hook=1")
	return h.fail
}

func (h *hooks) Fail(w http.ResponseWriter, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures = append(h.failures, err)
	http.Error(w, "error page", http.StatusServiceUnavailable)
}

func (h *hooks) Carried() {
	if h.carried != nil {
		h.carried <- true
	}
}

func (h *hooks) Carry() http.Header {
	if h.pending {
		return http.Header{"Set-Cookie": {"hook=1"}}
	}
	return nil
}

// begun checks the statuses that Begin was called with.
func (h *hooks) begun(t *testing.T, want ...int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.statuses, want) {
		t.Errorf("Begin called with %v, want %v", h.statuses, want)
	}
}

// failed checks that Fail was called once with errStore.
func (h *hooks) failed(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.failures) != 1 || !errors.Is(h.failures[0], errStore) {
		t.Errorf("Fail called with %v, want once %v", h.failures, errStore)
	}
}

// handler is given a Writer instead of a [http.ResponseWriter].
type handler func(w *respond.Writer, r *http.Request)

// wrap is the middleware under test, below one that sets a header.
func wrap(h *hooks, next handler) http.Handler {
	return http.HandlerFunc(func(under http.ResponseWriter, r *http.Request) {
		under.Header().Set("X-Request-Id", "outer")
		var w respond.Writer
		w.Init(under, h)
		next(&w, r)
		w.Finish()
	})
}

// serve starts a server that speaks the given major version of HTTP.
func serve(t *testing.T, major int, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	if major == 2 {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv
}

// get fetches the root of srv and its body.
func get(t *testing.T, srv *httptest.Server, major int) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, srv, major, req)
}

func do(t *testing.T, srv *httptest.Server, major int, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.ProtoMajor != major {
		t.Errorf("spoke HTTP/%d, want %d", resp.ProtoMajor, major)
	}
	return resp, string(body)
}

// spy is an underlying writer that can do nothing optional.
type spy struct {
	header http.Header
	events []string
}

func newSpy() *spy { return &spy{header: http.Header{}} }

func (s *spy) Header() http.Header { return s.header }
func (s *spy) WriteHeader(int)     { s.events = append(s.events, "WriteHeader") }
func (s *spy) Write(p []byte) (int, error) {
	s.events = append(s.events, "Write")
	return len(p), nil
}

// spyReaderFrom adds [io.ReaderFrom] to spy.
type spyReaderFrom struct{ *spy }

func (s spyReaderFrom) ReadFrom(src io.Reader) (int64, error) {
	s.events = append(s.events, "ReadFrom")
	return io.Copy(io.Discard, src)
}

// spyHooks records Begin among the events of the writer.
type spyHooks struct {
	hooks
	spy *spy
}

func (h *spyHooks) Begin(status int, header http.Header) error {
	h.spy.events = append(h.spy.events, "Begin")
	return h.hooks.Begin(status, header)
}
