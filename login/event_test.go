package login_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// logged returns what f logs by [slog.Default].
func logged(t *testing.T, f func()) string {
	var b bytes.Buffer
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	f()
	return b.String()
}

func TestEventIsALogValue(t *testing.T) {
	for want, e := range map[string]login.Event{
		"event.kind=denied": {Kind: login.EventDenied},
		"event.kind=denied event.account=ann event.by=bob event.remote=192.0.2.1:1234 event.pattern=/a": {
			Kind: login.EventDenied, Account: "ann", By: "bob", RemoteAddr: "192.0.2.1:1234", Pattern: "/a"},
		"event.kind=failed event.user=ann event.session=01A event.error=broken": {
			Kind: login.EventFailed, UserID: "ann", SessionID: "01A", Err: errors.New("broken")},
	} {
		if got := logged(t, func() { slog.Info("login", "event", e) }); !strings.HasSuffix(got, " "+want+"\n") {
			t.Errorf("logged %q, want %q", got, want)
		}
	}
}

func TestOnlyFailuresAreLogged(t *testing.T) {
	b := &users{known: map[string]user{"ann": {Name: "ann", Password: "ann's"}}}
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	l, err := login.New(m, b, login.Options{HashKeys: []sessions.Secret{key1}})
	wantErr(t, "New", err, nil)
	ann := (&app{Manager: l, t: t, sessions: m, users: b}).browser()
	want(t, "logged by a login", logged(t, func() { annSignedIn(ann) }), "")
	got := logged(t, func() {
		b.down = errors.New("no answer")
		want(t, "who", ann.who(), "503 Service Unavailable")
	})
	want(t, "logged by a failure", strings.Count(got, "\n") == 1 && strings.Contains(got, "event.kind=failed event.user=ann") &&
		strings.Contains(got, "no answer"), true)
}

// TestObserversMayAskWhoTheVisitorIs gives them no answer, but does not hang.
func TestObserversMayAskWhoTheVisitorIs(t *testing.T) {
	asked := 0
	var l *login.Manager[user, password]
	ask := func(ctx context.Context) {
		if asked++; l == nil {
			return
		}
		if _, _, err := l.User(ctx); err == nil {
			t.Error("an observer is given an answer")
		}
	}
	m, err := sessions.New(new(memstore.Store), sessions.Options{OnEvent: func(ctx context.Context, _ sessions.Event) { ask(ctx) }})
	wantErr(t, "sessions.New", err, nil)
	b := &users{known: map[string]user{"ann": {Name: "ann", Password: "ann's"}}}
	l, err = login.New(m, b, login.Options{HashKeys: []sessions.Secret{key1}, OnEvent: func(ctx context.Context, _ login.Event) { ask(ctx) }})
	wantErr(t, "New", err, nil)
	ann := (&app{Manager: l, t: t, sessions: m, users: b}).browser()
	annSignedIn(ann)
	want(t, "questions at a login", asked, 2)
	b.set("ann", user{})
	old := ann.copy()
	want(t, "who", ann.who(), "nobody")
	want(t, "questions at its end", asked, 4)
	want(t, "who, by the cookie of a session that is over", old.who(), "nobody")
	want(t, "questions about that", asked, 5)
}

func TestDefaultAnswers(t *testing.T) {
	a := newApp(t, login.Options{})
	for err, want := range map[error]string{
		login.ErrCredentials:    "401  Unauthorized",
		login.ErrAnonymous:      "401  Unauthorized",
		login.ErrNotRecent:      "401  Unauthorized",
		login.ErrForbidden:      "403  Forbidden",
		login.ErrBackend:        "503 5 Service Unavailable",
		sessions.ErrUnavailable: "503 5 Service Unavailable",
		sessions.ErrNotFound:    "409  Conflict",
		errors.New("unknown"):   "500  Internal Server Error",
	} {
		w := httptest.NewRecorder()
		a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.Error(w, r, err) })).ServeHTTP(w, get("/"))
		got := strings.TrimSpace(strings.Join([]string{strings.Fields(w.Result().Status)[0], w.Header().Get("Retry-After"), w.Body.String()}, " "))
		if got != want {
			t.Errorf("%v is answered by %q, want %q", err, got, want)
		}
	}
}

