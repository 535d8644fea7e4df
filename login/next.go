package login

import (
	"net/http"
	"net/url"
	"strings"
)

// invite answers somebody who must sign in: with a redirect to a page, which is
// told where they wanted to go, or with 401 where there is no such page or
// nobody would look at it.
func (m *Manager[U, C]) invite(w http.ResponseWriter, r *http.Request, page *url.URL) {
	w.Header().Set("Cache-Control", "no-store")
	if page == nil || !wantsPage(r) {
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
		return
	}
	to := *page
	if next := wanted(r); next != "" {
		q := to.Query()
		q.Set(m.opts.NextParam, next)
		to.RawQuery = q.Encode()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// wantsPage reports whether a person waits for a page: not a script (fetch,
// XMLHttpRequest, HTMX), nor a client that asks for JSON.
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

// wanted returns the page that a request asked for, "" if that cannot be asked
// for by a link.
func wanted(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	for _, uri := range []string{r.RequestURI, r.URL.RequestURI()} { // the first is as it was before http.StripPrefix
		if isLocal(uri) {
			return uri
		}
	}
	return ""
}

// Next returns the page that a visitor wanted before they were sent to sign
// in, as the request's query or form says, and fallback if it does not say or
// names another site. It can be redirected to.
func (m *Manager[U, C]) Next(r *http.Request, fallback string) string {
	if next := r.FormValue(m.opts.NextParam); isLocal(next) {
		return next
	}
	return fallback
}

// isLocal reports whether a URL is a path on this site, for every browser: they
// take \ for /, and leave out tabs and line ends (WHATWG URL). So //host,
// /\host, https:host and javascript: are not.
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
