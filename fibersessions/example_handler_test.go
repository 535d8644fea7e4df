package fibersessions_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/store/memstore"
)

// Visitor is what a session knows about a visitor.
type Visitor struct {
	Name  string
	Views int
}

const VisitorKey = sessions.Key[Visitor]("visitor")

// newApp returns an app with sessions.
func newApp() *fiber.App {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	app.Use(fibersessions.New(manager))
	return app
}

// fetch prints a page of the app, as a visitor with cookies sees it.
func fetch(app *fiber.App, path string, cookies map[string]string) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("X-Forwarded-Proto", "https") // as a proxy in front says
	for name, value := range cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	resp, err := app.Test(r)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		cookies[c.Name] = c.Value
	}
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))
}

func ExampleKeyHandlerFunc() {
	app := newApp()
	app.Get("/", fibersessions.KeyHandlerFunc(VisitorKey, func(c fiber.Ctx, v *sessions.Typed[Visitor]) error {
		v.Data.Views++
		v.Data.Name = c.Query("name", v.Data.Name)
		return c.SendString(fmt.Sprintf("%+v", v.Data))
	}))

	cookies := map[string]string{}
	fetch(app, "/?name=Ann", cookies)
	fetch(app, "/", cookies)
	// Output:
	// 200 {Name:Ann Views:1}
	// 200 {Name:Ann Views:2}
}

func ExampleSendStreamWriter() {
	const Progress = sessions.Key[int]("progress")
	app := newApp()
	app.Get("/work", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		if err := Progress.Set(s, 0); err != nil { // begins the session, whose cookie cannot follow later
			return err
		}
		return fibersessions.SendStreamWriter(c, func(ctx context.Context, w *bufio.Writer) {
			for i := range 3 {
				_ = Progress.Set(s, i+1)
				_, _ = fmt.Fprintln(w, "step", i+1)
				if w.Flush() != nil {
					return // the client has gone; what was done is saved
				}
			}
		})
	}))
	app.Get("/progress", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		n, err := Progress.Get(s)
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprint(n, " steps"))
	}))

	cookies := map[string]string{}
	fetch(app, "/work", cookies)
	fetch(app, "/progress", cookies)
	// Output:
	// 200 step 1
	// step 2
	// step 3
	//
	// 200 3 steps
}

func ExampleError() {
	app := newApp()
	app.Get("/", func(c fiber.Ctx) error {
		s, err := sessions.Load(c.Context())
		if err != nil {
			return fibersessions.Error(c, err) // such as a 503 if the store is down
		}
		return c.SendString("new visitor: " + fmt.Sprint(s.ID() == ""))
	})
	fetch(app, "/", nil)
	// Output: 200 new visitor: true
}

func ExampleKeep() {
	const Done = sessions.Key[bool]("done")
	app := newApp()
	work, finished := make(chan struct{}), make(chan struct{})
	app.Get("/start", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		if err := Done.Set(s, false); err != nil { // begins the session, whose cookie cannot follow later
			return err
		}
		_, done, err := fibersessions.Keep(c)
		if err != nil {
			return fibersessions.Error(c, err)
		}
		go func() { // as the handler of a WebSocket, it runs after the response
			defer close(finished)
			defer done()
			<-work
			_ = Done.Set(s, true)
		}()
		return c.SendString("started")
	}))
	app.Get("/done", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		done, err := Done.Get(s)
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprint(done))
	}))

	cookies := map[string]string{}
	fetch(app, "/start", cookies)
	fetch(app, "/done", cookies)
	close(work)
	<-finished
	fetch(app, "/done", cookies)
	// Output:
	// 200 started
	// 200 false
	// 200 true
}
