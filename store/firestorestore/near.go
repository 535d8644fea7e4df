package firestorestore

import (
	"sync"
	"time"
)

// nearSize is how many documents are remembered, twice at most. It takes about
// 2 MB.
const nearSize = 1 << 14

// state is what a write has to know of a document.
type state struct {
	version uint64
	expires int64 // milliseconds since 1970
	updated int64 // the server's time of the last write, in nanoseconds since 1970
}

// live reports whether the record has not expired.
func (s state) live() bool { return time.Now().UnixMilli() < s.expires }

// near remembers the documents that this process has last read or written. It
// decides nothing: the server compares, and where it finds another document
// than the one remembered, the document is read. It is safe for concurrent use.
type near struct {
	size int

	mu       sync.Mutex
	new, old map[key]state
}

func newNear(size int) *near { return &near{size: size, new: make(map[key]state)} }

// put remembers a document. When there are too many, the older half goes.
func (n *near) put(k key, s state) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.new) >= n.size {
		n.old, n.new = n.new, make(map[key]state)
	}
	n.new[k] = s
}

// at returns what is remembered of a live document at a version.
func (n *near) at(k key, version uint64) (state, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.new[k]
	if !ok {
		s, ok = n.old[k]
	}
	return s, ok && s.version == version && s.live()
}

// drop forgets a document.
func (n *near) drop(k key) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.new, k)
	delete(n.old, k)
}
