package scenario

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// Program visits a store's example, the program in the folder example beside
// its test, as a newcomer does. The environment, as name=value, says where the
// server is. It answers each visit by its number.
func Program(t *testing.T, env ...string) {
	t.Helper()
	url := testserver.Program(t, ".", "./example", env)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	for _, want := range []string{"visit 1\n", "visit 2\n", "visit 3\n"} {
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(got) != want {
			t.Fatalf("the example answers %d %q, error %v; want %q", resp.StatusCode, got, err, want)
		}
	}
}
