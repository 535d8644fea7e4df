package e2e_test

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// oauth2Example builds and starts the example of OAuth 2.0 with its own
// provider, and returns its address.
func oauth2Example(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "oauth2")
	build := exec.Command("go", "build", "-o", program, "./examples/oauth2")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the example printed %q, error %v", line, err)
	}
	return url
}

// TestSignInByOAuth2InABrowser goes to a provider that is another site to the
// browser, and back: by the form's redirect that the page's policy must allow,
// with the cookie that SameSite=Lax must bring.
func TestSignInByOAuth2InABrowser(t *testing.T) {
	url, ctx := oauth2Example(t), chromium(t)
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
	want(t, "who does not tell", text(t, ctx, "#failure"), "You are not signed in")
	do(t, ctx, chromedp.Navigate(url))
	want(t, "who does not tell", text(t, ctx, "#who"), "stranger")
}
