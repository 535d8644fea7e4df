package test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

func TestLastSeenIsTheUseThatIsStored(t *testing.T) {
	for name, test := range map[string]struct {
		policy sessions.Expiry
		after  []time.Duration // visits, counted from the one before
		want   time.Duration   // from the first visit
	}{
		"not used again":               {sessions.Expiry{}, nil, 0},
		"used":                         {sessions.Expiry{}, []time.Duration{20 * time.Minute, 30 * time.Minute}, 50 * time.Minute},
		"used a moment later":          {sessions.Expiry{}, []time.Duration{20 * time.Minute, time.Minute}, 20 * time.Minute},
		"near the end of a lifetime":   {sessions.AtTime(time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)), []time.Duration{time.Hour}, 0},
		"with a time of its own":       {sessions.Remember(2*time.Hour, year), []time.Duration{time.Hour}, time.Hour},
		"in the last idle timeout":     {sessions.Remember(20*time.Hour, 24*time.Hour), []time.Duration{10 * time.Hour}, 4 * time.Hour},
		"with one beyond a lifetime":   {sessions.Remember(1000*time.Hour, year), []time.Duration{200 * time.Hour}, 200 * time.Hour},
		"for as long as the browser":   {sessions.OnSessionEnd, []time.Duration{30 * time.Minute}, 30 * time.Minute},
		"that is a moment of the idle": {sessions.Remember(1000*time.Hour, year), []time.Duration{time.Hour}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				began := time.Now()
				b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					s.SetSubject("ann")
					s.SetExpiry(test.policy)
					want(t, "of a new session", s.LastSeen(), time.Now())
				})
				b.get()
				for _, d := range test.after {
					time.Sleep(d)
					want(t, "visit", text(b.visit(a, read)), "200 0")
				}
				n := 0
				for s, err := range a.List(t.Context(), "ann") {
					want(t, "List", err, nil)
					want(t, "last seen", fmt.Sprint(s.LastSeen().Sub(began)), fmt.Sprint(test.want))
					n++
				}
				want(t, "sessions", n, 1)
			})
		})
	}
}
