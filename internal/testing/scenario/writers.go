package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/gosessions/sessions/store"
)

// Writers are 16 programs that share a database, each with a store and a
// client of its own, and visitors who all write to one session through them.
// Nothing of what they write may be lost.
func Writers(t *testing.T, open func(t *testing.T) store.Store) {
	stores := make([]store.Store, 16)
	for i := range stores {
		stores[i] = open(t)
	}
	if err := CheckWriters(t.Context(), stores...); err != nil {
		t.Error(err)
	}
}

// CheckWriters returns what does not hold. At each store's site visitors count
// and set keys of their own, all at once; each of them is answered by 200, and
// afterwards every site shows the whole sum and all keys.
func CheckWriters(ctx context.Context, stores ...store.Store) (err error) {
	const visitors, each = 2, 3 // of a site, and requests of a visitor
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	trials := make([]*trial, len(stores)) // by site
	for i, st := range stores {
		s, err := open(st, patience)
		if err != nil {
			return err
		}
		defer s.close()
		trials[i] = newTrial(ctx, []string{s.url})
		defer trials[i].close()
	}
	first := trials[0].browser()
	trials[0].want("the first visit", first.do("count"), "200 1")

	last := map[string]string{"counter": ""} // what a key is to hold
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, tr := range trials {
		for v := range visitors {
			b, key := &browser{tr: tr, cookie: first.cookie}, fmt.Sprintf("site-%02d-%d", i, v)
			last[key] = fmt.Sprint(each - 1)
			all.Go(func() {
				<-start
				for n := range each {
					tr.want(key, b.do("count", fmt.Sprintf("set:%s:%d", key, n)), "200 ")
				}
			})
		}
	}
	close(start)
	all.Wait()

	for i, tr := range trials {
		b := &browser{tr: tr, cookie: first.cookie}
		what := fmt.Sprint("what site ", i, " shows: ")
		tr.want(what+"counter", b.do("who"), fmt.Sprintf(`200 "" %d`, len(stores)*visitors*each+1))
		tr.want(what+"keys", b.do("keys"), "200 "+keysOf(last))
		err = errors.Join(err, tr.err())
	}
	delete(last, "counter")
	for key, value := range last {
		trials[0].want(key, first.do("get:"+key), "200 "+value)
	}
	return errors.Join(err, trials[0].err())
}
