package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosessions/sessions"
)

// counter is a typed key: its value is an int.
const counter = sessions.Key[int]("counter")

// visitor is what the session knows about its visitor.
type visitor struct {
	Name      string
	FirstSeen time.Time
	LastSeen  time.Time
	PageViews int
}

const visitorKey = sessions.Key[visitor]("visitor")

//go:embed page.html style.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

func pages(codec string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", visitorKey.HandlerFunc(home(codec)))
	mux.Handle("POST /name", visitorKey.HandlerFunc(setName))
	mux.Handle("POST /renew", sessions.HandlerFunc(renew))
	mux.Handle("POST /forget", sessions.HandlerFunc(forget))
	mux.Handle("GET /style.css", http.FileServerFS(files))
	return mux
}

// home counts the visit and shows the session.
func home(codec string) func(http.ResponseWriter, *http.Request, *sessions.Typed[visitor]) {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Typed[visitor]) {
		n, err := counter.Update(s.Session, func(n int) int { return n + 1 })
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			_, _ = fmt.Fprintln(w, n)
			return
		}
		s.Data.LastSeen = time.Now().UTC().Truncate(time.Second)
		if s.Data.FirstSeen.IsZero() {
			s.Data.FirstSeen = s.Data.LastSeen
		}
		s.Data.PageViews++
		// Changes are saved before the response begins anyway. Saved now, a new
		// session has an ID to show.
		if err := s.Save(r.Context()); err != nil {
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
		var b bytes.Buffer
		err = page.Execute(&b, map[string]any{
			"Count": n, "Visitor": s.Data, "Codec": codec,
			"ID": s.ID(), "New": s.IsNew(), "Created": s.Created().UTC(), "Expires": s.Expires().UTC(),
			"Keys": slices.Collect(s.Keys()),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = b.WriteTo(w)
	}
}

const maxName = 40

func setName(w http.ResponseWriter, r *http.Request, s *sessions.Typed[visitor]) {
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	name := strings.TrimSpace(r.PostFormValue("name"))
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName {
		http.Error(w, fmt.Sprintf("a name has at most %d characters", maxName), http.StatusUnprocessableEntity)
		return
	}
	s.Data.Name = name
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// renew gives the session a new token. The session keeps its ID.
func renew(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	if err := s.Renew(); err != nil {
		sessions.DefaultErrorHandler(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// forget ends the session. The next visit begins a new one.
func forget(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	s.Destroy()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
