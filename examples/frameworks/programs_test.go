package frameworks

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

func TestEachProgramIsListed(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		name := folder.Name()
		if folder.IsDir() && name != "internal" && !strings.Contains(string(doc), "./examples/frameworks/"+name+" ") {
			t.Errorf("doc.go does not list %s", name)
		}
	}
}

// TestProgramStartsAndEnds: the programs start and end by the same function.
func TestProgramStartsAndEnds(t *testing.T) {
	resp, err := http.Get(testserver.Program(t, ".", "./proxy", nil))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %s, want 200", resp.Status)
	}
}
