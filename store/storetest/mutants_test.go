package storetest_test

import (
	"context"
	"testing"

	"github.com/gosessions/sessions/store/storetest"
)

// mutants maps each fault to a clause that must detect it.
var mutants = map[string]string{
	"context ignored":                      "an ended context is honored",
	"ids fold case":                        "ids of any text",
	"ids trim space":                       "ids of any text",
	"expired found":                        "load finds nothing expired",
	"create upserts":                       "create refuses a taken id",
	"create not atomic":                    "one of parallel creates wins",
	"create keeps the caller's version":    "create stores version 1",
	"create clears its data":               "given data stays",
	"data cut at zero byte":                "data of any bytes",
	"expiry in seconds":                    "create inserts",
	"expiry in 32 bits":                    "a record may expire in the year 9999",
	"subject dropped":                      "subjects of any text",
	"load of nothing is no error":          "load finds nothing",
	"save upserts":                         "save never creates",
	"save says not found":                  "save never creates",
	"save revives the expired":             "save never revives",
	"save not atomic":                      "one of parallel saves wins",
	"version not compared":                 "save compares the version",
	"conflict writes":                      "save compares the version",
	"conflict is no error":                 "save compares the version",
	"version skips":                        "save replaces",
	"version stays":                        "save replaces",
	"save keeps the subject":               "list follows the subject",
	"save keeps the last subject":          "list follows the subject",
	"save keeps the expiry":                "save may shorten",
	"save never shortens":                  "save may shorten",
	"save overwrites in place":             "loaded data stays",
	"save appends in place":                "given data stays",
	"save clears what it replaces":         "given data stays",
	"touch changes data in place":          "loaded data stays",
	"delete of nothing is an error":        "delete is idempotent",
	"delete keeps":                         "delete removes",
	"delete by prefix":                     "delete leaves others",
	"delete leaves a tombstone that saves": "save never resurrects",
	"touch revives":                        "touch never revives",
	"touch creates":                        "touch never creates",
	"touch of nothing is no error":         "touch never creates",
	"touch does nothing":                   "touch moves the expiry later",
	"touch shortens":                       "touch never moves it earlier",
	"touch raises the version":             "touch leaves the version",
	"touch ignores the version":            "touch compares versions",
	"sweep ignores its limit":              "sweep keeps to its limit",
	"sweep does nothing":                   "sweep removes the expired",
	"sweep removes the live":               "sweep leaves the live",
	"sweep counts wrong":                   "sweep removes the expired",
	"refresh returns what is gone":         "refresh finds what load finds",
	"refresh finds nothing":                "refresh finds what load finds",
	"list folds case":                      "list tells subjects apart",
	"list trims space":                     "list tells subjects apart",
	"list cuts at zero byte":               "list tells subjects apart",
	"list drops control characters":        "list tells subjects apart",
	"list composes characters":             "list tells subjects apart",
	"list cuts after 256 bytes":            "list tells subjects apart",
	"list replaces other bytes":            "list never takes other bytes for text",
	"list yields the expired":              "list leaves out the expired and the deleted",
	"list of nobody yields all":            "list of nobody is empty",
	"list without data":                    "list yields a subject's records",
	"list yields one":                      "list yields a subject's records",
}

func TestEachMutantFailsItsClause(t *testing.T) {
	clauses := map[string]storetest.Clause{}
	for _, c := range storetest.Clauses() {
		if _, twice := clauses[c.Name]; twice {
			t.Errorf("two clauses are named %q", c.Name)
		}
		clauses[c.Name] = c
	}
	for fault, name := range mutants {
		t.Run(fault, func(t *testing.T) {
			c, ok := clauses[name]
			if !ok {
				t.Fatalf("no clause %q", name)
			}
			if err := c.Check(context.Background(), newMutant(fault)); err == nil {
				t.Errorf("the clause %q did not detect it", name)
			}
		})
	}
}

func TestStoreWithoutFaultPasses(t *testing.T) {
	for _, c := range storetest.Clauses() {
		if err := c.Check(context.Background(), newMutant()); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
