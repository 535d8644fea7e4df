package storetest_test

import (
	"bytes"
	"context"
	"iter"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/gosessions/sessions/store"
)

// mutant is a small store that is correct except for the faults it is given.
type mutant struct {
	faults map[string]bool
	mu     sync.Mutex
	m      map[string]store.Record
}

func newMutant(faults ...string) *mutant {
	s := &mutant{faults: map[string]bool{}, m: map[string]store.Record{}}
	for _, f := range faults {
		s.faults[f] = true
	}
	return s
}

// begin takes the lock and returns the function that releases it.
func (s *mutant) begin(ctx context.Context) (func(), error) {
	if err := ctx.Err(); err != nil && !s.faults["context ignored"] {
		return nil, err
	}
	s.mu.Lock()
	return s.mu.Unlock, nil
}

// gap lets other calls run between check and write if the mutant has the fault.
func (s *mutant) gap(fault string) {
	if s.faults[fault] {
		s.mu.Unlock()
		for range 20 {
			runtime.Gosched()
		}
		s.mu.Lock()
	}
}

func (s *mutant) key(id string) string {
	switch {
	case s.faults["ids fold case"]:
		return strings.ToLower(id)
	case s.faults["ids trim space"]:
		return strings.TrimSpace(id)
	}
	return id
}

func (s *mutant) live(id string) (store.Record, bool) {
	r, ok := s.m[s.key(id)]
	if ok && !time.Now().Before(r.Expires) && !s.faults["expired found"] {
		return r, false
	}
	return r, ok
}

func (s *mutant) put(r store.Record) {
	if s.faults["expiry in 32 bits"] {
		r.Expires = time.Unix(int64(int32(r.Expires.Unix())), int64(r.Expires.Nanosecond()))
	}
	s.m[s.key(r.ID)] = r
}

func (s *mutant) Create(ctx context.Context, r store.Record) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, taken := s.live(r.ID)
	s.gap("create not atomic")
	if taken && !s.faults["create upserts"] {
		return store.ErrExists
	}
	if !s.faults["create keeps the caller's version"] {
		r.Version = 1
	}
	if given := r.Data; s.faults["create clears its data"] {
		r.Data = bytes.Clone(given)
		clear(given)
	}
	if s.faults["data cut at zero byte"] {
		r.Data, _, _ = bytes.Cut(r.Data, []byte{0})
	}
	if s.faults["expiry in seconds"] {
		r.Expires = r.Expires.Truncate(time.Second)
	}
	if s.faults["subject dropped"] {
		r.Subject = ""
	}
	s.put(r)
	return nil
}

func (s *mutant) Load(ctx context.Context, id string) (store.Record, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return store.Record{}, err
	}
	defer end()
	r, ok := s.live(id)
	switch {
	case !ok && s.faults["load of nothing is no error"]:
		return store.Record{}, nil
	case !ok:
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

func (s *mutant) Save(ctx context.Context, r store.Record) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	old, ok := s.live(r.ID)
	if s.faults["save revives the expired"] {
		old, ok = s.m[s.key(r.ID)]
	}
	s.gap("save not atomic")
	switch {
	case !ok && s.faults["save upserts"]:
		r.Version = 0
	case !ok && s.faults["save says not found"]:
		return store.ErrNotFound
	case !ok:
		return store.ErrConflict
	case old.Version != r.Version && !s.faults["version not compared"]:
		if s.faults["conflict writes"] {
			old.Data = r.Data
			s.put(old)
		}
		if s.faults["conflict is no error"] {
			return nil
		}
		return store.ErrConflict
	}
	if r.Version++; s.faults["version skips"] {
		r.Version++
	}
	if s.faults["version stays"] {
		r.Version--
	}
	if s.faults["save keeps the subject"] || r.Subject == "" && s.faults["save keeps the last subject"] {
		r.Subject = old.Subject
	}
	if s.faults["save keeps the expiry"] || s.faults["save never shortens"] && old.Expires.After(r.Expires) {
		r.Expires = old.Expires
	}
	switch {
	case s.faults["save overwrites in place"] && len(r.Data) == len(old.Data):
		copy(old.Data, r.Data)
		r.Data = old.Data
	case s.faults["save clears what it replaces"]:
		clear(old.Data)
	case s.faults["save appends in place"]:
		_ = append(r.Data, "checksum"...)
	}
	s.put(r)
	return nil
}