// at sends a request from an address to a handler, and returns the events.
func (b *browser) at(address string, h http.Handler, r *http.Request) []login.Event {
	b.a.told()
	r.RemoteAddr = address
	b.send(h, r)
	b.a.mu.Lock()
	defer b.a.mu.Unlock()
	return slices.Clone(b.a.events)
}

// wantEvents compares events, but not the ids of their sessions.
func wantEvents(t *testing.T, what string, got []login.Event, want ...login.Event) {
	t.Helper()
	for i := range got {
		got[i].SessionID = ""
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

const address = "192.0.2.7:51324"

// TestR114_RefusedSignInNamesTheAccountAndTheAddress, so that an operator sees
// whom somebody attacks, and from where.
func TestR114_RefusedSignInNamesTheAccountAndTheAddress(t *testing.T) {
	a := newApp(t, login.Options{})
	ann := a.browser()
	annSignedIn(ann)
	try := func(name string) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = a.Authenticate(r.Context(), password{name, "guess"})
		})
	}
	denied := login.Event{Kind: login.EventDenied, Account: "ann", RemoteAddr: address, Err: login.ErrCredentials}
	wantEvents(t, "a stranger", a.browser().at(address, try("ann"), get("/")), denied)

	known := a.RequireLogin(try("ann"))
	denied.By = "ann"
	wantEvents(t, "somebody at ann's browser", ann.at(address, known, get("/")), denied)

	denied.By = ""
	for typed, account := range map[string]string{
		strings.Repeat("ü", 1000):               strings.Repeat("ü", 200),
		"ann\r\n2026 login ok\x1b[2J\u202e\xff": "ann2026 login ok[2J",
	} {
		denied.Account = account
		wantEvents(t, "what a visitor typed", a.browser().at(address, try(typed), get("/")), denied)
	}

	// What is logged by default names no account.
	a.users.fail(login.ErrBusy)
	wantEvents(t, "in a flood", a.browser().at(address, try("bob"), get("/")),
		login.Event{Kind: login.EventBusy, RemoteAddr: address, Err: login.ErrBusy})
	a.users.fail(errors.New("no answer"))
	wantEvents(t, "without the backend", a.browser().at(address, try("bob"), get("/")),
		login.Event{Kind: login.EventFailed, RemoteAddr: address, Err: login.ErrBackend})
}

// TestR114_EveryEventOfARequestNamesTheAddress.
func TestR114_EveryEventOfARequestNamesTheAddress(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1})
	b := a.browser()
	other := a.browser()
	annSignedIn(other)
	a.users.set("bob", user{})
	got := b.at(address, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		for _, err := range []error{
			a.Login(ctx, a.ann(), login.Details{}), a.Confirm(ctx, a.ann()), a.changeAuthHash(ctx, a.ann()),
			a.RevokeOthers(ctx), a.Logout(ctx),
		} {
			wantErr(t, "step", err, nil)
		}
	}), get("/"))
	var kinds []string
	for _, e := range got {
		kinds = append(kinds, string(e.Kind))
		want(t, string(e.Kind)+": address", e.RemoteAddr, address)
		want(t, string(e.Kind)+": user", e.UserID, "ann")
	}
	want(t, "events", strings.Join(kinds, " "), "evicted login confirmed changed revoked logout")
	annSignedIn(b)
	a.users.set("ann", user{})
	got = b.at(address, a.RequireLogin(http.HandlerFunc(page)), get("/"))
	wantEvents(t, "the end of a user", got, login.Event{Kind: login.EventEnded, UserID: "ann", RemoteAddr: address, Err: login.ErrNoUser})
	a.told()
	wantErr(t, "a job", a.RevokeAll(t.Context(), user{Name: "ann"}), nil)
	wantEvents(t, "a job", a.events, login.Event{Kind: login.EventRevoked, UserID: "ann"})
}

