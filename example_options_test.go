package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// login returns the cookie of a visitor who logs in.
func login(m *sessions.Manager) *http.Cookie {
	h := m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.SetSubject("ann")
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
	return w.Result().Cookies()[0]
}

func ExampleOptions() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		IdleTimeout: 7 * 24 * time.Hour,
		Lifetime:    30 * 24 * time.Hour,
		Persistent:  true, // the cookie outlives the browser
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cookie := login(manager)
	fmt.Println(cookie.Name, cookie.Secure, cookie.HttpOnly)
	fmt.Println(time.Duration(cookie.MaxAge) * time.Second)
	// Output:
	// __Host-id true true
	// 720h0m0s
}

func ExampleCookieOptions() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{
			Name:     "__Secure-id", // a cookie with the prefix __Host- cannot have a Domain
			Domain:   "example.com", // and its subdomains
			SameSite: http.SameSiteStrictMode,
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cookie := login(manager)
	fmt.Println(cookie.Name, cookie.Domain, cookie.Secure, cookie.HttpOnly)
	// Output: __Secure-id example.com true true
}

func ExampleCookieOptions_insecureHTTP() {
	// For development over plain HTTP.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true},
	})
	cookie := login(manager)
	fmt.Println(cookie.Name, cookie.Secure)
	// Output: id false
}

func ExampleOptions_assuranceLevels() {
	// The default is level 2 of NIST SP 800-63B-4: an hour idle, a day in all.
	// This is level 3.
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		IdleTimeout: 15 * time.Minute,
		Lifetime:    12 * time.Hour,
	})
	fmt.Println(manager, err)
	// Output: sessions.Manager(__Host-id) <nil>
}

func ExampleOptions_renewEvery() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		RenewEvery: time.Nanosecond, // every request, for this example; in a program, an hour
	})
	token := login(manager).Value

	ctx, x := manager.Begin(context.Background(), token)
	_, _ = sessions.Load(ctx)
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()
	fmt.Println("a new token:", reply.Action() == sessions.Set && reply.Token() != token)

	// The response may be lost, or a parallel request may be under way. So the
	// token before stays good until the new one has been used for RenewGrace.
	_, err := manager.Open(context.Background(), token)
	fmt.Println("the token before:", err)
	// Output:
	// a new token: true
	// the token before: <nil>
}

func ExampleOptions_namespace() {
	// Two applications share a store.
	st := new(memstore.Store)
	shop, _ := sessions.New(st, sessions.Options{Namespace: "shop"})
	staff, _ := sessions.New(st, sessions.Options{Namespace: "staff"})
	token := login(shop).Value

	ctx := context.Background()
	_, err := shop.Open(ctx, token)
	fmt.Println(err)
	_, err = staff.Open(ctx, token)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleOptions_signingKeys() {
	ctx, st := context.Background(), new(memstore.Store)
	oldKey := sessions.Secret("0123456789abcdef0123456789abcdef") // 32 random bytes, kept with your secrets
	newKey := sessions.Secret("fedcba9876543210fedcba9876543210")

	manager, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{oldKey}})
	token := login(manager).Value

	// To rotate, put the new key in front.
	rotating, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{newKey, oldKey}})
	_, err := rotating.Open(ctx, token)
	fmt.Println("both keys:", err)

	// Remove the old key when no session is left that was last used before.
	rotated, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{newKey}})
	_, err = rotated.Open(ctx, token)
	fmt.Println("the new key alone:", errors.Is(err, sessions.ErrNotFound))
	// Output:
	// both keys: <nil>
	// the new key alone: true
}

func ExampleOptions_encryptionKeys() {
	key := sessions.Secret("0123456789abcdef0123456789abcdef") // 32 random bytes, kept with your secrets
	manager, err := sessions.New(new(memstore.Store), sessions.Options{EncryptionKeys: []sessions.Secret{key}})
	fmt.Println(manager, err)
	// Output: sessions.Manager(__Host-id) <nil>
}

func ExampleSecret() {
	key := sessions.Secret("0123456789abcdef0123456789abcdef")
	fmt.Printf("%v %s %x\n", key, key, key)
	fmt.Println([]sessions.Secret{key})
	// Output:
	// [secret] [secret] [secret]
	// [[secret]]
}
