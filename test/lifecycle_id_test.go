package test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// idLen is how many characters of a token its id takes, without the last,
// which holds bits of the secret, too.
const idLen = 21

// keepsID goes to pages one after another and checks that the session keeps
// its id, its only record and the first part of its token. It returns the
// browser's tokens.
func keepsID(t *testing.T, a *app, b *browser, pages ...handler) []string {
	t.Helper()
	id, tokens := a.id(b.token()), []string{b.token()}
	for _, page := range pages {
		resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "ID before", s.ID(), id)
			page(w, r, s)
			want(t, "ID after", s.ID(), id)
		})
		want(t, "status", resp.StatusCode, http.StatusOK)
		want(t, "id of the token", a.id(b.token()), id)
		want(t, "first part of the token", b.token()[:idLen], tokens[0][:idLen])
		want(t, "records", a.kept(), 1)
		found, err := a.Find(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "ID of what is found", found.ID(), id)
		if last := tokens[len(tokens)-1]; b.token() != last {
			tokens = append(tokens, b.token())
		}
	}
	for _, e := range a.told() {
		want(t, "ID of the event "+string(e.Kind), e.ID, id)
	}
	return tokens
}

func TestR71_TheIDStays(t *testing.T) {
	clearing := func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Clear() }
	saving := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Renew", s.Renew(), nil)
		want(t, "Save", s.Save(r.Context()), nil)
		signIn("ann")(w, r, s)
	}
	for name, tc := range map[string]struct {
		pages  []handler
		tokens int
	}{
		"writes":                       {[]handler{count, clearing, count}, 1},
		"a policy":                     {[]handler{expiring(sessions.Remember(day, year))}, 1},
		"renewals":                     {[]handler{renewing, renewing, renewing}, 4},
		"a login":                      {[]handler{signIn("ann")}, 2},
		"a login as the same user":     {[]handler{signIn("ann"), signIn("ann")}, 3},
		"a login as another user":      {[]handler{signIn("ann"), signIn("bob")}, 3},
		"a login as nobody":            {[]handler{signIn("ann"), signIn("")}, 3},
		"a renewal within a login":     {[]handler{both(renewing, signIn("ann")), both(signIn("bob"), renewing)}, 3},
		"a renewal and then a login":   {[]handler{saving}, 2},
		"all of it, one after another": {[]handler{count, signIn("ann"), renewing, count, signIn("bob"), clearing, signIn(""), renewing}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			tokens := keepsID(t, a, b, tc.pages...)
			want(t, "number of tokens", len(tokens), tc.tokens)
			seen := map[string]bool{}
			for _, tok := range tokens {
				seen[tok[idLen+1:]] = true
			}
			want(t, "number of secrets", len(seen), tc.tokens)
		})
	}
	t.Run("renewals by RenewEvery", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{RenewEvery: time.Minute})
			b.visit(a, count)
			later := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				read(w, r, s)
				<-time.After(time.Minute)
			}
			want(t, "number of tokens", len(keepsID(t, a, b, later, later, later)), 3)
		})
	})
	t.Run("until it ends", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		id := a.id(b.token())
		a.within(b, func(_ context.Context, s *sessions.Session) {
			s.Destroy()
			want(t, "ID after Destroy", s.ID(), "")
			_ = counter.Set(s, 1)
		})
		if next := a.id(b.token()); next == id || next == "" {
			t.Errorf("id of the next session %q, after %q", next, id)
		}
	})
}
