package sessions_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func Example() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "visit", n)
	}))
	visit := browse(manager.Handler(mux))
	fmt.Print(visit("/"), visit("/"), visit("/"))
	// Output:
	// visit 1
	// visit 2
	// visit 3
}

// browse starts a server and returns what fetches a page of it, "/" or
// "POST /login", by a client that keeps cookies.
func browse(h http.Handler) func(page string) string {
	server := httptest.NewTLSServer(h)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	return func(page string) string {
		method, path, posted := strings.Cut(page, " ")
		if !posted {
			method, path = "GET", page
		}
		r, _ := http.NewRequest(method, server.URL+path, nil)
		resp, err := client.Do(r)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
}

// inSession runs f once with a new session.
func inSession(opts sessions.Options, f func(context.Context, *sessions.Session)) {
	manager, err := sessions.New(new(memstore.Store), opts)
	if err != nil {
		log.Fatal(err)
	}
	browse(manager.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		f(r.Context(), s)
	})))("/")
}

func ExampleSession() {
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		_ = s.Set("theme", "dark")
		_ = s.Set("volume", 11)

		var theme string
		ok, err := s.Get("theme", &theme)
		fmt.Println(theme, ok, err)
		for key := range s.Keys() {
			fmt.Println(key)
		}
		s.Delete("volume")
		fmt.Println(s.Has("volume"), s.Len(), s.IsNew(), s.Modified())
	})
	// Output:
	// dark true <nil>
	// theme
	// volume
	// false 1 true true
}

func ExampleKey() {
	const Theme = sessions.Key[string]("theme")
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		theme, err := Theme.Get(s) // the zero value if it is absent
		fmt.Printf("%q %v\n", theme, err)

		_ = Theme.Set(s, "dark")
		theme, ok, err := Theme.Lookup(s)
		fmt.Printf("%q %t %v\n", theme, ok, err)

		Theme.Delete(s)
		fmt.Println(s.Has("theme"))
	})
	// Output:
	// "" <nil>
	// "dark" true <nil>
	// false
}

func ExampleKey_Update() {
	type Cart map[string]int
	const CartKey = sessions.Key[Cart]("cart")
	inSession(sessions.Options{}, func(_ context.Context, s *sessions.Session) {
		add := func(cart Cart) Cart {
			if cart == nil {
				cart = Cart{}
			}
			cart["apple"]++
			return cart
		}
		_, _ = CartKey.Update(s, add)
		cart, err := CartKey.Update(s, add)
		fmt.Println(cart, err)
	})
	// Output: map[apple:2] <nil>
}

func ExampleKey_Take() {
	const Flash = sessions.Key[string]("flash")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	mux := http.NewServeMux()
	mux.Handle("/save", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = Flash.Set(s, "Saved.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}))
	mux.Handle("/", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		message, ok, _ := Flash.Take(s)
		fmt.Fprintf(w, "%q %t\n", message, ok)
	}))
	visit := browse(manager.Handler(mux))
	fmt.Print(visit("/save"), visit("/"))
	// Output:
	// "Saved." true
	// "" false
}

func ExampleKey_Claim() {
	const State = sessions.Key[string]("oauth-state")
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		_ = State.Set(s, "xyz")
		// Of parallel requests only one gets it, here and now.
		state, ok, err := State.Claim(ctx, s)
		fmt.Println(state, ok, err)
		_, ok, err = State.Claim(ctx, s)
		fmt.Println(ok, err)
	})
	// Output:
	// xyz true <nil>
	// false <nil>
}

type Visitor struct {
	Name  string
	Views int
}

const VisitorKey = sessions.Key[Visitor]("visitor")

func ExampleHandle() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	page := sessions.Handle(VisitorKey, func(w http.ResponseWriter, r *http.Request, v *sessions.Typed[Visitor]) {
		v.Data.Views++
		if name := r.URL.Query().Get("name"); name != "" {
			v.Data.Name = name
		}
		fmt.Fprintf(w, "%+v\n", v.Data)
	})
	visit := browse(manager.Handler(page))
	fmt.Print(visit("/"), visit("/?name=Ann"), visit("/"))
	// Output:
	// {Name: Views:1}
	// {Name:Ann Views:2}
	// {Name:Ann Views:3}
}

func ExampleKey_Open() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		visitor, err := VisitorKey.Open(s)
		if err != nil {
			log.Fatal(err)
		}
		visitor.Data.Name = "Ann" // saved with the rest before the response begins
		fmt.Println(visitor.Save(ctx), s.Has("visitor"))
	})
	// Output: <nil> true
}

func ExampleWrap() {
	type Everything struct {
		Theme string `session:"theme"`
		Views int    `session:"views"`
		Note  *string
	}
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		all, err := sessions.Wrap[Everything](s)
		if err != nil {
			log.Fatal(err)
		}
		all.Data.Theme, all.Data.Views = "dark", 1
		_ = all.Save(ctx)
		for key := range s.Keys() {
			fmt.Println(key)
		}
	})
	// Output:
	// theme
	// views
}
