package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestExample runs the server and the client.
func TestExample(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, in, "127.0.0.1:0") }()
	var url string
	if _, err := fmt.Fscanf(bufio.NewReader(out), "listening on %s\n", &url); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := call(ctx, &said, strings.TrimPrefix(url, "http://")); err != nil {
		t.Error(err)
	}
	if want := "visit 1\nvisit 2\nsigned in as ann\nsigned out\n"; said.String() != want {
		t.Errorf("got %q, want %q", said.String(), want)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
