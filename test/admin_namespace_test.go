package test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gosessions/sessions"
)

// TestR81_NamespacesDoNotMixInLists: two sites have one store and a user of
// the same name.
func TestR81_NamespacesDoNotMixInLists(t *testing.T) {
	type site struct {
		*app
		browsers []*browser
		ids      []string
	}
	open := func(t *testing.T) (shop, blog site) {
		shop.app = newApp(t, sessions.Options{Namespace: "shop"})
		blog.app = shop.as(sessions.Options{Namespace: "blog", OnEvent: ignore})
		for _, s := range []*site{&shop, &blog} {
			for range 3 {
				b := s.browser(both(count, signIn("ann")))
				b.get()
				s.browsers, s.ids = append(s.browsers, b), append(s.ids, s.id(b.token()))
			}
			slices.Sort(s.ids)
		}
		return shop, blog
	}
	wantAll := func(t *testing.T, s site, what string, ids []string) {
		t.Helper()
		got, errs := list(s.app, "ann")
		want(t, what+" lists", fmt.Sprint(got, errs), fmt.Sprint(ids, []error{}))
		for _, b := range s.browsers {
			alive := slices.Contains(ids, s.id(b.token()))
			want(t, what+": the session is alive", s.see(b.token()) == `200 "ann" 1`, alive)
		}
	}
	shop, blog := open(t)
	wantAll(t, shop, "the shop", shop.ids)
	wantAll(t, blog, "the blog", blog.ids)
	for _, id := range blog.ids {
		_, err := shop.Find(t.Context(), id)
		want(t, "Find of the other's id", err, sessions.ErrNotFound)
		want(t, "Revoke of the other's id", shop.Revoke(t.Context(), id), sessions.ErrNotFound)
		s, err := blog.Find(t.Context(), id)
		want(t, "Find of one's own id", err, nil)
		want(t, "its id", s.ID(), id)
	}
	for _, b := range blog.browsers {
		want(t, "the other's token", shop.see(b.token()), `200 "" 0`)
		_, err := shop.Open(t.Context(), b.token())
		wantOver(t, "Open of the other's token", err)
	}
	for name, tc := range map[string]struct {
		f    func(shop, blog site) error
		left func(shop site) []string
	}{
		"Revoke":          {func(shop, _ site) error { return shop.Revoke(t.Context(), shop.ids[0]) }, func(s site) []string { return s.ids[1:] }},
		"RevokeAll":       {func(shop, _ site) error { return shop.RevokeAll(t.Context(), "ann") }, func(site) []string { return []string{} }},
		"RevokeAllExcept": {func(shop, _ site) error { return shop.RevokeAllExcept(t.Context(), "ann", shop.ids[0]) }, func(s site) []string { return s.ids[:1] }},
		"RevokeAllExcept an id of the other": {func(shop, blog site) error {
			return shop.RevokeAllExcept(t.Context(), "ann", blog.ids[0])
		}, func(site) []string { return []string{} }},
	} {
		t.Run(name, func(t *testing.T) {
			shop, blog := open(t)
			want(t, "error", tc.f(shop, blog), nil)
			wantAll(t, blog, "the blog", blog.ids)
			got, _ := list(shop.app, "ann")
			want(t, "the shop lists", fmt.Sprint(got), fmt.Sprint(tc.left(shop)))
		})
	}
}
