package matrix

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("matrix.update", false, "write the framework's column into docs/frameworks.md")

// Table is a table of docs/frameworks.md, by the line before it.
type Table string

// The tables.
const (
	Web Table = "<!-- The tests of the frameworks make this table. -->\n\n"
	RPC Table = "<!-- The tests of the RPC frameworks make this table. -->\n\n"
)

// tableEnds comes after a table and its notes.
const tableEnds = "\n<!-- The table ends here. -->\n"

// column is what a framework can do: "" for a scenario that passes, otherwise
// the reason why it is impossible.
type column struct {
	name  string
	cells map[Scenario]string
}

// compare compares the column with the page's, or writes it.
func (c column) compare(t *testing.T, table Table, rows []Scenario) {
	t.Helper()
	path, ok := locate("docs/frameworks.md")
	if !ok {
		t.Log("there is no go.work above this folder, so the table is not compared")
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.into(string(text), table, rows)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	switch diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(text), "\n")); {
	case diff == "":
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/frameworks.md is not up to date; this command writes the column:\n\tgo test -run '^%s$' . -matrix.update\n(-want +got):\n%s",
			t.Name(), diff)
	}
}

// locate returns the path of a file of the repository, whose root has go.work.
func locate(file string) (string, bool) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return filepath.Join(dir, filepath.FromSlash(file)), true
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", false
}

// into returns the page with the column in its table.
func (c column) into(page string, table Table, rows []Scenario) (string, error) {
	before, rest, ok := strings.Cut(page, string(table))
	old, after, ended := strings.Cut(rest, tableEnds)
	if !ok || !ended {
		return "", errors.New("the lines around the table are missing")
	}
	columns := parse(old)
	i := slices.IndexFunc(columns, func(other column) bool { return other.framework() == c.framework() })
	if i < 0 {
		columns = append(columns, c)
	} else {
		columns[i] = c
	}
	slices.SortFunc(columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	return before + string(table) + render(columns, rows) + tableEnds + after, nil
}

// framework returns the name without the version.
func (c column) framework() string {
	return regexp.MustCompile(` v?[0-9][0-9.]*$`).ReplaceAllString(c.name, "")
}

const yes = "yes"

// parse returns the columns of a table that render has made.
func parse(table string) []column {
	var columns []column
	notes := make(map[string]string)
	for _, m := range regexp.MustCompile(`(?m)^([0-9]+)\. (.*)$`).FindAllStringSubmatch(table, -1) {
		notes["no ("+m[1]+")"] = m[2]
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch first := cells[0]; {
		case !strings.HasPrefix(line, "| "):
		case columns == nil:
			for _, name := range cells[1:] {
				columns = append(columns, column{name, make(map[Scenario]string)})
			}
		default:
			for i, cell := range cells[1:min(len(cells), len(columns)+1)] {
				if reason, ok := notes[cell]; ok || cell == yes {
					columns[i].cells[Scenario(first)] = reason
				}
			}
		}
	}
	return columns
}

// render returns a table with its notes. A cell that no test has made is empty.
func render(columns []column, rows []Scenario) string {
	var table strings.Builder
	row := func(cells []string) { fmt.Fprintf(&table, "| %s |\n", strings.Join(cells, " | ")) }
	head, line := []string{"Scenario"}, "|---|"
	for _, c := range columns {
		head, line = append(head, c.name), line+"---|"
	}
	row(head)
	table.WriteString(line + "\n")
	var notes []string
	for _, scenario := range rows {
		cells := []string{string(scenario)}
		for _, c := range columns {
			reason, played := c.cells[scenario]
			cell := ""
			switch {
			case played && reason == "":
				cell = yes
			case played:
				i := slices.Index(notes, reason)
				if i < 0 {
					i = len(notes)
					notes = append(notes, reason)
				}
				cell = "no (" + strconv.Itoa(i+1) + ")"
			}
			cells = append(cells, cell)
		}
		row(cells)
	}
	for i, reason := range notes {
		if i == 0 {
			table.WriteString("\n")
		}
		fmt.Fprintf(&table, "%d. %s\n", i+1, reason)
	}
	return table.String()
}
