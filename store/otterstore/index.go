package otterstore

import (
	"hash/maphash"
	"sync"
)

// index finds the entries of a subject. It holds exactly those that are in the
// cache: entries come and go under the cache's lock of their ids, before which
// no lock of the index is taken.
type index struct {
	seed   maphash.Seed
	shards [64]indexShard
}

type indexShard struct {
	mu    sync.Mutex
	first map[string]*entry // of each subject
}

func (x *index) shard(subject string) *indexShard {
	return &x.shards[maphash.String(x.seed, subject)%uint64(len(x.shards))]
}

func (x *index) add(e *entry) {
	if e.subject == "" {
		return
	}
	sh := x.shard(e.subject)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.first == nil {
		sh.first = make(map[string]*entry)
	}
	if e.next = sh.first[e.subject]; e.next != nil {
		e.next.previous = e
	}
	sh.first[e.subject] = e
}

// remove is called once for each entry.
func (x *index) remove(e *entry) {
	if e.subject == "" {
		return
	}
	sh := x.shard(e.subject)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if e.next != nil {
		e.next.previous = e.previous
	}
	switch {
	case e.previous != nil:
		e.previous.next = e.next
	case e.next != nil:
		sh.first[e.subject] = e.next
	default:
		delete(sh.first, e.subject)
	}
}

// ids returns those of a subject.
func (x *index) ids(subject string) (ids []string) {
	sh := x.shard(subject)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for e := sh.first[subject]; e != nil; e = e.next {
		ids = append(ids, e.id)
	}
	return ids
}
