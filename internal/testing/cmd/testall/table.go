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
type row struct{ store, server, result string }

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
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", row.store, row.server, row.result)
	}
	return w.Flush()
}

func (r *Results) rows() []row {
	var rows []row
	for _, n := range r.order {
		t := r.tests[n]
		store := cmp.Or(t.attrs["store"], storeOf(n.pkg))
		switch server := t.attrs["server"]; {
		case t.attrs["missing"] != "":
			result := "skipped: " + t.attrs["missing"]
			if t.action != "skip" {
				result = "FAILED: " + t.attrs["missing"]
			}
			rows = append(rows, row{store, server, result})
		case server != "":
			rows = append(rows, row{store, server, r.clauses(n)})
		}
	}
	order := func(a, b row) int {
		return cmp.Or(strings.Compare(a.store, b.store), strings.Compare(a.server, b.server), strings.Compare(a.kind(), b.kind()))
	}
	slices.SortStableFunc(rows, order)
	return slices.CompactFunc(rows, func(a, b row) bool { return order(a, b) == 0 }) // several tests skip for want of one server
}

// kind is a result without its reason.
func (r row) kind() string {
	kind, _, _ := strings.Cut(r.result, ": no ")
	return kind
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
