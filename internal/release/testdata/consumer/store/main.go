// Command consumer counts two visits on the store that open returns. Beside
// this file goes one of the others.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gosessions/sessions"
)

const counter = sessions.Key[int]("counter")

func main() {
	st, err := open()
	if err != nil {
		log.Fatal(err)
	}
	if st == nil {
		fmt.Println("built; it needs a server to open")
		return
	}
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if needsServer {
		fmt.Println("opened; it needs a server to count visits")
		return
	}
	handler := manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		n, err := counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprint(w, n)
	}))
	request := httptest.NewRequest("GET", "/", nil)
	first := httptest.NewRecorder()
	handler.ServeHTTP(first, request)
	for _, cookie := range first.Result().Cookies() {
		request.AddCookie(cookie)
	}
	second := httptest.NewRecorder()
	handler.ServeHTTP(second, request)
	if second.Body.String() != "2" {
		log.Fatalf("second visit counted as %q", second.Body)
	}
	fmt.Println("counted 2 visits")
}
