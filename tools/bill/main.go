// Command bill prints the bill of materials of a module as CycloneDX 1.6 in
// JSON, and fails if a dependency has a license that is not accepted.
//
//	bill MODULE VERSION
//
// MODULE is the directory of a module. The bill has the modules whose packages a
// program links on Linux, Windows or macOS. The modules of this repository get
// the version VERSION.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const own = "github.com/gosessions/sessions"

// accepted are the licenses that a dependency of a published module may have.
var accepted = []string{"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}

type module struct {
	Path, Version, Dir string
	Main               bool
}

type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	PURL     string    `json:"purl"`
	Licenses []license `json:"licenses"`
}

type license struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type bill struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Version  int    `json:"version"`
	Metadata struct {
		Component component `json:"component"`
	} `json:"metadata"`
	Components []component `json:"components"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bill MODULE VERSION")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "bill:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir, version string) error {
	modules := map[string]module{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		if err := linked(modules, dir, system); err != nil {
			return err
		}
	}
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1, Components: []component{}}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		ids := []string{"MIT"} // ours
		if path == own || strings.HasPrefix(path, own+"/") {
			m.Version = version
		} else {
			var err error
			if ids, err = licenses(m.Dir); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		purl := "pkg:golang/" + path + "@" + m.Version
		c := component{Type: "library", Ref: purl, Name: path, Version: m.Version, PURL: purl}
		for _, id := range ids {
			if !slices.Contains(accepted, id) {
				return fmt.Errorf("%s has the license %s, which is not accepted; do without the module", path, id)
			}
			var l license
			l.License.ID = id
			c.Licenses = append(c.Licenses, l)
		}
		if m.Main {
			b.Metadata.Component = c
		} else {
			b.Components = append(b.Components, c)
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(b)
}

// linked adds the modules whose packages are linked on a system.
func linked(modules map[string]module, dir, system string) error {
	main, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "./...")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0") // if GOWORK is not off, our modules are those of the workspace
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list in %s: %w", dir, err)
	}
	for packages := json.NewDecoder(strings.NewReader(string(text))); packages.More(); {
		var p struct{ Module *module }
		if err := packages.Decode(&p); err != nil {
			return err
		}
		if p.Module != nil { // nil in the standard library
			p.Module.Main = p.Module.Dir == main // in a workspace they are all main
			modules[p.Module.Path] = *p.Module
		}
	}
	return nil
}

// licenses returns the SPDX identifiers of the licenses in the files that state
// them.
func licenses(dir string) ([]string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range files {
		switch strings.ToUpper(strings.TrimSuffix(f.Name(), filepath.Ext(f.Name()))) {
		case "LICENSE", "LICENCE", "COPYING": //nolint:misspell // a name of files
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				return nil, err
			}
			id := identify(string(text))
			if id == "" {
				return nil, fmt.Errorf("%s is no license that this program knows", f.Name())
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("there is no license in %s", dir)
	}
	return ids, nil
}

// identify returns the SPDX identifier of a license, or "".
func identify(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	title := text[:min(len(text), 200)]
	switch has := func(s string) bool { return strings.Contains(text, s) }; {
	case strings.Contains(title, "general public license"):
		return "GPL"
	case strings.Contains(title, "mozilla public license version 2.0"), strings.Contains(title, "mozilla public license, version 2.0"):
		return "MPL-2.0"
	case strings.Contains(title, "apache license version 2.0"), has("licensed under the apache license, version 2.0"):
		return "Apache-2.0"
	case has("redistribution and use in source and binary forms"):
		if has("endorse or promote products") {
			return "BSD-3-Clause"
		}
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"),
		has("permission to use, copy, modify, and distribute this software for any purpose"):
		return "ISC"
	}
	return ""
}
