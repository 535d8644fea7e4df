package main

import (
	"os"
	"path/filepath"
	"testing"
)

// onlyLinux changes to a module whose package does not build on js, and writes
// the file of exceptions.
func onlyLinux(t *testing.T, exceptions string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("GOWORK", "off")
	for name, text := range map[string]string{
		"go.mod":        "module example.com/program\n\ngo 1.26\n",
		"main.go":       "package main\n\nfunc main() { only() }\n",
		"main_linux.go": "package main\n\nfunc only() {}\n",
		".ci/platforms": exceptions,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPackageThatDoesNotBuildEverywhereIsListedWithTheSystem(t *testing.T) {
	for _, test := range []struct {
		exceptions, platform string
		want                 bool
	}{
		{"", "linux/amd64", true},
		{"", "js/wasm", false},
		{"js/wasm example.com/program # it needs Linux", "js/wasm", true},
		{"linux/amd64 example.com/program", "linux/amd64", false},
	} {
		onlyLinux(t, test.exceptions)
		got, err := run([]string{test.platform}, []string{"./..."})
		if err != nil || got != test.want {
			t.Errorf("on %s with the exceptions %q: %v, %v, want %v", test.platform, test.exceptions, got, err, test.want)
		}
	}
}
