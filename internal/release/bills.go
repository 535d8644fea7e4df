package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// bills writes the bill of materials of each released module of a version that
// has been made to a folder.
func (c *candidate) bills(version, folder string, out io.Writer) error {
	program := filepath.Join(c.temp, "bill")
	if _, err := output(command(filepath.Join(c.dir, "tools"), []string{"GOWORK=off"}, "go", "build", "-o", program, "./bill")); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, m := range c.modules {
		if !m.released {
			continue
		}
		// Not in the workspace, where other modules can raise the versions of dependencies.
		text, err := output(command(c.dir, c.env(), program, m.dir, version))
		if err != nil {
			return err
		}
		n, err := c.checkBill(m, version, []byte(text))
		if err != nil {
			return fmt.Errorf("the bill of materials of %s: %w", m.path, err)
		}
		name := strings.ReplaceAll(strings.TrimPrefix(m.path, path.Dir(c.root)+"/"), "/", "-") + "-" + version + ".cdx.json"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text+"\n"), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d components\n", name, n)
	}
	return nil
}

// checkBill returns how many components a bill has, apart from the module. They
// must include each module that programs link on Linux.
func (c *candidate) checkBill(m repoModule, version string, text []byte) (int, error) {
	type component struct{ Name, Version string }
	var b struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return 0, err
	}
	if main := (component{m.path, version}); b.Format != "CycloneDX" || b.Metadata.Component != main {
		return 0, fmt.Errorf("it is of format %q and describes %v; want CycloneDX and %v", b.Format, b.Metadata.Component, main)
	}
	const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}"
	list := command(filepath.Join(c.dir, m.dir), append(c.env(), "GOOS=linux", "CGO_ENABLED=0"), "go", "list", "-deps", "-f", format, "./...")
	linked, err := output(list)
	for line := range strings.Lines(linked) {
		if path, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !slices.Contains(b.Components, component{path, version}) {
			return 0, fmt.Errorf("it lacks %s %s", path, version)
		}
	}
	return len(b.Components), err
}
