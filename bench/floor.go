package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
)

// bare is a page without sessions: what is measured beside them.
var bare = site{name: "no sessions", module: "", open: func() pages {
	return func(does action, _ content) page {
		if does != greet && does != fill {
			return nil
		}
		return http.HandlerFunc(hello)
	}
}}

// floor is the least that a middleware could do: one copy of the request, one
// wrapper of the writer, and where the session is asked for the cookie, one
// SHA-256, and one read or write of a map. It is no library: no expiry, no
// concurrent changes, one value per session.
var floor = site{name: "floor", module: "", few: true, open: func() pages {
	f := &least{counters: map[[sha256.Size]byte]int{}}
	return func(does action, _ content) page {
		h := f.page(does)
		if h == nil {
			return nil
		}
		return f.middleware(h)
	}
}}

type least struct {
	mu       sync.RWMutex
	counters map[[sha256.Size]byte]int
}

type leastKey struct{}

type leastWriter struct {
	http.ResponseWriter
	context.Context
	r *http.Request
}

func (w *leastWriter) Value(k any) any {
	if k == (leastKey{}) {
		return w
	}
	return w.Context.Value(k)
}

func (f *least) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lw := &leastWriter{ResponseWriter: w, Context: r.Context()}
		lw.r = r.WithContext(lw)
		next.ServeHTTP(lw, lw.r)
	})
}

// id returns what the map knows the visitor by.
func id(r *http.Request) (sum [sha256.Size]byte, found bool) {
	w := r.Context().Value(leastKey{}).(*leastWriter)
	c, err := w.r.Cookie("id")
	if err != nil {
		return sum, false
	}
	return sha256.Sum256([]byte(c.Value)), true
}

func (f *least) page(does action) http.Handler {
	switch does {
	case greet:
		return http.HandlerFunc(hello)
	case fill:
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			token := rand.Text()
			f.mu.Lock()
			f.counters[sha256.Sum256([]byte(token))] = 1
			f.mu.Unlock()
			http.SetCookie(w, &http.Cookie{Name: "id", Value: token})
		})
	case readInt:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := 0
			if sum, found := id(r); found {
				f.mu.RLock()
				n = f.counters[sum]
				f.mu.RUnlock()
			}
			reply(w, n)
		})
	case increment:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sum, _ := id(r)
			f.mu.Lock()
			n := f.counters[sum] + 1
			f.counters[sum] = n
			f.mu.Unlock()
			reply(w, n)
		})
	}
	return nil
}
