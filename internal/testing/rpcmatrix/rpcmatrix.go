package rpcmatrix

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/matrix"
)

// Framework is an RPC framework with one of its protocols, together with the
// adapter that its users install.
type Framework struct {
	// Name with the version, as in "grpc-go 1.85".
	Name string
	// Start serves an app of the setup on a loopback address until the test ends,
	// and returns a client of it.
	Start func(t *testing.T, s *Setup) Client
	// Error returns the framework's error of a code.
	Error func(code Code, message string) error
	// Impossible says in a sentence why the framework cannot play a scenario, and
	// what happens at run time.
	Impossible map[matrix.Scenario]string
}

// Client calls the procedures of an app. Headers have canonical names.
type Client struct {
	// Call makes a unary call. The header is that of the response, with the
	// trailer, also with an error.
	Call func(ctx context.Context, procedure string, header http.Header, text string) (string, http.Header, error)
	// Stream begins a stream.
	Stream func(ctx context.Context, procedure string, header http.Header) (Stream, error)
	// Code returns the code of an error.
	Code func(error) Code
}

// Stream is a client's end of a stream.
type Stream interface {
	Send(text string) error
	CloseSend() error
	// Receive returns io.EOF after the last message.
	Receive() (string, error)
	// Header is called after the first Receive.
	Header() http.Header
}

// plays are all scenarios, in the order of the table.
var plays = slices.Concat(calls, failures, streams, arrangements, users)

// Run plays every scenario through the framework, each in a test and an app of
// its own, and compares the framework's column of docs/frameworks.md.
func Run(t *testing.T, f Framework) {
	t.Helper()
	matrix.Tabulate(t, matrix.RPC, f.Name, rows(), f.Impossible, func(t *testing.T, s matrix.Scenario, limit time.Duration) error {
		return plays[slices.Index(rows(), s)].check(t, f, limit)
	})
}

// rows returns the scenarios in the order of the table.
func rows() []matrix.Scenario {
	var all []matrix.Scenario
	for _, p := range plays {
		all = append(all, p.scenario)
	}
	return all
}

// Code is a code of gRPC, which Connect has as well.
type Code int

// The codes that scenarios need by name.
const (
	OK                 Code = 0
	Canceled           Code = 1
	Unknown            Code = 2
	InvalidArgument    Code = 3
	DeadlineExceeded   Code = 4
	NotFound           Code = 5
	PermissionDenied   Code = 7
	ResourceExhausted  Code = 8
	FailedPrecondition Code = 9
	Aborted            Code = 10
	Internal           Code = 13
	Unavailable        Code = 14
	Unauthenticated    Code = 16
)

// String returns the name in the specification of gRPC.
func (c Code) String() string {
	names := [...]string{"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
		"ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"}
	return names[c]
}
