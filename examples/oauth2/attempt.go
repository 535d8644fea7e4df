package main

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosessions/sessions"
)

// attempt is a sign-in that is under way.
type attempt struct {
	State    string // goes to the provider and comes back, so that the callback fits the attempt
	Verifier string // of PKCE; the provider gives a token only to a client that knows it
	Next     string // the page that the visitor asked for
	Began    time.Time
}

const (
	// maxAttempts limits how much an anonymous visitor can put into a session.
	maxAttempts = 8
	// attemptTime limits how long a visitor may stay at the provider.
	attemptTime = 10 * time.Minute

	attemptPrefix = "oauth2 "
)

// attemptKey returns the session key of an attempt. Each attempt has its own, so
// that tabs do not disturb each other and each attempt can be claimed once.
func attemptKey(state string) sessions.Key[attempt] {
	return sessions.Key[attempt](attemptPrefix + state)
}

// begin starts an attempt. If there are too many, it drops the oldest ones.
func begin(s *sessions.Session, next string) (attempt, error) {
	old := underWay(s)
	for _, a := range old[:max(len(old)+1-maxAttempts, 0)] {
		attemptKey(a.State).Delete(s)
	}
	a := attempt{State: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next, Began: time.Now()}
	return a, attemptKey(a.State).Set(s, a)
}

// late reports whether the visitor has stayed at the provider for too long.
func (a attempt) late() bool { return time.Since(a.Began) > attemptTime }

// underWay returns the attempts of a session, the oldest first. It drops late
// ones.
func underWay(s *sessions.Session) []attempt {
	var all []attempt
	for key := range s.Keys() {
		if !strings.HasPrefix(key, attemptPrefix) {
			continue
		}
		a, err := sessions.Key[attempt](key).Get(s)
		if err != nil || a.late() {
			s.Delete(key)
			continue
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b attempt) int { return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.State, b.State)) })
	return all
}
