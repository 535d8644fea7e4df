package login_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// logged returns what f logs by slog.Default.
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
