package pages_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gosessions/sessions/store/internal/pages"
)

// record stands for the record of a store.
type record struct{ ID string }

func TestListReadsPageAfterPageAsFarAsTheCallerGoes(t *testing.T) {
	failure := errors.New("offline")
	for name, test := range map[string]struct {
		subject   string
		records   int
		fail      string // after this id
		stop      int
		yielded   int
		wantErr   error
		readAfter []string
	}{
		"nobody's":          {"", 5, "", 0, 0, nil, nil},
		"none":              {"ann", 0, "", 0, 0, nil, []string{""}},
		"less than a page":  {"ann", 99, "", 0, 99, nil, []string{""}},
		"a page":            {"ann", 100, "", 0, 100, nil, []string{"", "099"}},
		"more than a page":  {"ann", 250, "", 0, 250, nil, []string{"", "099", "199"}},
		"the caller stops":  {"ann", 250, "", 100, 100, nil, []string{""}},
		"the second breaks": {"ann", 250, "099", 0, 100, failure, []string{"", "099"}},
	} {
		t.Run(name, func(t *testing.T) {
			var all []record
			for n := range test.records {
				all = append(all, record{ID: fmt.Sprintf("%03d", n)})
			}
			var began []string
			read := func(after string) ([]record, error) {
				began = append(began, after)
				if after != "" && after == test.fail {
					return nil, failure
				}
				from := slices.IndexFunc(all, func(r record) bool { return r.ID > after })
				if from < 0 {
					return nil, nil
				}
				return all[from:min(from+pages.Size, len(all))], nil
			}
			var got []record
			var err error
			for r, e := range pages.List(test.subject, func(r record) string { return r.ID }, read) {
				if e != nil {
					err = e
					continue
				}
				if got = append(got, r); len(got) == test.stop {
					break
				}
			}
			if diff := cmp.Diff(all[:test.yielded], got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("yielded (-want +got):\n%s", diff)
			}
			if err != test.wantErr {
				t.Errorf("error %v, want %v", err, test.wantErr)
			}
			if diff := cmp.Diff(test.readAfter, began); diff != "" {
				t.Errorf("read after (-want +got):\n%s", diff)
			}
		})
	}
}
