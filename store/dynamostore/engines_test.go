package dynamostore_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/dynamostore"
)

// keys are credentials, which only the real service looks at.
func keys(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "s3cretKEY", SessionToken: "t0kenOFsession"}, nil
}

// client returns one for a server, with connections of its own.
func client(t testing.TB, address string, change ...func(*dynamodb.Options)) *dynamodb.Client {
	t.Helper()
	return dial(address, append([]func(*dynamodb.Options){over(newTransport(t))}, change...)...)
}

// newTransport returns connections that end with the test.
func newTransport(t testing.TB) http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	transport.WriteBufferSize = 1 << 20
	t.Cleanup(transport.CloseIdleConnections)
	return whole{transport}
}

// whole sends each request in one piece: dynalite ends with one that breaks
// off, as at a deadline.
type whole struct{ next http.RoundTripper }

func (w whole) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body)) // a body of any other type is sent behind the headers
	return w.next.RoundTrip(r)
}

// over makes a client use a transport.
func over(transport http.RoundTripper) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) { o.HTTPClient = &http.Client{Transport: transport} }
}

func dial(address string, change ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(address),
		Credentials:  aws.CredentialsProviderFunc(keys),
	}, change...)
}

// open returns a store, and fails the test where there is none.
func open(t testing.TB, c *dynamodb.Client, opts dynamostore.Options) *dynamostore.Store {
	t.Helper()
	st, err := dynamostore.New(c, opts)
	ok(t, err)
	return st
}

// migrated returns a store on a table of its own, which ends with the test.
func migrated(t testing.TB, c *dynamodb.Client, opts dynamostore.Options) *dynamostore.Store {
	t.Helper()
	opts.Table = table(t, c)
	st := open(t, c, opts)
	ok(t, st.Migrate(t.Context()))
	return st
}

// table returns the name of a table that the test may create, and deletes it.
func table(t testing.TB, c *dynamodb.Client) string {
	name := "dynamostore-" + rand.Text()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, _ = c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)})
	})
	return name
}

// product tells which engine answers: DynamoDB Local runs in Jetty, the
// service names its server, too, and dynalite does not.
func product(t testing.TB, address string) string {
	t.Helper()
	if told := os.Getenv("DYNAMODB_SERVER"); told != "" {
		return told
	}
	resp, err := http.Get(address)
	ok(t, err)
	ok(t, resp.Body.Close())
	switch server := resp.Header.Get("Server"); {
	case strings.HasPrefix(server, "Jetty"):
		return "DynamoDB Local, " + server
	case server != "":
		return "DynamoDB"
	}
	return "dynalite"
}

// host returns where a server listens.
func host(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	ok(t, err)
	return u.Host
}

// find returns the address of a server.
func find(t testing.TB) string {
	t.Helper()
	return testserver.Find(t, testserver.DynamoDB).Address
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
