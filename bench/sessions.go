package main

import (
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// ours is this library on a store: a row of the report for each store.
func ours(name, module string, open func() store.Store) site {
	return site{name: name, module: module, open: func() pages {
		m := must(sessions.New(open(), sessions.Options{}))
		return func(does action, c content) page { return m.Handler(ourPage(does, c)) }
	}}
}

func inMemory() store.Store { return new(memstore.Store) }

const (
	counterKey = sessions.Key[int]("counter")
	profileKey = sessions.Key[profile]("profile")
)

func ourPage(does action, c content) http.Handler {
	middle := sessions.Key[string](c.middle())
	with := func(f func(w http.ResponseWriter, s *sessions.Session)) http.Handler {
		return sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) { f(w, s) })
	}
	switch does {
	case greet:
		return http.HandlerFunc(hello)
	case fill:
		return with(func(w http.ResponseWriter, s *sessions.Session) {
			check(counterKey.Set(s, 1))
			if c.user {
				check(s.SetSubject(user))
			}
			if c.profile {
				check(profileKey.Set(s, ann))
			}
			for i := range c.keys {
				check(s.Set(c.key(i), c.value))
			}
		})
	case readInt:
		return with(func(w http.ResponseWriter, s *sessions.Session) { reply(w, must(counterKey.Get(s))) })
	case increment:
		return with(func(w http.ResponseWriter, s *sessions.Session) {
			reply(w, must(counterKey.Update(s, func(n int) int { return n + 1 })))
		})
	case readKey:
		return with(func(w http.ResponseWriter, s *sessions.Session) { replyText(w, must(middle.Get(s))) })
	case writeKey:
		return with(func(w http.ResponseWriter, s *sessions.Session) {
			v := c.next()
			check(middle.Set(s, v))
			replyText(w, v)
		})
	case visit:
		return profileKey.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, t *sessions.Typed[profile]) {
			t.Data.Views++
			reply(w, t.Data.Views)
		})
	case begin:
		return with(func(w http.ResponseWriter, s *sessions.Session) {
			check(counterKey.Set(s, 1))
			reply(w, 1)
		})
	case renew:
		return with(func(w http.ResponseWriter, s *sessions.Session) {
			check(s.Renew())
			reply(w, must(counterKey.Get(s)))
		})
	case whoami:
		return with(func(w http.ResponseWriter, s *sessions.Session) { replyText(w, s.Subject()) })
	}
	return nil
}
