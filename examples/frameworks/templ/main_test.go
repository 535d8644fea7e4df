package main

import (
	"regexp"
	"testing"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

const htmx = "HX-Request: true"

// shown returns the number, the message and the name in a page or a part of it.
func shown(a visitor.Answer) (what [3]string) {
	for i, pattern := range []string{`<output>(.*?)</output>`, `<p id="notice"[^>]*>(.*?)</p>`, `signed in as (.*?)\.`} {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(a.Body); found != nil {
			what[i] = found[1]
		}
	}
	return what
}

func TestHTMXUpdatesPartsOfThePage(t *testing.T) {
	h, err := site()
	v := visitor.New(t, visitor.Serve(t, h, err))
	visitor.Want(t, "page", shown(v.Get("/")), [3]string{"0"})
	visitor.Want(t, "part", shown(v.Post("/count", "", htmx)), [3]string{"1"})

	refused := v.Post("/reset", "", htmx)
	visitor.Want(t, "status without a login", refused.Status, 401)
	visitor.Want(t, "where htmx goes", refused.Header.Get("HX-Redirect"), "/")

	visitor.Want(t, "status of the login", v.Post("/login", "name=ann&password=secret").Status, 303)
	visitor.Want(t, "page of a user", shown(v.Get("/")), [3]string{"1", "", "ann"})
	visitor.Want(t, "part and message", shown(v.Post("/reset", "", htmx)), [3]string{"0", "You count anew."})
	visitor.Want(t, "the message is shown once", shown(v.Get("/")), [3]string{"0", "", "ann"})
	visitor.Want(t, "status of the logout", v.Post("/logout", "").Status, 303)
	visitor.Want(t, "page afterwards", shown(v.Get("/")), [3]string{"0"})
}

func TestPageWorksWithoutScripts(t *testing.T) {
	h, err := site()
	v := visitor.New(t, visitor.Serve(t, h, err))
	visitor.Want(t, "status of a count", v.Post("/count", "").Status, 303)
	visitor.Want(t, "page", shown(v.Get("/")), [3]string{"1"})
	visitor.Want(t, "redirect without a login", v.Post("/reset", "").Header.Get("Location"), "/")
	visitor.Want(t, "status of a wrong password", v.Post("/login", "name=ann&password=guess").Status, 303)
	visitor.Want(t, "message", shown(v.Get("/")), [3]string{"1", "Wrong name or password."})
	visitor.Want(t, "the message is shown once", shown(v.Get("/")), [3]string{"1"})
	v.Post("/login", "name=ann&password=secret")
	visitor.Want(t, "status of a reset", v.Post("/reset", "").Status, 303)
	visitor.Want(t, "message of a user", shown(v.Get("/")), [3]string{"0", "You count anew.", "ann"})
}
