package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
)

var list = []Clause{{
	Name:     "list yields a subject's records",
	Sentence: "List yields the live records of a subject, each once and as Load would return it.",
	Check: func(ctx context.Context, st store.Store) error {
		subject := "subject-" + rand.Text()
		var ids []string
		for i := range 6 {
			r := fresh()
			if i < 3 {
				r.Subject = subject
				ids = append(ids, r.ID)
			}
			if err := st.Create(ctx, r); err != nil {
				return wrap("Create", err)
			}
			if i == 0 {
				if err := st.Save(ctx, r); err != nil {
					return wrap("Save", err)
				}
			}
		}
		return lists(ctx, st, subject, ids...)
	},
}, {
	Name:     "list leaves out the expired and the deleted",
	Sentence: "List yields live records only.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		for i := range 2 {
			other := fresh()
			other.Subject = r.Subject
			if i == 0 {
				other.Expires = past()
			}
			if err := st.Create(ctx, other); err != nil {
				return wrap("Create", err)
			}
			if i == 1 {
				if err := st.Delete(ctx, other.ID); err != nil {
					return wrap("Delete", err)
				}
			}
		}
		return lists(ctx, st, r.Subject, r.ID)
	},
}, {
	Name:     "list follows the subject",
	Sentence: "After Save has changed the subject, List finds the record under the new subject only.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		was, next := r.Subject, "subject-"+rand.Text()
		r.Subject = next
		return steps(
			func() error { return wrap("Save", st.Save(ctx, r)) },
			func() error { return lists(ctx, st, was) },
			func() error { return lists(ctx, st, next, r.ID) },
			func() error { r.Version, r.Subject = 2, ""; return wrap("Save without subject", st.Save(ctx, r)) },
			func() error { return lists(ctx, st, next) },
			func() error { r.Version = 3; return holds(ctx, st, r) },
		)
	},
}, {
	Name:     "list tells subjects apart",
	Sentence: "Subjects that differ in any byte have different records: case, spaces, control characters, forms of Unicode, the end of a long text.",
	Check: func(ctx context.Context, st store.Store) error {
		ids := map[string]string{}
		for _, subject := range oddSubjects() {
			r := fresh()
			r.Subject = subject
			ids[subject] = r.ID
			if err := st.Create(ctx, r); err != nil {
				return wrap("Create", err)
			}
		}
		delete(ids, "")
		for subject, id := range ids {
			if err := lists(ctx, st, subject, id); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "list never takes other bytes for text",
	Sentence: "A subject that is not UTF-8 has records of its own, or Create refuses it and stores nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		mark := rand.Text()
		ids := map[string]string{}
		for _, subject := range []string{mark + "\ufffd", mark + "\xff", mark + "\xfe", mark + "\xc3", mark + "\xed\xa0\x80", mark} {
			r := fresh()
			r.Subject = subject
			err := st.Create(ctx, r)
			if err != nil && !utf8.ValidString(subject) {
				if err := lacks(ctx, st, r.ID); err != nil {
					return wrap(fmt.Sprintf("after Create refused the subject %q", subject), err)
				}
				continue
			}
			if err != nil {
				return wrap("Create", err)
			}
			ids[subject] = r.ID
		}
		for subject, id := range ids {
			if err := lists(ctx, st, subject, id); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "list of nobody is empty",
	Sentence: "The empty subject has no records.",
	Check: func(ctx context.Context, st store.Store) error {
		r := fresh()
		r.Subject = ""
		if err := st.Create(ctx, r); err != nil {
			return wrap("Create", err)
		}
		return lists(ctx, st, "")
	},
}, {
	Name:     "list can be left early",
	Sentence: "The caller of List may stop early.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		other := fresh()
		other.Subject = r.Subject
		if err := st.Create(ctx, other); err != nil {
			return wrap("Create", err)
		}
		for _, err := range store.List(ctx, st, r.Subject) {
			if err != nil {
				return wrap("List", err)
			}
			break
		}
		return lists(ctx, st, r.Subject, r.ID, other.ID)
	},
}}

// lists returns an error unless List yields exactly the records with these
// IDs, as Load returns them.
func lists(ctx context.Context, st store.Store, subject string, ids ...string) error {
	got := map[string]store.Record{}
	for r, err := range store.List(ctx, st, subject) {
		if err != nil {
			return wrap("List", err)
		}
		if _, twice := got[r.ID]; twice {
			return fmt.Errorf("List(%q) yields %q twice", subject, r.ID)
		}
		got[r.ID] = r
	}
	slices.Sort(ids)
	if diff := cmp.Diff(ids, slices.Sorted(maps.Keys(got))); diff != "" && len(ids)+len(got) > 0 {
		return fmt.Errorf("List(%q) yields the wrong IDs (-want +got):\n%s", subject, diff)
	}
	for _, r := range got {
		if err := holds(ctx, st, r); err != nil {
			return wrap("List and Load differ", err)
		}
	}
	return nil
}
