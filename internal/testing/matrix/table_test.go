package matrix

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	intro    = "# Frameworks\n\n" + string(Web)
	ending   = tableEnds + "\nMore.\n"
	oneTable = "| Scenario | a | b 1.2 |\n|---|---|---|\n| JSON | yes | no (1) |\n| file | no (1) |  |\n\n1. It cannot.\n"
)

func into(t *testing.T, page string, c column) string {
	t.Helper()
	next, err := c.into(page, Web, []Scenario{JSON, File})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTableIsMadeColumnByColumn(t *testing.T) {
	page := into(t, intro+ending, column{"b 1.2", map[Scenario]string{JSON: "It cannot."}})
	page = into(t, page, column{"a", map[Scenario]string{JSON: "", File: "It cannot."}})
	want(t, page, intro+oneTable+ending)
}

func TestNewVersionReplacesItsColumnAndNoOther(t *testing.T) {
	page := into(t, intro+oneTable+ending, column{"b 1.10.3", map[Scenario]string{JSON: "It panics.", File: ""}})
	want(t, page, intro+"| Scenario | a | b 1.10.3 |\n|---|---|---|\n| JSON | yes | no (1) |\n| file | no (2) | yes |\n\n"+
		"1. It panics.\n2. It cannot.\n"+ending)
	want(t, into(t, page, column{"a", map[Scenario]string{JSON: "", File: "It cannot."}}), page)
}

func TestPageWithoutItsTableIsAnError(t *testing.T) {
	if _, err := new(column).into("# Frameworks\n"+string(Web), Web, nil); err == nil {
		t.Error("no error")
	}
}

func TestImpossibleScenarioThatPassesIsAnError(t *testing.T) {
	fails := errors.New("it fails")
	for _, tc := range []struct {
		outcome    error
		reason     string
		impossible bool
		ok         bool
	}{
		{nil, "", false, true},
		{fails, "", false, false},
		{fails, "It cannot.", true, true},
		{fails, " ", true, false},
		{nil, "It cannot.", true, false},
	} {
		if err := judge(tc.outcome, tc.reason, tc.impossible); (err == nil) != tc.ok {
			t.Errorf("%+v: %v", tc, err)
		}
	}
}
