package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"
)

// program runs the program until stop is called, which returns its error.
// Function get returns the number that the program answers.
func program(t *testing.T, where string, jar http.CookieJar) (get func() string, stop func() error) {
	t.Helper()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, w, "127.0.0.1:0", "json", where)
		_ = w.Close()
	}()
	line, _ := bufio.NewReader(r).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		cancel()
		t.Fatalf("printed %q, error %v", line, <-ended)
	}
	client := http.Client{Jar: jar}
	get = func() string {
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	return get, func() error { cancel(); return <-ended }
}

func TestSessionsInAFileSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counter.db")
	for where, after := range map[string]string{"sqlite:" + path: "3\n", "bbolt:" + path + ".bolt": "3\n", "memory": "1\n"} {
		jar, _ := cookiejar.New(nil)
		get, stop := program(t, where, jar)
		want(t, where, get(), "1\n")
		want(t, where, get(), "2\n")
		want(t, where+", its end", stop(), nil)
		get, stop = program(t, where, jar)
		want(t, where+", started again", get(), after)
		want(t, where+", its end", stop(), nil)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) != 2 {
		t.Errorf("left %q", files)
	}
}
