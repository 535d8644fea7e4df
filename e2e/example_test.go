package e2e_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// example builds and starts an example and returns its address.
func example(t *testing.T, name string, args ...string) string {
	t.Helper()
	return testserver.Program(t, "..", "./examples/"+name, nil, args...)
}

func TestProgramsGetTheNumber(t *testing.T) {
	for _, codec := range []string{"json", "gob"} {
		url := example(t, "typed-counter", "-codec", codec)
		jar, _ := cookiejar.New(nil)
		client := &http.Client{Jar: jar}
		for _, want := range []string{"1\n", "2\n", "3\n"} {
			resp, err := client.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if string(got) != want || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
				t.Errorf("%s: got %q as %s, want %q", codec, got, resp.Header.Get("Content-Type"), want)
			}
		}
	}
}
