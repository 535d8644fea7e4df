package main

import (
	"errors"
	"net/http"

	"github.com/gosessions/sessions"
)

func (s *site) devices(w http.ResponseWriter, r *http.Request, u user) {
	s.listDevices(w, r, u, http.StatusOK, "")
}

func (s *site) listDevices(w http.ResponseWriter, r *http.Request, u user, status int, fault string) {
	devices, err := s.auth.Devices(r.Context(), u)
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.show(w, r, status, "devices", view{Title: "Your devices", List: devices, Error: fault})
}

// tooManyRevoked counts the devices that a session signs out, and reports
// whether it was one too many. If so, it writes the response. A thief of a
// session could otherwise sign the owner out faster than the owner can change
// the password.
func (s *site) tooManyRevoked(w http.ResponseWriter, r *http.Request) bool {
	session, err := s.sessions.Load(r.Context())
	if err != nil {
		s.auth.Error(w, r, err)
		return true
	}
	if !s.attempts.byBrowser.OnLimit(w, r, session.ID()) {
		return false
	}
	s.show(w, r, http.StatusTooManyRequests, "message", view{
		Title: "Too many devices",
		Error: "You have signed out many devices. Wait an hour, or change your password, which signs out all of them.",
	})
	return true
}

// revoke ends the session whose id comes from the form. Revoke refuses the
// sessions of other users.
func (s *site) revoke(w http.ResponseWriter, r *http.Request, u user) {
	if s.tooManyRevoked(w, r) {
		return
	}
	err := s.auth.Revoke(r.Context(), u, r.PostFormValue("id"))
	switch {
	case errors.Is(err, sessions.ErrNotFound):
		s.listDevices(w, r, u, http.StatusNotFound, "That device is no longer signed in. These are your devices now.")
	case err != nil:
		s.auth.Error(w, r, err)
	default:
		s.note(w, r, "That device is signed out.", "/devices")
	}
}

func (s *site) revokeOthers(w http.ResponseWriter, r *http.Request, _ user) {
	if s.tooManyRevoked(w, r) {
		return
	}
	if err := s.auth.RevokeOthers(r.Context()); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.note(w, r, "All your other devices are signed out.", "/devices")
}
