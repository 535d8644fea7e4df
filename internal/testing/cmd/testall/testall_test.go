package main_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	main "github.com/gosessions/sessions/internal/testing/cmd/testall"
)

var update = flag.Bool("update", false, "write the golden files anew")

// printed returns what testall prints of a recorded stream.
func printed(t *testing.T, file string) string {
	t.Helper()
	stream, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var out strings.Builder
	r := main.NewResults(&out, strings.Contains(file, "verbose"))
	if err := errors.Join(r.Read(stream), r.WriteTable(), r.WriteFailures()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTable prints recorded streams of go test -json.
func TestTable(t *testing.T) {
	streams, err := filepath.Glob("testdata/*.json")
	if err != nil || len(streams) == 0 {
		t.Fatal("no streams", err)
	}
	for _, file := range streams {
		t.Run(filepath.Base(file), func(t *testing.T) {
			out := printed(t, file)
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestR126_OutputEndsWithWhatFailed(t *testing.T) {
	for file, end := range map[string]string{
		"stores": `
FAILED
example.com/x/badstore TestContract/load
      b_test.go:3: broken: load
          finds nothing
example.com/x/badstore TestRequired
      b_test.go:4: no libSQL: set LIBSQL_URL
example.com/x/broken
  # example.com/x/broken [example.com/x/broken.test]
  broken/b.go:2:19: too many return values
  	have (number)
  	want ()
`,
		"panic": `
FAILED
example.com/x/panics TestPanics/save
example.com/x/panics TestPanics
  panic: oops [recovered, repanicked]
  	panics/p_test.go:3 +0x0
`,
		"again-verbose": `
FAILED
example.com/x/again TestSometimes
      a_test.go:5: two
      a_test.go:5: three
      a_test.go:5: four
      a_test.go:5: five
      a_test.go:5: six
      a_test.go:6: seven
`,
	} {
		if out := printed(t, "testdata/"+file+".json"); !strings.HasSuffix(out, end) {
			t.Errorf("%s: printed\n%s\nwant at the end\n%s", file, out, end)
		}
	}
	if out := printed(t, "testdata/verbose.json"); strings.Contains(out, "FAILED") {
		t.Errorf("nothing has failed, and it printed\n%s", out)
	}
}
