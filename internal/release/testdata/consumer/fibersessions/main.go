// Command consumer counts two visits in an app of fiber.
package main

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

const counter = sessions.Key[int]("counter")

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	app.Use(fibersessions.New(manager))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
		n, err := counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.SendString(strconv.Itoa(n))
	}))
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("X-Forwarded-Proto", "https")
	var visits string
	for range 2 {
		response, err := app.Test(request)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			log.Fatal(err)
		}
		visits = string(body)
		for _, cookie := range response.Cookies() {
			request.AddCookie(cookie)
		}
	}
	if visits != "2" {
		log.Fatalf("second visit counted as %q", visits)
	}
	fmt.Println("counted 2 visits")
}
