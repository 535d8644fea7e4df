package fibersessions_test

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strconv"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func Example() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	app.Use(fibersessions.New(manager))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.SendString("visit " + strconv.Itoa(n))
	}))

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Forwarded-Proto", "https") // as a proxy in front says
	for range 2 {
		resp, err := app.Test(r)
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		fmt.Println(string(body))
		for _, cookie := range resp.Cookies() {
			r.AddCookie(cookie)
		}
	}
	// Output:
	// visit 1
	// visit 2
}
