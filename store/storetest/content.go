package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/gosessions/sessions/store"
)

var content = []Clause{{
	Name:     "data of any bytes",
	Sentence: "Data is any bytes, or none.",
	Check: func(ctx context.Context, st store.Store) error {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		large := make([]byte, 300<<10)
		_, _ = rand.Read(large)
		for _, data := range [][]byte{nil, {}, {0}, {0xff}, all, []byte("'; --\\\"$1?\r\n"), large[:64<<10], large} {
			r := fresh()
			r.Data = data
			if err := st.Create(ctx, r); err != nil {
				return wrap(fmt.Sprintf("Create with %d bytes", len(data)), err)
			}
			if err := holds(ctx, st, r); err != nil {
				return err
			}
			r.Data = append([]byte{1}, data...)
			if err := st.Save(ctx, r); err != nil {
				return wrap(fmt.Sprintf("Save with %d bytes", len(r.Data)), err)
			}
			r.Version++
			if err := holds(ctx, st, r); err != nil {
				return err
			}
			if err := st.Delete(ctx, r.ID); err != nil {
				return wrap("Delete", err)
			}
		}
		return nil
	},
}, {
	Name:     "ids of any text",
	Sentence: "An ID is 1 to 128 bytes of any text. IDs that differ in any byte name different records.",
	Check: func(ctx context.Context, st store.Store) error {
		mark := rand.Text()
		ids := []string{
			mark, strings.ToLower(mark), mark + " ", " " + mark, "../../" + mark, mark + "/..", mark + ":b", mark + "*", mark + "{x}",
			mark + "' OR 1=1--", "$ne" + mark, mark + "%", mark + "_", mark + "é", mark + "e\u0301", mark + "🙂", mark + "\n",
			mark + "\x00", mark + "\x00x", "\x00" + mark, mark + "\x01", mark + "\x7f", mark + "\u0085", mark + "\u200b", mark + "ß", mark + "ss",
			mark + strings.Repeat("x", 128-len(mark)),
		}
		records := make([]store.Record, len(ids))
		for i, id := range ids {
			records[i] = fresh()
			records[i].ID = id
			if err := st.Create(ctx, records[i]); err != nil {
				return wrap(fmt.Sprintf("Create of %q", id), err)
			}
		}
		for _, r := range records {
			if err := holds(ctx, st, r); err != nil {
				return wrap(fmt.Sprintf("%q", r.ID), err)
			}
		}
		for i, r := range records {
			if err := st.Delete(ctx, r.ID); err != nil {
				return wrap(fmt.Sprintf("Delete of %q", r.ID), err)
			}
			if i+1 < len(records) {
				if err := holds(ctx, st, records[i+1]); err != nil {
					return wrap(fmt.Sprintf("%q, after Delete of %q", records[i+1].ID, r.ID), err)
				}
			}
		}
		return nil
	},
}, {
	Name:     "subjects of any text",
	Sentence: "A subject is any text, or empty.",
	Check: func(ctx context.Context, st store.Store) error {
		for _, subject := range oddSubjects() {
			r := fresh()
			r.Subject = subject
			if err := st.Create(ctx, r); err != nil {
				return wrap(fmt.Sprintf("Create with subject %q", subject), err)
			}
			if err := holds(ctx, st, r); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "given data stays",
	Sentence: "A store does not change the Data that Create and Save are given, nor does it append to it in place.",
	Check: func(ctx context.Context, st store.Store) error {
		created, createdStays := lend("Create")
		saved, savedStays := lend("Save")
		r := fresh()
		unchanged := func() error { return errors.Join(createdStays(), savedStays()) }
		return steps(
			func() error { r.Data = created; return wrap("Create", st.Create(ctx, r)) },
			unchanged,
			func() error { r.Data = saved; return wrap("Save", st.Save(ctx, r)) },
			unchanged,
			func() error { return wrap("Touch", store.Touch(ctx, st, r.ID, 2, r.Expires.Add(life))) },
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			unchanged,
		)
	},
}, {
	Name:     "loaded data stays",
	Sentence: "The Data that Load returns does not change when the record is saved, touched or deleted later.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		got, err := st.Load(ctx, r.ID)
		if err != nil {
			return wrap("Load", err)
		}
		want := bytes.Clone(got.Data)
		stays := func() error {
			if !bytes.Equal(got.Data, want) {
				return fmt.Errorf("loaded data was %q and is %q after a later call", want, got.Data)
			}
			return nil
		}
		return steps(
			func() error { return wrap("Touch", store.Touch(ctx, st, r.ID, 1, r.Expires.Add(life))) },
			stays,
			func() error {
				now, err := st.Load(ctx, r.ID) // Touch may have raised the version
				now.Data = bytes.Repeat([]byte("z"), len(want))
				return errors.Join(wrap("Load", err), wrap("Save", st.Save(ctx, now)))
			},
			stays,
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			stays,
		)
	},
}}

// lend returns data for a method, with spare capacity, and a function that
// returns an error if the data or the array behind it has changed.
func lend(method string) (data []byte, stays func() error) {
	array := bytes.Repeat([]byte(method), 10)[:40]
	was := bytes.Clone(array)
	return array[:20], func() error {
		if !bytes.Equal(array, was) {
			return fmt.Errorf("the data given to %s was %q and is %q", method, was, array)
		}
		return nil
	}
}

// oddSubjects returns subjects that a store might misread or take for each
// other. All but the empty one are unused.
func oddSubjects() []string {
	mark := rand.Text()
	long := mark + strings.Repeat("x", 256)
	return []string{
		"", mark, strings.ToLower(mark), mark + " ", " " + mark, mark + "\t", mark + "\u00a0", mark + "%", "%" + mark, mark + "*", mark + "_",
		mark + "' OR 1=1--", mark + ":x", mark + "/../x", "$ne" + mark, "user@example.com " + mark, mark + "🙂", mark + "\U0001f642\ufe0f",
		mark + "é", mark + "e\u0301", mark + "É", mark + "e", mark + "ß", mark + "ss", mark + "ﬁ", mark + "fi", mark + "\u200b", mark + "\ufeff",
		mark + "\x00", mark + "\x00x", mark + "\x00\x00", "\x00" + mark, mark + "\x01", mark + "\x1f", mark + "\x7f", mark + "\u0085", mark + "\r\n", mark + "\n",
		long, long + "a", long + "b", long + strings.Repeat("x", 744) + "a", long + strings.Repeat("x", 744) + "b",
	}
}
