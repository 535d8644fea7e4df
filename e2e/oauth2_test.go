package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSignInByOAuth2InABrowser goes to a provider that is another site to the
// browser, and back: by the form's redirect that the page's policy must allow,
// with the cookie that SameSite=Lax must bring.
func TestSignInByOAuth2InABrowser(t *testing.T) {
	url, ctx := example(t, "oauth2"), chromium(t)
	complained := complaints(t, ctx)
	where := func() string { return run(t, ctx, chromedp.Location()) }

	do(t, ctx, chromedp.Navigate(url+"/account"))
	want(t, "what needs a login leads to", where(), url+"/login?next=%2Faccount")
	press(t, ctx, "#signin")
	want(t, "at the provider", strings.HasPrefix(where(), "http://localhost:"), true)
	before := cookie(t, ctx, "id")
	press(t, ctx, "#as-ann")
	want(t, "back where the visitor wanted", where(), url+"/account")
	want(t, "who", text(t, ctx, "#who"), "Ann Example")
	want(t, "keys of the session", text(t, ctx, "#keys"), "login.state")
	want(t, "another token", before.Value != cookie(t, ctx, "id").Value, true)

	press(t, ctx, "#logout")
	want(t, "after a logout", text(t, ctx, "#who"), "stranger")
	do(t, ctx, chromedp.Navigate(url+"/login"))
	press(t, ctx, "#signin")
	want(t, "complaints", complained(), "")
	press(t, ctx, "#deny")
	want(t, "who does not tell", text(t, ctx, "#failure"), "You're not signed in")
	do(t, ctx, chromedp.Navigate(url))
	want(t, "who does not tell", text(t, ctx, "#who"), "stranger")
}
