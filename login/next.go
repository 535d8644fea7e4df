package login

import (
	"net/http"
	"net/url"
	"strings"
)

// invite answers a visitor who must sign in: with a redirect to a page, whose
// query names the page that the visitor asked for, or with 401 if there is no
// such page or the client is a script.
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

// wanted returns the page that a request asked for, or "" if a link cannot ask
// for it.
func wanted(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	for _, uri := range []string{r.RequestURI, r.URL.RequestURI()} { // the first is untouched by http.StripPrefix
		if isLocal(uri) {
			return uri
		}
	}
	return ""
}

// Next returns the page that a visitor asked for before they were sent to sign
// in, from the request's query or form. It returns fallback if there is none or
// if it is on another site, so a handler can redirect to it.
func (m *Manager[U, C]) Next(r *http.Request, fallback string) string {
	if next := r.FormValue(m.opts.NextParam); isLocal(next) {
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
