package pages

import "iter"

// Size is the number of records in a page. Only the last page has fewer.
const Size = 100

// List yields the records of a subject, page after page. The empty subject has
// no records.
//
// The read function returns the page that begins after an ID, which is empty
// for the first page. The id function returns the ID of a record. Between two
// calls of read nothing is open, so the caller may use the store inside the
// loop. If read returns an error, List yields it and ends.
func List[R any](subject string, id func(R) string, read func(after string) ([]R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for after, more := "", subject != ""; more; {
			records, err := read(after)
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
				after = id(r)
			}
			more = len(records) == Size
		}
	}
}
