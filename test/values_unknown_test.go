package test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

// The newer release knows more members than the older one, at several places.
type (
	newerItem struct {
		Count int
		Gift  bool
	}
	newerCart struct {
		Name   string               `json:"name"`
		Home   newerHome            `json:"home"`
		Work   *newerHome           `json:"work,omitempty"`
		Items  map[string]newerItem `json:"items"`
		List   []newerItem          `json:"list"`
		Note   string               `json:"note,omitempty"`
		Coupon string               `json:"coupon"`
		Deep   map[string]any       `json:"deep"`
		newerEmbedded
	}
	newerHome struct {
		City string
		Zip  string
	}
	newerEmbedded struct{ Age, Size int }

	olderItem struct{ Count int }
	olderCart struct {
		Name  string               `json:"name"`
		Home  olderHome            `json:"home"`
		Work  *olderHome           `json:"work,omitempty"`
		Items map[string]olderItem `json:"items"`
		List  []olderItem          `json:"list"`
		Note  string               `json:"note,omitempty"`
		olderEmbedded
	}
	olderHome     struct{ City string }
	olderEmbedded struct{ Age int }
	// olderFolder is wrapped.
	olderFolder struct {
		Cart olderCart `session:"cart"`
	}
)

const (
	newerKey = sessions.Key[newerCart]("cart")
	olderKey = sessions.Key[olderCart]("cart")
)

func newer() newerCart {
	return newerCart{
		Name: "Ann", Home: newerHome{"Rome", "00100"}, Work: &newerHome{"Bonn", "53111"},
		Items:  map[string]newerItem{"apple": {1, true}, "pear": {2, true}},
		List:   []newerItem{{1, true}},
		Note:   "ring",
		Coupon: "SPRING", Deep: map[string]any{"a": []any{"b", 1.5}}, newerEmbedded: newerEmbedded{30, 40},
	}
}

// change is what the older release does.
func change(c olderCart) olderCart {
	c.Name, c.Home.City, c.Age, c.Note = "Bob", "Oslo", 31, ""
	delete(c.Items, "pear")
	c.Items["apple"] = olderItem{5}
	c.Items["fig"] = olderItem{1}
	return c
}

// changed is what is to come of that.
func wantChanged() newerCart {
	c := newer()
	c.Name, c.Home.City, c.Age, c.Note = "Bob", "Oslo", 31, ""
	c.Items = map[string]newerItem{"apple": {5, true}, "fig": {1, false}}
	return c
}

// TestR121_OlderReleaseKeepsMembersThatItDoesNotKnow, in structs, maps of
// structs, pointers and embedded structs.
func TestR121_OlderReleaseKeepsMembersThatItDoesNotKnow(t *testing.T) {
	update := func(_ context.Context, s *sessions.Session) {
		got, err := olderKey.Update(s, change)
		want(t, "Update", err, nil)
		want(t, "its value", got.Name, "Bob")
	}
	typed := func(_ context.Context, s *sessions.Session) {
		c := open(t, olderKey, s)
		c.Data = change(c.Data)
	}
	wrapped := func(_ context.Context, s *sessions.Session) {
		f, err := sessions.Wrap[olderFolder](s)
		want(t, "Wrap", err, nil)
		f.Data.Cart = change(f.Data.Cart)
	}
	// another request stores what the newer release knows, in the meantime
	raced := func(a *app, b *browser, f func(context.Context, *sessions.Session)) func(context.Context, *sessions.Session) {
		return func(ctx context.Context, s *sessions.Session) {
			f(ctx, s)
			a.overtake(b, func(s *sessions.Session) { want(t, "Set", newerKey.Set(s, newer()), nil) })
		}
	}
	for name, f := range map[string]func(context.Context, *sessions.Session){"Update": update, "Typed": typed, "Wrap": wrapped} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "Set", newerKey.Set(s, newer()), nil) })
			a.within(b, f)
			check := func(what string) {
				a.within(b, func(_ context.Context, s *sessions.Session) {
					got, err := newerKey.Get(s)
					if diff := cmp.Diff(wantChanged(), got, cmp.AllowUnexported(newerCart{})); diff != "" || err != nil {
						t.Errorf("%s: error %v (-want +got)\n%s", what, err, diff)
					}
				})
			}
			check("alone")
			a.within(b, f)
			check("again")
			a.store.Ops()
			a.within(b, f)
			want(t, "store calls of no change", a.store.Ops(), "load")

			a, b = fresh(t, sessions.Options{})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				want(t, "Set", olderKey.Set(s, olderCart{Name: "Eve", Items: map[string]olderItem{"apple": {1}, "pear": {2}}}), nil)
			})
			a.within(b, raced(a, b, f))
			a.within(b, func(_ context.Context, s *sessions.Session) {
				got, err := newerKey.Get(s)
				want(t, "error", err, nil)
				want(t, "name", got.Name, "Bob")
				want(t, "member that came in the meantime", got.Coupon, "SPRING")
			})
		})
	}
}

