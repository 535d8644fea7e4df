package e2e_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// back presses the browser's back button. It reports whether the page came
// from where the browser keeps whole pages for that, so that nobody was asked
// for it.
func back(t *testing.T, ctx context.Context) (kept bool) {
	t.Helper()
	listening, stop := context.WithCancel(ctx)
	defer stop()
	arrived := make(chan bool, 9)
	loading := false
	err := chromedp.Listen(listening, func(ev any) { // one at a time
		switch e := ev.(type) {
		case *page.EventFrameNavigated:
			if loading = e.Type != page.NavigationTypeBackForwardCacheRestore; !loading {
				arrived <- true
			}
		case *page.EventLoadEventFired:
			if loading {
				arrived <- false
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	history := run(t, ctx, chromedp.NavigationEntries())
	if history.CurrentIndex == 0 {
		t.Fatal("there is no page to go back to")
	}
	_, err = chromedp.Call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case kept := <-arrived:
		return kept
	case <-ctx.Done():
		t.Fatal("the browser does not go back")
		return false
	}
}

// TestBackButtonAfterASignOut goes back from a sign out. Chromium keeps pages
// for the back button even if they are no-store.
func TestBackButtonAfterASignOut(t *testing.T) {
	for name, url := range map[string]string{"https": site(t), "http": example(t, "login", "-db", "memory")} {
		t.Run(name, func(t *testing.T) {
			ctx := chromium(t, hosts)
			do(t, ctx, chromedp.Navigate(url+"/"), chromedp.Navigate(url+"/login"))
			want(t, "a page for everybody is kept", back(t, ctx), true)

			for i, pages := range [][]string{
				nil, // from the page that the login leads to
				{"/devices"},
				{"/account?1", "/devices", "/password", "/account?2"},
			} {
				enter(t, ctx, url+map[bool]string{true: "/signup", false: "/login"}[i == 0], "ann", annsPassword)
				for _, page := range pages {
					do(t, ctx, chromedp.Navigate(url+page))
				}
				if i == 2 {
					t.Logf("back while signed in: kept %v", back(t, ctx))
					want(t, "who", who(t, ctx), "ann")
					do(t, ctx, chromedp.Navigate(url+"/account?3"))
				}
				press(t, ctx, "#signout")
				want(t, "after the sign out", at(t, ctx), "/goodbye")
				for range len(pages) + 2 {
					kept := back(t, ctx)
					if signedIn := who(t, ctx); signedIn != "" {
						t.Errorf("login %d, back to %s: shows the page of %s, kept %v", i, at(t, ctx), signedIn, kept)
					}
				}
			}
		})
	}
}
