package dynamostore_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// wire is a transport that counts what is asked of the service, and breaks it
// as it is told.
type wire struct {
	next http.RoundTripper

	mu    sync.Mutex
	asked []string // the operations, in order
	fault func(operation string) fault
}

// fault is what becomes of a request; the zero fault lets it pass.
type fault struct {
	lost   bool   // it is carried out, and the answer does not arrive
	after  bool   // it is carried out, and answered by status and body
	status int    // of the answer; 0 with lost or for what passes
	body   string // JSON
	err    error  // in place of an answer
}

// throttles is the answer of a table without capacity.
var throttles = says(http.StatusBadRequest, "ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded.")

// fails is an error of the service's own.
var fails = says(http.StatusInternalServerError, "InternalServerError", "Internal server error")

// says answers in place of the service.
func says(status int, code, message string) fault {
	message = strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(message)
	return fault{status: status, body: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"` + message + `"}`}
}

func newWire(t testing.TB) *wire {
	return &wire{next: newTransport(t)}
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.asked = append(w.asked, operation)
	var f fault
	if w.fault != nil {
		f = w.fault(operation)
	}
	w.mu.Unlock()
	if f.lost || f.after || f == (fault{}) {
		resp, err := w.next.RoundTrip(req)
		if err != nil || f == (fault{}) {
			return resp, err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if f.lost {
			return nil, io.ErrUnexpectedEOF
		}
	} else {
		_ = req.Body.Close()
	}
	if f.err != nil {
		return nil, f.err
	}
	return &http.Response{
		Status: http.StatusText(f.status), StatusCode: f.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(f.body)), Request: req,
	}, nil
}

// breaks sets the faults from now on, and forgets what was asked.
func (w *wire) breaks(f func(operation string) fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked, w.fault = nil, f
}

// heard returns what was asked since the last time, and forgets it.
func (w *wire) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := strings.Join(w.asked, " ")
	w.asked = nil
	return asked
}

// once makes the next request fail, and no other.
func once(f fault) func(string) fault {
	return func(string) fault {
		now := f
		f = fault{}
		return now
	}
}

// always makes all requests fail.
func always(f fault) func(string) fault { return func(string) fault { return f } }
