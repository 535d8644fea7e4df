package e2e_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// reach presses Tab until an element has the focus, which must be visible.
func reach(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 20 {
		do(t, ctx, chromedp.KeyEvent("\t"))
		if run(t, ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.activeElement.matches(%q)", selector))) {
			want(t, "outline of "+selector, run(t, ctx, chromedp.Evaluate[string]("getComputedStyle(document.activeElement).outlineStyle")), "solid")
			return
		}
	}
	t.Fatalf("no Tab leads to %s", selector)
}

// hit presses a key that loads a page, and waits for the page.
func hit(t *testing.T, ctx context.Context, key string) {
	t.Helper()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(key)); err != nil {
		t.Fatal(err)
	}
}

func TestKeyboardIsEnoughToSignInAndOut(t *testing.T) {
	url := site(t)
	for _, width := range []int64{1280, 390} {
		ctx := chromium(t, hosts)
		name := fmt.Sprint("ann", width)
		do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url))
		reach(t, ctx, `a[href="/signup"]`)
		hit(t, ctx, "\r")
		fill := func(password string) {
			t.Helper()
			reach(t, ctx, "#name")
			do(t, ctx, chromedp.KeyEvent("\b"), chromedp.KeyEvent(name))
			reach(t, ctx, "#password")
			do(t, ctx, chromedp.KeyEvent(password))
			hit(t, ctx, "\r")
		}
		fill("passwordpassword")
		screenshot(t, ctx, fmt.Sprint("weak", width))
		want(t, "weak password", text(t, ctx, "#error")[:36], "The password is too easy to guess: i")
		fill(annsPassword)
		want(t, "after signing up", at(t, ctx), "/account")
		reach(t, ctx, `main a[href="/password"]`)
		hit(t, ctx, "\r")
		reach(t, ctx, "#password")
		do(t, ctx, chromedp.KeyEvent(annsPassword))
		reach(t, ctx, "#new")
		do(t, ctx, chromedp.KeyEvent(newPassword))
		reach(t, ctx, "#submit")
		hit(t, ctx, " ")
		want(t, "notice", text(t, ctx, "#notice"), "Your password is changed. You're signed out on all other devices.")
		reach(t, ctx, "#signout")
		hit(t, ctx, "\r")
		want(t, "after signing out", at(t, ctx), "/goodbye")
	}
}

func TestKeyboardIsEnoughForOAuth2(t *testing.T) {
	url, ctx := example(t, "oauth2"), chromium(t)
	for _, width := range []int64{1280, 390} {
		do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url))
		fits := func(name string) {
			t.Helper()
			want(t, "width of "+name, run(t, ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")), width)
			screenshot(t, ctx, fmt.Sprint("oauth2-", name, width))
		}
		for _, step := range []struct{ page, selector string }{
			{"home", "#account"}, {"login", "#signin"}, {"provider", "#deny"}, {"denied", "#again"}, {"again", "#signin"},
			{"provider2", "#as-ann"}, {"account", "#logout"},
		} {
			fits(step.page)
			reach(t, ctx, step.selector)
			hit(t, ctx, "\r")
		}
		want(t, "who", text(t, ctx, "#who"), "stranger")
	}
}
