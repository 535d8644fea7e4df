// Gorilla keeps what it knows about a visitor in a typed struct, with
// gorilla/mux.
//
//	go run ./examples/frameworks/gorilla [-addr host:port]
//
// The router runs its middleware for routes that match only. So the page for an
// unknown path gets the middleware of sessions itself.
package main

import (
	"fmt"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/store/memstore"
)

// Visitor is what a session knows.
type Visitor struct {
	Name  string
	Pages int
	Lost  int // pages that are not there
}

const VisitorKey = sessions.Key[Visitor]("visitor")

func main() { demo.Serve(site) }

func site() (http.Handler, error) {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	})
	if err != nil {
		return nil, err
	}
	r := mux.NewRouter()
	r.Use(manager.Handler)
	r.Handle("/", VisitorKey.HandlerFunc(show)).Methods("GET")
	r.Handle("/name/{name}", VisitorKey.HandlerFunc(rename)).Methods("POST")
	r.HandleFunc("/forget", sessions.HandlerFunc(forget)).Methods("POST")
	r.NotFoundHandler = manager.Handler(VisitorKey.HandlerFunc(lost))
	return http.NewCrossOriginProtection().Handler(r), nil
}

func show(w http.ResponseWriter, _ *http.Request, v *sessions.Typed[Visitor]) {
	v.Data.Pages++
	_, _ = fmt.Fprintf(w, "%+v\n", v.Data)
}

func rename(w http.ResponseWriter, r *http.Request, v *sessions.Typed[Visitor]) {
	v.Data.Name = mux.Vars(r)["name"]
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func forget(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	s.Destroy()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func lost(w http.ResponseWriter, r *http.Request, v *sessions.Typed[Visitor]) {
	v.Data.Lost++ // is saved, as with every status below 500
	http.NotFound(w, r)
}
