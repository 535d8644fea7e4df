package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/gosessions/sessions/store"
)

var content = []Clause{{
	Name:     "data of any bytes",
	Sentence: "Data is any bytes, empty included.",
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
	Sentence: "An id is 1 to 128 bytes of any text, and ids that differ in any byte are different records.",
	Check: func(ctx context.Context, st store.Store) error {
		mark := rand.Text()
		ids := []string{
			mark, strings.ToLower(mark), mark + " ", " " + mark, "../../" + mark, mark + "/..", mark + ":b", mark + "*", mark + "{x}",
			mark + "' OR 1=1--", "$ne" + mark, mark + "%", mark + "_", mark + "é", mark + "e\u0301", mark + "🙂", mark + "\n",
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
	Sentence: "A subject is any text; the empty one means nobody.",
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
	Name:     "create copies",
	Sentence: "A store copies what it keeps: the caller may reuse r.Data once Create has returned.",
	Check: func(ctx context.Context, st store.Store) error {
		r := fresh()
		lent := bytes.Clone(r.Data)
		given := r
		given.Data = lent
		if err := st.Create(ctx, given); err != nil {
			return wrap("Create", err)
		}
		clear(lent)
		return holds(ctx, st, r)
	},
}, {
	Name:     "save copies",
	Sentence: "A store copies what it keeps: the caller may reuse r.Data once Save has returned.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		lent := bytes.Clone(r.Data)
		given := r
		given.Data = lent
		if err := st.Save(ctx, given); err != nil {
			return wrap("Save", err)
		}
		clear(lent)
		r.Version++
		return holds(ctx, st, r)
	},
}, {
	Name:     "loaded data stays",
	Sentence: "The Data that Load returns never changes under the caller.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		got, err := st.Load(ctx, r.ID)
		if err != nil {
			return wrap("Load", err)
		}
		next := r
		next.Data = bytes.Repeat([]byte("z"), len(r.Data))
		if err := st.Save(ctx, next); err != nil {
			return wrap("Save", err)
		}
		if err := same(got, r); err != nil {
			return wrap("after a later Save", err)
		}
		if err := st.Delete(ctx, r.ID); err != nil {
			return wrap("Delete", err)
		}
		return wrap("after Delete", same(got, r))
	},
}}

// oddSubjects are subjects that a store might read as something else. Each is
// new, but for the empty one.
func oddSubjects() []string {
	mark := rand.Text()
	return []string{
		"", mark, strings.ToLower(mark), mark + " ", mark + "%", "%" + mark, mark + "*", mark + "_", mark + "' OR 1=1--", mark + ":x",
		mark + "/../x", "$ne" + mark, mark + "é", mark + "🙂", "user@example.com " + mark, mark + strings.Repeat("x", 200),
	}
}
