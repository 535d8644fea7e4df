package dynamostore_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/dynamostore"
)

// calls are all that a store offers, by name.
func calls(st *dynamostore.Store, id string) map[string]func(context.Context) error {
	r := record(id)
	return map[string]func(context.Context) error{
		"load":   func(ctx context.Context) error { return load(ctx, st, id) },
		"create": func(ctx context.Context) error { return st.Create(ctx, r) },
		"save":   func(ctx context.Context) error { return st.Save(ctx, r) },
		"touch":  func(ctx context.Context) error { return st.Touch(ctx, id, 1, r.Expires.Add(time.Hour)) },
		"delete": func(ctx context.Context) error { return st.Delete(ctx, id) },
		"list":   func(ctx context.Context) error { return list(ctx, st, "ann") },
		"sweep":  func(ctx context.Context) error { _, err := st.Sweep(ctx, 10); return err },
	}
}

// everything makes every call, and returns its errors by name.
func everything(ctx context.Context, st *dynamostore.Store, id string) map[string]error {
	errs := make(map[string]error)
	for op, call := range calls(st, id) {
		errs[op] = call(ctx)
	}
	return errs
}

// wants fails the test unless err has all parts, names the package once and is
// none of the errors that say something about the record.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	testserver.WantFault(t, "dynamostore", what, err, parts...)
	if err == nil {
		return
	}
	for _, secret := range []string{"s3cretKEY", "t0kenOFsession"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error %q has a secret", what, err)
		}
	}
}

func TestAnswersOfTheServiceSayWhatToDo(t *testing.T) {
	const canonical = "The request signature we calculated does not match the signature you provided. " +
		"The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:t0kenOFsession\n'"
	for _, c := range []struct{ code, message, want string }{
		{"ThrottlingException", "Rate exceeded", "PAY_PER_REQUEST"},
		{"ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded.", "more capacity"},
		{"RequestLimitExceeded", "Throughput exceeds the current throughput limit for your account.", "more capacity"},
		{"ResourceNotFoundException", "Requested resource not found", `no such table in region "eu-central-1": make it with Migrate`},
		{"AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:GetItem", "allow them the actions"},
		{"UnrecognizedClientException", "The security token included in the request is invalid.", "check the keys"},
		{"InvalidSignatureException", canonical, "check the keys"},
		{"ExpiredTokenException", "The security token included in the request is expired", "have expired"},
		{"TransactionConflictException", "Transaction is ongoing for the item", "TransactionConflictException"},
		{"ReplicatedWriteConflictException", "One or more items in this request are being replicated", "ReplicatedWriteConflictException"},
		{"ValidationException", "The table does not have the specified index: by-subject", `no index "by-subject"`},
		{"ValidationException", "Item size to update has exceeded the maximum allowed size", "400 KB"},
		{"ValidationException", "The provided key element does not match the schema", "Options say"},
	} {
		w := newWire(t)
		st := open(t, dial("http://127.0.0.1:9", over(w), hurried), dynamostore.Options{Table: "my-sessions", SweepByScan: true})
		w.breaks(always(says(http.StatusBadRequest, c.code, c.message)))
		for op, err := range everything(t.Context(), st, "a") {
			wants(t, c.code+": "+op, err, op+" in table \"my-sessions\"", c.want, c.code)
		}
	}
}

// TestServiceThatFails: what its own errors lead to is that the outcome is
// unknown, after all tries.
func TestServiceThatFails(t *testing.T) {
	for _, f := range []fault{fails, {status: http.StatusServiceUnavailable, body: "<html>down</html>"}, {status: http.StatusOK, body: "{"}, {status: http.StatusOK, body: "<html>"}} {
		w := newWire(t)
		st := open(t, dial("http://127.0.0.1:9", over(w), hurried), dynamostore.Options{SweepByScan: true})
		w.breaks(always(f))
		for op, err := range everything(t.Context(), st, "a") {
			if f.status == http.StatusOK && (op == "create" || op == "save" || op == "touch" || op == "delete") && err == nil {
				continue // the client does not read an answer that it needs nothing of
			}
			wants(t, op, err)
		}
	}
}

