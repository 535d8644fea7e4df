package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// TestExample calls the program like a client with a cookie jar.
func TestExample(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, in, "127.0.0.1:0") }()
	var url string
	if _, err := fmt.Fscanf(bufio.NewReader(out), "listening on %s\n", &url); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	count := connect.NewClient[text, number](client, url+"/example.Visits/Count")
	signIn := connect.NewClient[text, empty](client, url+"/example.Visits/SignIn")
	signOut := connect.NewClient[empty, empty](client, url+"/example.Visits/SignOut")
	watch := connect.NewClient[empty, text](client, url+"/example.Visits/Watch")

	for want := int64(1); want <= 2; want++ {
		n, err := count.CallUnary(ctx, connect.NewRequest(new(text)))
		if err != nil || n.Msg.Value != want {
			t.Fatalf("count: got %v, %v, want %d", n, err, want)
		}
	}
	if _, err := signOut.CallUnary(ctx, connect.NewRequest(new(empty))); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("logout of a visitor: %v", err)
	}
	if _, err := signIn.CallUnary(ctx, connect.NewRequest(wrapperspb.String("ann"))); err != nil {
		t.Fatal(err)
	}
	stream, err := watch.CallServerStream(ctx, connect.NewRequest(new(empty)))
	if err != nil {
		t.Fatal(err)
	}
	if !stream.Receive() || stream.Msg().Value != "ann" {
		t.Fatalf("stream: got %v, %v", stream.Msg(), stream.Err())
	}
	if _, err := signOut.CallUnary(ctx, connect.NewRequest(new(empty))); err != nil {
		t.Fatal(err)
	}
	for stream.Receive() { // until the server notices the logout
	}
	if err := stream.Err(); err != nil {
		t.Errorf("end of the stream: %v", err)
	}
	client.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
