package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

//go:embed page.html style.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page.html"))

// home is the page that everyone can see.
func (s *site) home(w http.ResponseWriter, r *http.Request) {
	u, ok, err := s.auth.User(r.Context())
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.render(w, http.StatusOK, "home", map[string]any{"User": u, "SignedIn": ok})
}

// loginPage also asks users who signed in too long ago for what they want.
func (s *site) loginPage(w http.ResponseWriter, r *http.Request) {
	next := s.auth.Next(r, "/account")
	recent, err := s.auth.Recent(r.Context(), s.recent)
	switch {
	case err != nil:
		s.auth.Error(w, r, err)
	case recent:
		http.Redirect(w, r, next, http.StatusSeeOther)
	default:
		s.render(w, http.StatusOK, "login", map[string]any{"Next": next, "Provider": s.provider.title})
	}
}

func (s *site) account(w http.ResponseWriter, r *http.Request, u user) {
	ss, err := s.sessions.Load(r.Context())
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.render(w, http.StatusOK, "account", map[string]any{
		"User": u, "Session": ss, "Keys": slices.Collect(ss.Keys()), "Provider": s.provider.title,
	})
}

// deleteAccount removes the user and ends their sessions in all browsers. After
// an error, the sessions that are left end at their next request.
func (s *site) deleteAccount(w http.ResponseWriter, r *http.Request, u user) {
	s.users.remove(u.ID)
	if err := s.auth.RevokeAll(r.Context(), u); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.auth.Logout(r.Context()); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// fail responds with the reason why a visitor could not be signed in.
func (s *site) fail(w http.ResponseWriter, r *http.Request, f failure) {
	u, ok, err := s.auth.User(r.Context())
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.render(w, f.status, "failure", map[string]any{
		"Title": f.title, "Text": f.text, "User": u, "SignedIn": ok, "Again": s.url + "/login",
	})
}

func (s *site) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		s.log.Error("page", "name", name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
