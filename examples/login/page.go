package main

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"path"
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

// view is the content of a page.
type view struct {
	Title    string
	User     user // the user who is signed in
	SignedIn bool
	Admin    bool   // the user may manage users
	Notice   string // what was done
	Error    string // what went wrong, and what to do
	Next     string // the page to go to afterwards
	Name     string // as it was typed
	Min, Max int    // length of a password, in characters
	List     any
}

// notice is a text for the next page, which shows it once.
const notice = sessions.Key[string]("notice")

// note redirects to a page that shows a notice.
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

// show responds with a page.
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

// refuse responds when a request cannot be served. It has pages for people who
// lack a permission and for those whose session changed in another tab, and
// leaves the rest to package login. Failures of the server are logged.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, err error) {
	person := strings.Contains(r.Header.Get("Accept"), "text/html")
	switch {
	case person && errors.Is(err, login.ErrForbidden):
		s.show(w, r, http.StatusForbidden, "message", view{
			Title: "Administrators only", Error: "Only administrators can see this page. If you are one, sign in with that account.",
		})
		return
	case person && errors.Is(err, sessions.ErrNotFound):
		s.show(w, r, http.StatusConflict, "message", view{
			Title: "Try again", Error: "You signed in or out in another tab at the same moment, so nothing was changed here. Go back, reload the page and try again.",
		})
		return
	case person && errors.Is(err, login.ErrNotRecent) && r.Method == http.MethodPost:
		// A redirect cannot send the form again, so it leads back to the form's page.
		http.Redirect(w, r, "/confirm?next="+url.QueryEscape(path.Dir(r.URL.Path)), http.StatusSeeOther)
		return
	case errors.Is(err, login.ErrForbidden), errors.Is(err, login.ErrAnonymous), errors.Is(err, login.ErrNotRecent), errors.Is(err, sessions.ErrNotFound):
	default:
		s.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	s.auth.DefaultError(w, r, err)
}

// complete adds the content that all pages share.
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
