// Package pages lists the records of a subject for stores that read them page
// by page.
package pages

import (
	"iter"

	"github.com/gosessions/sessions/store"
)

// Size is how many records a page has; only the last has fewer.
const Size = 100

// List yields what read returns for a subject, page after page. It is given
// the id to begin after, and nothing is open while the caller works on what is
// yielded. The empty subject has no records. An error ends the list.
func List(subject string, read func(after string) ([]store.Record, error)) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for after, more := "", subject != ""; more; {
			records, err := read(after)
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
				after = r.ID
			}
			more = len(records) == Size
		}
	}
}