// TestThrottledUntilTheContextEnds: the error says what the client waited for.
func TestThrottledUntilTheContextEnds(t *testing.T) {
	w := newWire(t)
	st := open(t, dial("http://127.0.0.1:9", over(w), func(o *dynamodb.Options) { o.Retryer = patient{retry.NewStandard()} }), dynamostore.Options{SweepByScan: true})
	for op, call := range calls(st, "a") {
		ctx, cancel := context.WithCancel(t.Context())
		w.breaks(func(string) fault { cancel(); return throttles })
		err := call(ctx)
		wants(t, op, err, "more capacity")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want that the context has ended", op, err)
		}
	}
}

// patient waits for as long as the context lets it.
type patient struct{ aws.Retryer }

func (patient) RetryDelay(int, error) (time.Duration, error) { return time.Hour, nil }

func TestServerThatIsDownIsTold(t *testing.T) {
	st := open(t, client(t, "http://127.0.0.1:9", hurried), dynamostore.Options{SweepByScan: true})
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, "connection refused", `table "sessions"`)
	}
}

func TestTableThatIsMissingIsTold(t *testing.T) {
	st := open(t, client(t, find(t)), dynamostore.Options{Table: "dynamostore-missing", SweepByScan: true})
	for op, err := range everything(t.Context(), st, "a") {
		wants(t, op, err, `"dynamostore-missing"`, "Migrate", "eu-central-1")
	}
}

// TestServerThatIsSilent: calls end with their context, and the next ones work
// when the server does.
func TestServerThatIsSilent(t *testing.T) {
	address := find(t)
	ready := migrated(t, client(t, address), dynamostore.Options{})
	p := testserver.NewProxy(t, host(t, address))
	st := open(t, client(t, "http://"+p.Address), dynamostore.Options{Table: *ready.Table().TableName, SweepByScan: true})
	ok(t, st.Create(t.Context(), record("a")))
	p.Silence()
	for op, call := range calls(st, "a") {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want that the deadline was exceeded", op, err)
		}
	}
	p.Pass()
	ok(t, st.Create(t.Context(), record("b")))
}

// TestClientWithoutCredentialsOrRegion: the client looks for credentials in a
// machine's metadata, where nobody answers.
func TestClientWithoutCredentialsOrRegion(t *testing.T) {
	silent, err := net.Listen("tcp4", "127.0.0.1:0")
	ok(t, err)
	defer silent.Close()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	for _, disabled := range []string{"true", "false"} {
		t.Setenv("AWS_EC2_METADATA_DISABLED", disabled)
		t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+silent.Addr().String())
		cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-central-1"))
		ok(t, err)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		err = load(ctx, open(t, dynamodb.NewFromConfig(cfg), dynamostore.Options{}), "a")
		wants(t, "no credentials, metadata disabled "+disabled, err, "has no credentials", "AWS_ACCESS_KEY_ID")
		if disabled == "false" && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want that the deadline was exceeded", err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("it took %v to find no credentials", took)
		}
		cfg.Region, cfg.Credentials = "", aws.CredentialsProviderFunc(keys)
		wants(t, "no region", load(t.Context(), open(t, dynamodb.NewFromConfig(cfg), dynamostore.Options{}), "a"), "has no region", "AWS_REGION")
	}
	denied := open(t, client(t, "http://127.0.0.1:9", func(o *dynamodb.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: sts:AssumeRole"}
		})
	}), dynamostore.Options{})
	wants(t, "a role that may not be assumed", load(t.Context(), denied, "a"), "has no credentials", "sts:AssumeRole")
	anonymous := client(t, find(t), func(o *dynamodb.Options) { o.Credentials = nil })
	wants(t, "no provider", load(t.Context(), open(t, anonymous, dynamostore.Options{}), "a"), "check the keys")
}
