package main_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	main "github.com/gosessions/sessions/internal/testing/cmd/testall"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestTable prints recorded streams of go test -json.
func TestTable(t *testing.T) {
	streams, err := filepath.Glob("testdata/*.json")
	if err != nil || len(streams) == 0 {
		t.Fatal("no streams", err)
	}
	for _, file := range streams {
		t.Run(filepath.Base(file), func(t *testing.T) {
			stream, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Close()
			var out strings.Builder
			r := main.NewResults(&out, strings.Contains(file, "verbose"))
			if err := r.Read(stream); err != nil {
				t.Fatal(err)
			}
			if err := r.WriteTable(); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}
