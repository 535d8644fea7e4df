package sessions_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// cookieOf returns the cookie of a new session that f has changed.
func cookieOf(m *sessions.Manager, f func(*sessions.Session)) *http.Cookie {
	w := httptest.NewRecorder()
	m.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		f(s)
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w.Result().Cookies()[0]
}

func ExampleExpiry() {
	closing := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	fmt.Println(sessions.OnInactivity(30 * 24 * time.Hour))
	fmt.Println(sessions.AtTime(closing))
	fmt.Println(sessions.OnSessionEnd)
	fmt.Println(sessions.Expiry{})
	// Output:
	// after 720h0m0s of inactivity
	// at 2026-03-01T18:00:00Z
	// on session end
	// by the manager's options
}

func ExampleExpiry_onSessionEnd() {
	// Cookies outlive the browser, except at a public computer.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Persistent: true})
	own := cookieOf(manager, func(s *sessions.Session) {
		s.SetSubject("ann")
	})
	public := cookieOf(manager, func(s *sessions.Session) {
		s.SetSubject("ann")
		s.SetExpiry(sessions.OnSessionEnd)
	})
	fmt.Println(own.MaxAge, public.MaxAge)
	// Output: 86400 0
}

func ExampleSession_Expiry() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		fmt.Println(s.Expiry() == sessions.Expiry{}, s.Expiry())
		s.SetExpiry(sessions.OnSessionEnd)
		fmt.Println(s.Expiry() == sessions.OnSessionEnd, s.Expiry())
	})
	// Output:
	// true by the manager's options
	// true on session end
}

func ExampleAtTime() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		exam := time.Now().Add(3 * time.Hour).Truncate(time.Second)
		s.SetExpiry(sessions.AtTime(exam)) // used or not
		fmt.Println(s.Expires().Equal(exam))
	})
	// Output: true
}

func ExampleOnInactivity() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		s.SetExpiry(sessions.OnInactivity(15 * time.Minute)) // in the administration, say
		fmt.Println(time.Until(s.Expires()).Round(time.Minute))

		s.SetExpiry(sessions.Expiry{}) // back to what the Options say
		fmt.Println(time.Until(s.Expires()).Round(time.Minute))
	})
	// Output:
	// 15m0s
	// 1h0m0s
}

func ExampleOptions() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Name:        "__Secure-id", // __Host- does not go with a Domain
		Domain:      "example.com", // and all below
		IdleTimeout: 7 * 24 * time.Hour,
		Lifetime:    30 * 24 * time.Hour,
		Persistent:  true, // for as long as the session can live
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cookie := cookieOf(manager, func(s *sessions.Session) { _ = Counter.Set(s, 1) })
	fmt.Println(cookie.Name, cookie.Domain, cookie.Secure, cookie.HttpOnly)
	fmt.Println(time.Duration(cookie.MaxAge) * time.Second)
	// Output:
	// __Secure-id example.com true true
	// 720h0m0s
}

func ExampleOptions_insecureHTTP() {
	// For development over plain HTTP.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{InsecureHTTP: true})
	cookie := cookieOf(manager, func(s *sessions.Session) { _ = Counter.Set(s, 1) })
	fmt.Println(cookie.Name, cookie.Secure)
	// Output: id false
}

func ExampleOptions_assuranceLevels() {
	// What NIST SP 800-63B asks for at its highest level.
	_, err := sessions.New(new(memstore.Store), sessions.Options{
		IdleTimeout: sessions.AAL3IdleTimeout,
		Lifetime:    sessions.AAL3Lifetime,
	})
	fmt.Println(err, sessions.AAL3IdleTimeout, sessions.AAL3Lifetime)

	// Level 2 is the default. Level 1 has no idle timeout of its own.
	_, err = sessions.New(new(memstore.Store), sessions.Options{
		IdleTimeout: sessions.AAL1Lifetime,
		Lifetime:    sessions.AAL1Lifetime,
	})
	fmt.Println(err)
	// Output:
	// <nil> 15m0s 12h0m0s
	// <nil>
}
