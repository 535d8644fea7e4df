package main

import (
	"errors"
	"net/http"

	"github.com/gosessions/sessions/login"
)

func (s *site) admins(w http.ResponseWriter, r *http.Request, _ user) {
	s.listUsers(w, r, http.StatusOK, "")
}

// entry is a user in the administrator's list.
type entry struct {
	ID, Name string
	Devices  int
}

func (s *site) listUsers(w http.ResponseWriter, r *http.Request, status int, fault string) {
	ctx := r.Context()
	all, err := s.users.all(ctx)
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	var list []entry
	for _, u := range all {
		devices, err := s.auth.Devices(ctx, u)
		if err != nil {
			s.auth.Error(w, r, err)
			return
		}
		list = append(list, entry{u.id, u.Name, len(devices)})
	}
	s.show(w, r, status, "admin", view{Title: "Users", List: list, Error: fault})
}

// revokeUser signs a user out on all devices.
func (s *site) revokeUser(w http.ResponseWriter, r *http.Request, _ user) {
	u, err := s.users.User(r.Context(), r.PostFormValue("id"))
	if errors.Is(err, login.ErrNoUser) {
		s.listUsers(w, r, http.StatusNotFound, "That user no longer exists.")
		return
	}
	if err == nil {
		err = s.auth.RevokeAll(r.Context(), u)
	}
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	s.note(w, r, u.Name+" is signed out on all devices.", "/admin")
}
