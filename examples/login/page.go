package main

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

var (
	//go:embed pages/*.html
	files embed.FS
	//go:embed style.css
	style embed.FS

	layout = template.Must(template.ParseFS(files, "pages/layout.html"))
	pages  = map[string]*template.Template{
		"home": page("home"), "account": page("account"), "devices": page("devices"), "admin": page("admin"),
		"login": page("login"), "signup": page("signup"), "confirm": page("confirm"), "password": page("password"),
		"goodbye": page("goodbye"), "message": page("message"),
	}
)

// page is a page in the layout.
func page(name string) *template.Template {
	return template.Must(template.Must(layout.Clone()).ParseFS(files, "pages/"+name+".html"))
}

// view is what a page shows.
type view struct {
	Title    string
	User     user // who is signed in
	SignedIn bool
	Admin    bool   // may manage users
	Notice   string // of what was done
	Error    string // of what was not, and what to do
	Next     string // page to go on to
	Name     string // as it was typed
	Min, Max int    // characters of a password
	List     any
}

// notice is shown on the next page, once.
const notice = sessions.Key[string]("notice")

// note leaves a notice for the page that a visitor is sent to.
func (s *site) note(w http.ResponseWriter, r *http.Request, text, to string) {
	session, err := sessions.Load(r.Context())
	if err == nil {
		err = notice.Set(session, text)
	}
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// show answers with a page.
func (s *site) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	if err := s.complete(r, &v); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	var b bytes.Buffer
	if err := pages[name].ExecuteTemplate(&b, "layout.html", v); err != nil {
		s.log.ErrorContext(r.Context(), "page", "name", name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// refuse answers whom something keeps from a page: a person who lacks a
// permission gets a page of ours, others what package login answers. What is no
// fault of theirs is logged.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, login.ErrForbidden) && strings.Contains(r.Header.Get("Accept"), "text/html"):
		s.show(w, r, http.StatusForbidden, "message", view{
			Title: "Not for you", Error: "This page is for administrators. Sign out, and in as one, if you are.",
		})
		return
	case errors.Is(err, login.ErrForbidden), errors.Is(err, login.ErrAnonymous), errors.Is(err, login.ErrNotRecent):
	default:
		s.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	s.auth.DefaultError(w, r, err)
}

// complete adds what all pages show.
func (s *site) complete(r *http.Request, v *view) (err error) {
	v.Min, v.Max = minPassword, maxPassword
	ctx := r.Context()
	if v.User, v.SignedIn, err = s.auth.User(ctx); err != nil || !v.SignedIn {
		return err
	}
	if v.Admin, err = s.may.HasPermission(ctx, manageUsers); err != nil {
		return err
	}
	session, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	v.Notice, _, err = notice.Take(session)
	return err
}
