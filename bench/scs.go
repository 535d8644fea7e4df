package main

import (
	"context"
	"encoding/gob"
	"net/http"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

func init() { gob.Register(profile{}) }

const scsModule = "github.com/alexedwards/scs"

var scsSite = onSCS("scs", scsModule+"/v2", func() scs.Store { return memstore.NewWithCleanupInterval(0) })

// onSCS is scs on a store, one without a goroutine beside the measurement.
func onSCS(name, module string, open func() scs.Store) site {
	return site{name: name, module: module, open: func() pages {
		m := scs.New()
		m.Store = open()
		return func(does action, c content) page {
			h := scsPage(m, does, c)
			return m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r.Context()) }))
		}
	}}
}

func scsPage(m *scs.SessionManager, does action, c content) func(http.ResponseWriter, context.Context) {
	switch does {
	case greet:
		return func(w http.ResponseWriter, _ context.Context) { hello(w, nil) }
	case fill:
		return func(w http.ResponseWriter, ctx context.Context) {
			m.Put(ctx, "counter", 1)
			if c.user {
				m.Put(ctx, "user", user)
			}
			if c.profile {
				m.Put(ctx, "profile", ann)
			}
			for i := range c.keys {
				m.Put(ctx, c.key(i), c.value)
			}
		}
	case readInt:
		return func(w http.ResponseWriter, ctx context.Context) { reply(w, m.GetInt(ctx, "counter")) }
	case increment:
		return func(w http.ResponseWriter, ctx context.Context) {
			n := m.GetInt(ctx, "counter") + 1
			m.Put(ctx, "counter", n)
			reply(w, n)
		}
	case readKey:
		return func(w http.ResponseWriter, ctx context.Context) { replyText(w, m.GetString(ctx, c.middle())) }
	case writeKey:
		return func(w http.ResponseWriter, ctx context.Context) {
			v := c.next()
			m.Put(ctx, c.middle(), v)
			replyText(w, v)
		}
	case visit:
		return func(w http.ResponseWriter, ctx context.Context) {
			p := m.Get(ctx, "profile").(profile)
			p.Views++
			m.Put(ctx, "profile", p)
			reply(w, p.Views)
		}
	case begin:
		return func(w http.ResponseWriter, ctx context.Context) {
			m.Put(ctx, "counter", 1)
			reply(w, 1)
		}
	case renew:
		return func(w http.ResponseWriter, ctx context.Context) {
			check(m.RenewToken(ctx))
			reply(w, m.GetInt(ctx, "counter"))
		}
	case whoami:
		return func(w http.ResponseWriter, ctx context.Context) { replyText(w, m.GetString(ctx, "user")) }
	}
	return nil
}