func (s *mutant) Delete(ctx context.Context, id string) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	r, ok := s.m[s.key(id)]
	switch {
	case !ok && s.faults["delete of nothing is an error"]:
		return store.ErrNotFound
	case s.faults["delete keeps"]:
		return nil
	case s.faults["delete by prefix"]:
		for other := range s.m {
			if strings.HasPrefix(other, id) {
				delete(s.m, other)
			}
		}
	case s.faults["delete leaves a tombstone that saves"]:
		r.Expires = time.Time{}
		s.put(r)
		s.faults["save revives the expired"] = true
		return nil
	}
	delete(s.m, s.key(id))
	return nil
}

func (s *mutant) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	r, ok := s.live(id)
	if s.faults["touch revives"] {
		if old, there := s.m[s.key(id)]; there {
			r, ok = old, true
		}
	}
	switch {
	case !ok && s.faults["touch creates"]:
		r = store.Record{ID: id}
	case !ok && s.faults["touch of nothing is no error"]:
		return nil
	case !ok, r.Version != version && !s.faults["touch ignores the version"]:
		return store.ErrConflict
	}
	if expires.After(r.Expires) && !s.faults["touch does nothing"] || s.faults["touch shortens"] {
		r.Expires = expires
	}
	if s.faults["touch raises the version"] {
		r.Version++
	}
	if s.faults["touch changes data in place"] && len(r.Data) > 0 {
		r.Data[0]++
	}
	s.put(r)
	return nil
}

func (s *mutant) Sweep(ctx context.Context, limit int) (n int, err error) {
	end, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	for id, r := range s.m {
		if n == limit && !s.faults["sweep ignores its limit"] {
			break
		}
		if !time.Now().Before(r.Expires) && !s.faults["sweep does nothing"] || s.faults["sweep removes the live"] {
			delete(s.m, id)
			n++
		}
	}
	if s.faults["sweep counts wrong"] {
		n = 0
	}
	return n, nil
}

func (s *mutant) Refresh(ctx context.Context, id string) (store.Record, error) {
	r, err := s.Load(ctx, id)
	switch {
	case s.faults["refresh returns what is gone"]:
		return r, nil
	case s.faults["refresh finds nothing"]:
		return store.Record{}, store.ErrNotFound
	}
	return r, err
}

func (s *mutant) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		end, err := s.begin(ctx)
		if err != nil {
			yield(store.Record{}, err)
			return
		}
		var found []store.Record
		for _, r := range s.m {
			same := s.owner(r.Subject) == s.owner(subject)
			alive := time.Now().Before(r.Expires) || s.faults["list yields the expired"]
			if same && alive && (subject != "" || s.faults["list of nobody yields all"]) {
				found = append(found, r)
			}
		}
		end()
		for _, r := range found {
			if s.faults["list without data"] {
				r.Data = nil
			}
			if !yield(r, nil) || s.faults["list yields one"] {
				return
			}
		}
	}
}

// owner returns what the mutant compares of a subject.
func (s *mutant) owner(subject string) string {
	for fault, change := range map[string]func(string) string{
		"list folds case":        strings.ToLower,
		"list trims space":       strings.TrimSpace,
		"list cuts at zero byte": func(s string) string { before, _, _ := strings.Cut(s, "\x00"); return before },
		"list drops control characters": func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, s)
		},
		"list composes characters":  func(s string) string { return strings.ReplaceAll(s, "e\u0301", "é") },
		"list cuts after 256 bytes": func(s string) string { return s[:min(len(s), 256)] },
		"list replaces other bytes": func(s string) string { return strings.ToValidUTF8(s, "\ufffd") },
	} {
		if s.faults[fault] {
			return change(subject)
		}
	}
	return subject
}
