package main

import (
	"net/http"

	gorilla "github.com/gorilla/sessions"
	"github.com/quasoft/memstore"
)

var secret = []byte("an authentication key of 32 byte")

// gorilla/sessions brings no store in memory; this one is the one that
// gin-contrib/sessions uses.
var (
	gorillaMemory = site{name: "gorilla, memory", module: "github.com/gorilla/sessions", few: true, open: func() pages {
		return gorillaPages(memstore.NewMemStore(secret))
	}}
	gorillaCookie = site{name: "gorilla, cookie", module: "github.com/gorilla/sessions", most: 1000, few: true, open: func() pages {
		return gorillaPages(gorilla.NewCookieStore(secret))
	}}
)

func gorillaPages(st gorilla.Store) pages {
	return func(does action, c content) page {
		h := gorillaPage(does, c)
		if h == nil {
			return nil
		}
		if does == greet {
			return http.HandlerFunc(hello)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := must(st.Get(r, "id"))
			h(w, s.Values, func() { check(s.Save(r, w)) })
		})
	}
}

func gorillaPage(does action, c content) func(w http.ResponseWriter, v map[any]any, save func()) {
	switch does {
	case greet:
		return func(http.ResponseWriter, map[any]any, func()) {}
	case fill:
		return func(w http.ResponseWriter, v map[any]any, save func()) {
			v["counter"] = 1
			if c.user {
				v["user"] = user
			}
			if c.profile {
				v["profile"] = ann
			}
			for i := range c.keys {
				v[c.key(i)] = c.value
			}
			save()
		}
	case readInt:
		return func(w http.ResponseWriter, v map[any]any, _ func()) {
			n, _ := v["counter"].(int)
			reply(w, n)
		}
	case increment:
		return func(w http.ResponseWriter, v map[any]any, save func()) {
			n := v["counter"].(int) + 1
			v["counter"] = n
			save()
			reply(w, n)
		}
	case readKey:
		return func(w http.ResponseWriter, v map[any]any, _ func()) { replyText(w, v[c.middle()].(string)) }
	case writeKey:
		return func(w http.ResponseWriter, v map[any]any, save func()) {
			s := c.next()
			v[c.middle()] = s
			save()
			replyText(w, s)
		}
	case visit:
		return func(w http.ResponseWriter, v map[any]any, save func()) {
			p := v["profile"].(profile)
			p.Views++
			v["profile"] = p
			save()
			reply(w, p.Views)
		}
	case begin:
		return func(w http.ResponseWriter, v map[any]any, save func()) {
			v["counter"] = 1
			save()
			reply(w, 1)
		}
	case whoami:
		return func(w http.ResponseWriter, v map[any]any, _ func()) { replyText(w, v["user"].(string)) }
	}
	return nil // there is no way to give a session a new id
}
