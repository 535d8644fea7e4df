package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// secretText is what a value holds that no event may show.
const secretText = "4929-1234"

type (
	oldCard struct{ Number string }
	newCard struct{ Number, Note []int }
	desk    struct {
		Card    *newCard `session:"card"`
		Counter int      `session:"counter"`
	}
)

const (
	oldCardKey = sessions.Key[oldCard]("card")
	newCardKey = sessions.Key[newCard]("card")
)

// withOldCard returns a browser whose session has a value of the old type.
func withOldCard(t *testing.T, opts sessions.Options) (*app, *browser) {
	a, b := fresh(t, opts)
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "Set", oldCardKey.Set(s, oldCard{secretText}), nil)
		want(t, "Set", counter.Set(s, 1), nil)
	})
	a.told()
	a.store.Ops()
	return a, b
}

// TestR118_UndecodableValueLocksNobodyOut: it counts as absent, stays, and is
// reported once.
func TestR118_UndecodableValueLocksNobodyOut(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"HandlerFunc": newCardKey.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, card *sessions.Typed[newCard]) {
			_, _ = fmt.Fprint(w, card.Data.Number)
		}),
		"Open": sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _ = newCardKey.Open(s)
			want(t, "Save", s.Save(t.Context()), nil)
			card, err := newCardKey.Open(s)
			_, _ = fmt.Fprint(w, card.Data.Number)
			want(t, "error", err, nil)
		}),
		"Wrap": sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			d, err := sessions.Wrap[desk](s)
			_, _ = fmt.Fprint(w, "[]")
			want(t, "error", err, nil)
			want(t, "field that cannot be read", d.Data.Card, nil)
			want(t, "field that can", d.Data.Counter, 1)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			a, b := withOldCard(t, sessions.Options{})
			b.h = a.Handler(page)
			want(t, "response", b.get(), "200 []")
			want(t, "store calls", a.store.Ops(), "load")
			events := a.told()
			want(t, "events", len(events), 1)
			for _, e := range events {
				want(t, "kind", string(e.Kind), "undecodable")
				for _, text := range []string{fmt.Sprint(e), fmt.Sprintf("%+v", e), fmt.Sprint(e.LogValue())} {
					want(t, "the value in "+text, strings.Contains(text, secretText), false)
					want(t, "the key in "+text, strings.Contains(text, `"card"`), true)
					want(t, "the type in "+text, strings.Contains(text, "test.newCard"), true)
				}
			}
			a.within(b, func(_ context.Context, s *sessions.Session) {
				card, err := oldCardKey.Get(s)
				want(t, "value that is still stored", card.Number, secretText)
				want(t, "error", err, nil)
			})
		})
	}
}

// TestR118_UndecodableValueIsOverwritten once Data has a value, with all that
// Data holds, also if another process stores one in the meantime.
func TestR118_UndecodableValueIsOverwritten(t *testing.T) {
	a, b := withOldCard(t, sessions.Options{})
	set := func(card *newCard) { card.Note = []int{1} }
	a.within(b, func(_ context.Context, s *sessions.Session) { set(&open(t, newCardKey, s).Data) })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "note", fmt.Sprint(open(t, newCardKey, s).Data), "{[] [1]}")
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		open(t, newCardKey, s).Data.Number = []int{2}
		a.overtake(b, func(s *sessions.Session) { _ = oldCardKey.Set(s, oldCard{secretText}) })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "what was set", fmt.Sprint(open(t, newCardKey, s).Data), "{[2] []}")
	})
	a, b = withOldCard(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		d, err := sessions.Wrap[desk](s)
		want(t, "error", err, nil)
		d.Data.Card = new(newCard)
		set(d.Data.Card)
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		card, err := newCardKey.Get(s)
		want(t, "note", fmt.Sprint(card, err), "{[] [1]} <nil>")
	})
}

// TestR118_ValueOfACodecThatIsNotNamedLocksNobodyOut, and the event names the
// option.
func TestR118_ValueOfACodecThatIsNotNamedLocksNobodyOut(t *testing.T) {
	a, b := withOldCard(t, sessions.Options{Codec: sessions.Gob})
	var events []sessions.Event
	next := a.as(sessions.Options{OnEvent: func(_ context.Context, e sessions.Event) { events = append(events, e) }})
	next.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "number", open(t, oldCardKey, s).Data.Number, "")
		_, _, err := oldCardKey.Lookup(s)
		want(t, "Lookup says why", err != nil, true)
	})
	want(t, "events", len(events), 1)
	want(t, "the remedy in "+fmt.Sprint(events), strings.Contains(fmt.Sprint(events), "Options.OldCodecs"), true)
}

// TestR118_StrictModeAnswersWithAnError until the value is overwritten.
func TestR118_StrictModeAnswersWithAnError(t *testing.T) {
	a, b := withOldCard(t, sessions.Options{Undecodable: sessions.UndecodableError})
	b.h = a.Handler(newCardKey.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Typed[newCard]) {
		t.Error("the handler runs")
	}))
	want(t, "HandlerFunc", b.get(), "500 Internal Server Error")
	want(t, "events", a.kinds(), "failed")
	a.within(b, func(_ context.Context, s *sessions.Session) {
		var ce *sessions.CodecError
		_, err := newCardKey.Open(s)
		want(t, "Open", errors.As(err, &ce), true)
		_, err = sessions.Wrap[desk](s)
		want(t, "Wrap", errors.As(err, &ce), true)
	})
	_, err := sessions.New(a.store, sessions.Options{Undecodable: 7})
	want(t, "New refuses another value", err != nil && strings.Contains(err.Error(), "Undecodable 7"), true)
}

// TestR118_ObserverMayUseTheSession that it is told of.
func TestR118_ObserverMayUseTheSession(t *testing.T) {
	var got string
	a, b := withOldCard(t, sessions.Options{})
	next := a.as(sessions.Options{OnEvent: func(ctx context.Context, e sessions.Event) {
		s, err := sessions.Load(ctx)
		want(t, "Load", err, nil)
		card, err := oldCardKey.Get(s)
		want(t, "Get", err, nil)
		got = card.Number
		_ = newCardKey.Set(s, newCard{Note: []int{len(got)}})
	}})
	next.within(b, func(_ context.Context, s *sessions.Session) { _ = open(t, newCardKey, s) })
	want(t, "what the observer read", got, secretText)
	next.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "what it stored", fmt.Sprint(open(t, newCardKey, s).Data), "{[] [9]}")
	})
}