// TestR121_ElementsOfASliceKeepMembers if they stay as they are, before and
// after those that change.
func TestR121_ElementsOfASliceKeepMembers(t *testing.T) {
	stored := []newerItem{{1, true}, {2, true}, {3, true}}
	for name, tc := range map[string]struct {
		change func([]olderItem) []olderItem
		want   []newerItem
	}{
		"one is added":              {func(l []olderItem) []olderItem { return append(l, olderItem{4}) }, append(slices.Clone(stored), newerItem{4, false})},
		"one is put in front":       {func(l []olderItem) []olderItem { return slices.Insert(l, 0, olderItem{4}) }, append([]newerItem{{4, false}}, stored...)},
		"the first is removed":      {func(l []olderItem) []olderItem { return l[1:] }, stored[1:]},
		"the last is removed":       {func(l []olderItem) []olderItem { return l[:2] }, stored[:2]},
		"one changes":               {func(l []olderItem) []olderItem { l[1].Count = 7; return l }, []newerItem{{1, true}, {7, false}, {3, true}}},
		"all are removed":           {func([]olderItem) []olderItem { return []olderItem{} }, []newerItem{}},
		"another that is equal":     {func(l []olderItem) []olderItem { return append(l, olderItem{3}) }, append(slices.Clone(stored), newerItem{3, false})},
		"they are in another order": {func(l []olderItem) []olderItem { slices.Reverse(l); return l }, []newerItem{{3, false}, {2, false}, {1, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				want(t, "Set", sessions.Key[[]newerItem]("list").Set(s, stored), nil)
			})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				_, err := sessions.Key[[]olderItem]("list").Update(s, tc.change)
				want(t, "Update", err, nil)
			})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				got, err := sessions.Key[[]newerItem]("list").Get(s)
				if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
					t.Errorf("error %v (-want +got)\n%s", err, diff)
				}
			})
		})
	}
}

// TestR121_HandlerKeepsMembersOverSeveralSaves of one request.
func TestR121_HandlerKeepsMembersOverSeveralSaves(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "Set", newerKey.Set(s, newer()), nil) })
	b.h = a.Handler(olderKey.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, c *sessions.Typed[olderCart]) {
		c.Data.Name = "Eve"
		want(t, "Save", c.Save(r.Context()), nil)
		c.Data = change(c.Data)
	}))
	want(t, "response", b.get(), "200 ")
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, err := newerKey.Get(s)
		if diff := cmp.Diff(wantChanged(), got, cmp.AllowUnexported(newerCart{})); diff != "" || err != nil {
			t.Errorf("error %v (-want +got)\n%s", err, diff)
		}
	})
}

// TestR121_WhatIsDeletedOnPurposeStaysAway: a pointer set to nil, a map that is
// replaced, a value that is set or begun again.
func TestR121_WhatIsDeletedOnPurposeStaysAway(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = newerKey.Set(s, newer()) })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		c := open(t, olderKey, s)
		c.Data.Work, c.Data.Items = nil, map[string]olderItem{}
	})
	stored := func() (all map[string]json.RawMessage) {
		a.within(b, func(_ context.Context, s *sessions.Session) {
			_, err := s.Get("cart", &all)
			want(t, "error", err, nil)
		})
		return all
	}
	got := stored()
	want(t, "pointer", string(got["work"]), "")
	want(t, "map", string(got["items"]), "{}")
	want(t, "unknown member", string(got["coupon"]), `"SPRING"`)
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = olderKey.Set(s, olderCart{}) })
	want(t, "unknown member after Set", string(stored()["coupon"]), "")
}

type (
	typedUnion struct{ Kind, A, B string }
	caseless   struct {
		Name string `json:"name,case:ignore"`
		N    int
	}
)

func (u typedUnion) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"kind": u.Kind, u.Kind: u.A + u.B})
}

func (u *typedUnion) UnmarshalJSON(data []byte) error {
	var m map[string]string
	err := json.Unmarshal(data, &m)
	*u = typedUnion{Kind: m["kind"], A: m["a"], B: m["b"]}
	return err
}

// TestR121_TypesThatDecodeThemselvesDecide what they keep, and a name in
// another case is no unknown member.
func TestR121_TypesThatDecodeThemselvesDecide(t *testing.T) {
	type older struct {
		Union typedUnion
		Name  caseless
	}
	const key = sessions.Key[older]("k")
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_ = s.Set("k", json.RawMessage(`{"Union":{"kind":"a","a":"x"},"Name":{"NAME":"ann","N":1,"New":2},"Coupon":"SPRING"}`))
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_, err := key.Update(s, func(v older) older { v.Union = typedUnion{Kind: "b", B: "y"}; v.Name.Name = "bob"; return v })
		want(t, "Update", err, nil)
		var got json.RawMessage
		_, err = s.Get("k", &got)
		want(t, "error", err, nil)
		want(t, "stored", string(got), `{"Union":{"b":"y","kind":"b"},"Name":{"name":"bob","N":1,"New":2},"Coupon":"SPRING"}`)
	})
}