// TestR114_RevocationNamesWhoDidIt: the user themselves, an administrator, or
// nobody, if it was a job.
func TestR114_RevocationNamesWhoDidIt(t *testing.T) {
	a := newApp(t, login.Options{})
	ann, bob := a.browser(), a.browser()
	bob.signIn("bob", login.Details{})
	do := func(f func(ctx context.Context, id string) error) http.Handler {
		elsewhere := a.browser()
		annSignedIn(elsewhere)
		annSignedIn(ann)
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			wantErr(t, "revoke", f(r.Context(), elsewhere.id()), nil)
		})
	}
	one := func(ctx context.Context, id string) error { return a.Revoke(ctx, a.ann(), id) }
	all := func(ctx context.Context, _ string) error { return a.RevokeAll(ctx, a.ann()) }
	others := func(ctx context.Context, _ string) error { return a.RevokeOthers(ctx) }
	revoked := func(by string) login.Event {
		return login.Event{Kind: login.EventRevoked, UserID: "ann", By: by, RemoteAddr: address}
	}
	wantEvents(t, "one, by ann", ann.at(address, do(one), get("/")), revoked("ann"))
	wantEvents(t, "others, by ann", ann.at(address, do(others), get("/")), revoked("ann"))
	wantEvents(t, "all, by ann", ann.at(address, do(all), get("/")),
		login.Event{Kind: login.EventLogout, UserID: "ann", RemoteAddr: address}, revoked("ann"))
	wantEvents(t, "one, by bob", bob.at(address, do(one), get("/")), revoked("bob"))
	wantEvents(t, "all, by bob", bob.at(address, do(all), get("/")), revoked("bob"))
	wantEvents(t, "one, by nobody", a.browser().at(address, do(one), get("/")), revoked(""))
}

// TestR114_RefusedPageIsAnEvent: an operator sees who tries what they may not
// do, and on which route.
func TestR114_RefusedPageIsAnEvent(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login"})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	b.setState("proved", time.Now().Add(-time.Hour))
	mux := http.NewServeMux()
	mux.Handle("GET /admin/{id}", perms.Require("read", "admin")(http.HandlerFunc(page)))
	mux.Handle("GET /sudo", a.RequireRecent(time.Minute)(http.HandlerFunc(page)))
	mux.HandleFunc("GET /own", func(w http.ResponseWriter, r *http.Request) { a.Error(w, r, login.ErrForbidden) })
	for path, e := range map[string]login.Event{
		"/admin/7": {Kind: login.EventForbidden, Pattern: "GET /admin/{id}", Err: login.ErrForbidden},
		"/sudo":    {Kind: login.EventNotRecent, Pattern: "GET /sudo", Err: login.ErrNotRecent},
		"/own":     {Kind: login.EventForbidden, Pattern: "GET /own", Err: login.ErrForbidden},
	} {
		got := b.at(address, mux, get(path))
		want(t, path+": the session", len(got) == 1 && got[0].SessionID == b.id(), true)
		for _, part := range map[string][]string{
			"/admin/7": {"login: forbidden: permission admin is missing"},
			"/sudo":    {"login: not authenticated recently: the last time was 1h0m"},
		}[path] {
			want(t, path+": "+part, len(got) == 1 && strings.HasPrefix(got[0].Err.Error(), part), true)
		}
		e.UserID, e.RemoteAddr = "ann", address
		wantEvents(t, path, got, e)
	}
	wantEvents(t, "nobody", a.browser().at(address, mux, get("/admin/7")))
	b.setState("proved", time.Now().Add(time.Hour))
	got := b.at(address, mux, get("/sudo"))
	want(t, "a clock that is ahead", len(got) == 1 && strings.Contains(got[0].Err.Error(), "in the future by this process's clock; synchronize"), true)
}
