package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
)

// row is a line of the table.
type row struct {
	store, server, result string
	missing               string // how to get the server that is missing
}

// WriteTable prints the stores: every test that testserver.Report was called
// in, and what was skipped because there was no server.
func (r *Results) WriteTable() error {
	rows := r.rows()
	if len(rows) == 0 {
		return nil
	}
	if err := r.print("\n"); err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "store\tserver and version\tclauses passed")
	skipped := false
	for _, row := range rows {
		if row.missing != "" {
			row.result += ": " + row.missing
			skipped = true
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", row.store, row.server, row.result)
	}
	if err := w.Flush(); err != nil || !skipped {
		return err
	}
	return r.print("\nSet a variable to the address of a server, or install its programs on PATH. \"docker compose up\" starts all servers; compose.yaml says how.\n")
}

func (r *Results) rows() []row {
	var rows []row
	for _, n := range r.order {
		t := r.tests[n]
		store := cmp.Or(t.attrs["store"], storeOf(n.pkg))
		switch server := t.attrs["server"]; {
		case t.attrs["missing"] != "":
			result := "skipped"
			if t.action != "skip" {
				result = "FAILED"
			}
			rows = append(rows, row{store, server, result, t.attrs["missing"]})
		case server != "":
			rows = append(rows, row{store, server, r.clauses(n), ""})
		}
	}
	order := func(a, b row) int {
		return cmp.Or(strings.Compare(a.store, b.store), strings.Compare(a.server, b.server), strings.Compare(a.result, b.result))
	}
	slices.SortStableFunc(rows, order)
	return slices.CompactFunc(rows, func(a, b row) bool { return order(a, b) == 0 }) // several tests skip for want of one server
}

// storeOf returns the store that a package belongs to, by its path.
func storeOf(pkg string) string {
	if _, below, ok := strings.Cut(pkg, "/store/"); ok {
		pkg, _, _ = strings.Cut(below, "/")
	}
	return path.Base(pkg)
}

// clauses tells how the subtests of a test ended.
func (r *Results) clauses(parent name) string {
	var passed, skipped, all int
	for _, n := range r.order {
		sub, ok := strings.CutPrefix(n.test, parent.test+"/")
		if n.pkg != parent.pkg || !ok || strings.Contains(sub, "/") {
			continue
		}
		all++
		switch r.tests[n].action {
		case "pass":
			passed++
		case "skip":
			skipped++
		}
	}
	text := fmt.Sprintf("%d of %d", passed, all)
	if skipped > 0 {
		text += fmt.Sprintf(", %d not offered", skipped)
	}
	switch r.tests[parent].action {
	case "pass":
		return text
	case "skip":
		return "skipped after " + text
	}
	return "FAILED: " + text
}
