package sessions_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleLoad() {
	// Load is for frameworks with handlers of their own.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(r.Context())
		if err != nil { // the store is down, or the request did not pass Manager.Handler
			manager.Error(w, r, err)
			return
		}
		n, _ := Counter.Update(s, func(n int) int { return n + 1 })
		fmt.Fprintln(w, n)
	})
	fmt.Print(browse(manager.Handler(page))("/"))
	// Output: 1
}

func ExampleManager_Load() {
	// Two kinds of sessions in one chain, each with its own cookie.
	cart, _ := sessions.New(new(memstore.Store), sessions.Options{Name: "__Host-cart", Lifetime: 30 * 24 * time.Hour})
	login, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inCart, _ := cart.Load(r.Context())
		_ = Counter.Set(inCart, 3)
		loggedIn, _ := login.Load(r.Context())
		fmt.Fprintln(w, inCart.Len(), loggedIn.Len())
	})
	fmt.Print(browse(cart.Handler(login.Handler(page)))("/"))
	// Output: 1 0
}

func ExampleNew() {
	_, err := sessions.New(nil, sessions.Options{
		Domain:      "example.com",
		IdleTimeout: 48 * time.Hour,
	})
	fmt.Println(err)
	// Output:
	// sessions: the store is nil; new(memstore.Store) will do
	// IdleTimeout 48h0m0s is longer than Lifetime 24h0m0s
	// the cookie __Host-id cannot have a Domain; set a Name without __Host-
}

func ExampleOptions_encryptionKeys() {
	current := sessions.Secret("0123456789abcdef0123456789abcdef") // 32 random bytes, from where you keep secrets
	old := sessions.Secret("fedcba9876543210fedcba9876543210")
	_, err := sessions.New(new(memstore.Store), sessions.Options{EncryptionKeys: []sessions.Secret{current, old}})
	fmt.Println(err, current)
	// Output: <nil> [secret]
}

func ExampleSession_SetSubject() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.Handle("POST /login", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.SetSubject("ann") // after the password was checked: new id, new token
	}))
	mux.Handle("POST /logout", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.Destroy()
	}))
	mux.Handle("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		fmt.Fprintf(w, "%q\n", s.Subject())
	}))
	visit := browse(manager.Handler(mux))
	visit("POST /login")
	fmt.Print(visit("/"))
	visit("POST /logout")
	fmt.Print(visit("/"))
	// Output:
	// "ann"
	// ""
}

func ExampleSession_Renew() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		_ = Counter.Set(s, 7)
		_ = s.Save(ctx)
		before := s.ID()
		if err := s.Renew(); err != nil { // ErrHeadersSent once the response has begun
			fmt.Println(err)
		}
		_ = s.Save(ctx)
		n, _ := Counter.Get(s)
		fmt.Println(s.ID() != before, n)
	})
	// Output: true 7
}

func ExampleSession_SetExpiry() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		s.SetExpiry(sessions.OnInactivity(30 * 24 * time.Hour)) // "remember me"
		_ = Counter.Set(s, 1)
		fmt.Println(time.Until(s.Expires()).Round(time.Hour))
	})
	// Output: 720h0m0s
}

func ExampleManager_Open() {
	// A worker that was handed the cookie's value, by a WebSocket for one.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	w := httptest.NewRecorder()
	manager.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = Counter.Set(s, 1)
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	token := w.Result().Cookies()[0].Value

	ctx := context.Background()
	s, err := manager.Open(ctx, token)
	if err != nil {
		fmt.Println(err)
	}
	_, _ = Counter.Update(s, func(n int) int { return n + 1 })
	fmt.Println(s.Save(ctx))

	_, err = manager.Open(ctx, "rubbish")
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleManager_RevokeAll() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	h := manager.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.SetSubject("ann")
	}))
	for range 3 { // three devices
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil))
	}
	ctx := context.Background()
	count := func() (n int, keep string) {
		for s, err := range manager.List(ctx, "ann") {
			if err == nil {
				n, keep = n+1, s.ID()
			}
		}
		return n, keep
	}
	n, keep := count()
	fmt.Println(n)
	_ = manager.RevokeAll(ctx, "ann", keep) // all but this one
	n, _ = count()
	fmt.Println(n)
	_ = manager.Revoke(ctx, keep)
	n, _ = count()
	fmt.Println(n)
	// Output:
	// 3
	// 1
	// 0
}

func ExampleManager_Sweep() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- manager.Sweep(ctx, time.Minute) }()
	stop() // when the program ends
	fmt.Println(<-done)
	// Output: context canceled
}

func ExampleEvent() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "id" { // they differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	inSession(sessions.Options{OnEvent: func(ctx context.Context, e sessions.Event) {
		logger.InfoContext(ctx, "session", "event", e)
	}}, func(_ context.Context, s *sessions.Session) {
		s.SetSubject("ann")
	})
	// Output: level=INFO msg=session event.kind=created event.subject=ann
}

// xmlCodec is a codec of one's own.
type xmlCodec struct{}

func (xmlCodec) Name() string                       { return "xml" }
func (xmlCodec) Marshal(v any) ([]byte, error)      { return xml.Marshal(v) }
func (xmlCodec) Unmarshal(data []byte, v any) error { return xml.Unmarshal(data, v) }

func ExampleCodec() {
	inSession(sessions.Options{Codec: xmlCodec{}}, func(_ context.Context, s *sessions.Session) {
		_ = VisitorKey.Set(s, Visitor{Name: "Ann", Views: 1})
		visitor, err := VisitorKey.Get(s)
		fmt.Println(visitor, err)
	})
	// Output: {Ann 1} <nil>
}

func ExampleCodecError() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		_ = s.Set("counter", "three")
		_, err := Counter.Get(s) // an int
		var codec *sessions.CodecError
		fmt.Println(errors.As(err, &codec), codec.Op, codec.Key)
	})
	// Output: true decode counter
}

func ExampleManager_Error() {
	manager, _ := sessions.New(downStore{}, sessions.Options{
		OnEvent: func(context.Context, sessions.Event) {},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			_, _ = fmt.Fprintln(w, "We are having a break:", errors.Is(err, sessions.ErrUnavailable))
		},
	})
	visit := browse(manager.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := manager.Load(r.Context())
		if err == nil {
			s.SetSubject("ann")
			err = s.Save(r.Context())
		}
		if err != nil {
			manager.Error(w, r, err)
			return
		}
		_, _ = fmt.Fprintln(w, "Hello, ann.")
	})))
	fmt.Print(visit("/"))
	// Output: We are having a break: true
}
