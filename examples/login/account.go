package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosessions/sessions/login"
)

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "home", view{Title: "Welcome"})
}

func (s *site) account(w http.ResponseWriter, r *http.Request, _ user) {
	s.show(w, r, http.StatusOK, "account", view{Title: "Your account"})
}

// prove returns the user if the form has their password. Otherwise it writes
// the response.
func (s *site) prove(w http.ResponseWriter, r *http.Request, u user, name string, v view) (user, bool) {
	if s.tooMany(w, r, u.Name) {
		return user{}, false
	}
	u, err := s.auth.Authenticate(r.Context(), credentials{u.Name, r.PostFormValue("password")})
	switch {
	case err == nil:
		return u, true
	case errors.Is(err, login.ErrCredentials):
		v.Error = "That is not your password. Try again."
		s.show(w, r, http.StatusUnauthorized, name, v)
	default:
		s.auth.Error(w, r, err)
	}
	return user{}, false
}

func (s *site) confirmView(r *http.Request) view {
	return view{Title: "Confirm it's you", Next: s.auth.Next(r, "")}
}

// confirmPage is the page to which RequireRecent redirects.
func (s *site) confirmPage(w http.ResponseWriter, r *http.Request, _ user) {
	s.show(w, r, http.StatusOK, "confirm", s.confirmView(r))
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request, u user) {
	u, ok := s.prove(w, r, u, "confirm", s.confirmView(r))
	if !ok {
		return
	}
	if err := s.auth.Confirm(r.Context(), u); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, s.auth.Next(r, "/account"), http.StatusSeeOther)
}

func (s *site) passwordPage(w http.ResponseWriter, r *http.Request, _ user) {
	s.show(w, r, http.StatusOK, "password", view{Title: "Change password"})
}

// changePassword asks for the current password in the same form (ASVS 6.2.3),
// so that anyone who finds a browser that was left alone cannot change it.
func (s *site) changePassword(w http.ResponseWriter, r *http.Request, u user) {
	v := view{Title: "Change password"}
	u, ok := s.prove(w, r, u, "password", v)
	if !ok {
		return
	}
	next := credentials{u.Name, r.PostFormValue("new")}
	if v.Error = next.faults(); v.Error != "" {
		s.show(w, r, http.StatusUnprocessableEntity, "password", v)
		return
	}
	err := s.setPassword(r, u, next.password)
	switch {
	case errors.Is(err, errChanged):
		v.Error = "Your password was changed in another window. Try again with the new one."
		s.show(w, r, http.StatusConflict, "password", v)
	case err != nil:
		s.auth.Error(w, r, err)
	default:
		s.note(w, r, "Your password is changed. You're signed out on all other devices.", "/account")
	}
}

// setPassword changes a password. The user's other sessions are valid with the
// old hash only, so they end when the new one is stored.
func (s *site) setPassword(r *http.Request, u user, password string) error {
	ctx := r.Context()
	changed := u
	var err error
	if changed.hash, err = s.users.passwords.Hash(ctx, normal(password)); err != nil {
		return err
	}
	if err := s.auth.ChangeAuthHash(ctx, changed, func(ctx context.Context) error {
		return s.users.setHash(ctx, u, changed.hash)
	}); err != nil {
		return err
	}
	_ = s.auth.RevokeOthers(ctx) // ends them at once; those that an error leaves end at their next request
	return nil
}
