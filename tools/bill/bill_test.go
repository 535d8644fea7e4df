package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program writes a module that links a dependency with a license, and returns
// its directory.
func program(t *testing.T, license string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":             "module example.com/program\n\ngo 1.26\n\nrequire example.com/dependency v1.0.0\n\nreplace example.com/dependency => ./dependency\n",
		"LICENSE":            "MIT License. Permission is hereby granted, free of charge, to any person",
		"main.go":            "package main\n\nimport _ \"example.com/dependency\"\n\nfunc main() {}\n",
		"dependency/go.mod":  "module example.com/dependency\n\ngo 1.26\n",
		"dependency/main.go": "package dependency\n",
		"dependency/LICENSE": license,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBillNamesEachLinkedModuleWithItsLicense(t *testing.T) {
	var out strings.Builder
	if err := run(&out, program(t, "Apache License\n  Version 2.0, January 2004"), "v1.0.0"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"pkg:golang/example.com/dependency@v1.0.0"`, `"Apache-2.0"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the bill lacks %s:\n%s", want, &out)
		}
	}
}

func TestDependencyWithoutAnAcceptedLicenseIsRefused(t *testing.T) {
	for license, want := range map[string]string{
		"GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007":        "GPL",
		"GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007": "GPL",
		"Mozilla Public License Version 2.0":                         "MPL-2.0",
		"All rights reserved.":                                       "no license that this program knows",
	} {
		err := run(io.Discard, program(t, license), "v1.0.0")
		if err == nil || !strings.Contains(err.Error(), "example.com/dependency") || !strings.Contains(err.Error(), want) {
			t.Errorf("with %q: %v, want an error with the module and %q", license, err, want)
		}
	}
}
