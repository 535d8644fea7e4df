// Hello is the program at the top of the README.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func main() {
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
	log.Fatal(http.ListenAndServe("localhost:8080", manager.Handler(mux)))
}
