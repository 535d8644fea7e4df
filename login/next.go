package login

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Pages are the pages of a part of the site, such as an area for
// administrators; see [Manager.Pages].
type Pages struct {
	// LoginURL is as in Options. The default is Options.LoginURL.
	LoginURL string
	// ConfirmURL is as in Options. The default is LoginURL if that is set here,
	// and Options.ConfirmURL otherwise.
	ConfirmURL string
	// NextParam is as in Options. The default is Options.NextParam.
	NextParam string
}

// pages are Pages that are checked.
type pages struct {
	login, confirm *url.URL // nil if there is no page
	param          string
}

// Pages returns middleware for a part of the site with a login page of its own.
// Put it inside of [Manager.Handler] and outside of the middleware that may
// redirect, and around the login page itself if NextParam differs:
//
//	admins, err := auth.Pages(login.Pages{LoginURL: "/admin/login"})
//	mux.Handle("/admin/", admins(permissions.Require("admin")(admin)))
//
// It returns an error if a page cannot be redirected to.
func (m *Manager[U, C]) Pages(p Pages) (func(http.Handler) http.Handler, error) {
	checked, err := m.checkPages(Pages{
		LoginURL:   cmp.Or(p.LoginURL, m.opts.LoginURL),
		ConfirmURL: cmp.Or(p.ConfirmURL, p.LoginURL, m.opts.ConfirmURL),
		NextParam:  cmp.Or(p.NextParam, m.opts.NextParam),
	})
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if v := m.visit(r.Context()); v != nil {
				defer v.pages.Store(v.pages.Swap(checked))
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}

// checkPages parses pages, and returns all that is wrong with them.
func (m *Manager[U, C]) checkPages(p Pages) (*pages, error) {
	out := &pages{param: p.NextParam}
	var faults []error
	for _, u := range []struct {
		name, value string
		parsed      **url.URL
	}{{"LoginURL", p.LoginURL, &out.login}, {"ConfirmURL", p.ConfirmURL, &out.confirm}} {
		if u.value == "" {
			continue
		}
		public := u.value
		if isLocal(u.value) {
			public = m.opts.StrippedPrefix + u.value
		}
		parsed, err := url.Parse(public)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", u.name, err))
		case !isLocal(public) && (parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == ""):
			faults = append(faults, fmt.Errorf("%s %q is neither a path that begins with one / nor a URL of http or https", u.name, u.value))
		case parsed.Query().Has(p.NextParam):
			faults = append(faults, fmt.Errorf("%s %q has the parameter %q; set another NextParam", u.name, u.value, p.NextParam))
		}
		*u.parsed = parsed
	}
	return out, errors.Join(faults...)
}

// pagesOf returns the pages for a request.
func (m *Manager[U, C]) pagesOf(r *http.Request) *pages {
	if v := m.visit(r.Context()); v != nil {
		if p := v.pages.Load(); p != nil {
			return p
		}
	}
	return m.pages
}

// invite redirects a visitor who must sign in to a page, whose query names the
// page that the visitor asked for. It returns false if there is no such page or
// the client is a script.
func (m *Manager[U, C]) invite(w http.ResponseWriter, r *http.Request, page *url.URL) bool {
	w.Header().Set("Cache-Control", "no-store")
	if page == nil || !wantsPage(r) {
		return false
	}
	to := *page
	if next := m.wanted(r); next != "" {
		if to.RawQuery != "" {
			to.RawQuery += "&"
		}
		to.RawQuery += url.Values{m.pagesOf(r).param: {next}}.Encode()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

// wantsPage reports whether a person waits for a page: not a script (fetch,
// XMLHttpRequest, HTMX) and not a client that asks for JSON.
func wantsPage(r *http.Request) bool {
	h := r.Header
	if mode := h.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return false
	}
	if h.Get("HX-Request") == "true" || h.Get("X-Requested-With") == "XMLHttpRequest" {
		return false
	}
	accept := strings.ToLower(strings.Join(h.Values("Accept"), ","))
	return strings.Contains(accept, "text/html") || !strings.Contains(accept, "json") && !strings.Contains(h.Get("Content-Type"), "json")
}

// wanted returns the page that a request asked for, as the browser knows it, or
// "" if a link cannot ask for it.
func (m *Manager[U, C]) wanted(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	uris := []string{r.RequestURI} // untouched by http.StripPrefix
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		uris = append(uris, u.RequestURI()) // of a target that is a whole URL
	}
	for _, uri := range append(uris, r.URL.RequestURI()) {
		if public := m.opts.StrippedPrefix + uri; strings.HasPrefix(uri, "/") && isLocal(public) {
			return public
		}
	}
	return ""
}

// Next returns the page that a visitor asked for before they were sent to sign
// in, from the request's form or query. It returns fallback, as it is, if there
// is none or if it is on another site, so a handler can redirect to it.
//
// Next reads the body of a POST only if it is a form without files
// (application/x-www-form-urlencoded) of up to 10 MB. Of a multipart form it
// sees what the handler has parsed before.
func (m *Manager[U, C]) Next(r *http.Request, fallback string) string {
	_ = r.ParseForm() // what it can read is in r.Form
	param := m.pagesOf(r).param
	if next := cmp.Or(r.PostForm.Get(param), r.Form.Get(param)); isLocal(next) {
		return next
	}
	return fallback
}

// isLocal reports whether every browser takes a URL for a path on this site.
// Browsers read \ as / and skip tabs and line ends (WHATWG URL), so //host,
// /\host, https:host and javascript: are not local.
func isLocal(s string) bool {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || len(s) > 2048 || strings.Contains(s, `\`) {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//")
}
