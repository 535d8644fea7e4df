package main

import (
	"slices"
	"testing"
)

// TestSitesDoTheWork shows that what is compared is the same.
func TestSitesDoTheWork(t *testing.T) {
	all := slices.Clone(sites)
	for _, f := range frameworks {
		all = append(all, f.sites...)
	}
	dbs, err := databases(t.TempDir())
	check(err)
	for _, d := range dbs {
		defer d.close()
		for _, s := range d.sites {
			s.name = d.name + ": " + s.name
			all = append(all, s)
		}
	}
	for _, s := range all {
		for _, test := range []struct {
			does     action
			stranger bool
			want     []string
		}{
			{does: greet, want: []string{"ok", "ok"}},
			{does: readInt, want: []string{"1", "1"}},
			{does: readInt, stranger: true, want: []string{"0", "0"}},
			{does: increment, want: []string{"2", "3", "4"}},
			{does: readKey, want: []string{"x", "x"}},
			{does: writeKey, want: []string{"y", "x", "y"}},
			{does: visit, want: []string{"2", "3", "4"}},
			{does: begin, stranger: true, want: []string{"1", "1"}},
			{does: renew, want: []string{"1", "1"}},
			{does: whoami, want: []string{"0", "0"}},
		} {
			w := workload{does: test.does, stranger: test.stranger, content: newContent(5, 20)}
			w.content.user, w.content.profile = true, true
			tr := prepare(s, w)
			if tr == nil {
				continue
			}
			v := tr.visitor()
			for i, want := range test.want {
				v.visit()
				if got := v.answer(); got != want {
					t.Errorf("%s: visit %d of action %d answers %q, want %q", s.name, i, test.does, got, want)
				}
				if c := v.cookie(); c != "" && !test.stranger {
					v.bring(c)
				}
			}
		}
	}
}
