// Command consumer counts two visits in an app of echo.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/labstack/echo/v5"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echosessions"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int]("counter")

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echosessions.Wrap(manager.Handler))
	e.GET("/", echosessions.HandlerFunc(func(c *echo.Context, s *sessions.Session) error {
		n, err := counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, strconv.Itoa(n))
	}))
	request := httptest.NewRequest("GET", "/", nil)
	first := httptest.NewRecorder()
	e.ServeHTTP(first, request)
	for _, cookie := range first.Result().Cookies() {
		request.AddCookie(cookie)
	}
	second := httptest.NewRecorder()
	e.ServeHTTP(second, request)
	if second.Body.String() != "2" {
		log.Fatalf("second visit counted as %q", second.Body)
	}
	fmt.Println("counted 2 visits")
}
