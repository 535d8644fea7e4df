package login_test

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// stream is a response over a real connection that goes on line by line.
type stream struct {
	*browser // ann's, with the cookie that the stream was opened with
	ticks    chan bool
	lines    *bufio.Reader
}

// open opens a stream as ann, which sends what f returns at each tick.
func (a *app) open(f func(r *http.Request) string) *stream {
	s := &stream{browser: a.browser(), ticks: make(chan bool)}
	annSignedIn(s.browser)
	srv := a.start(func(w http.ResponseWriter, r *http.Request) {
		for {
			_, _ = fmt.Fprintln(w, f(r))
			wantErr(a.t, "Flush", http.NewResponseController(w).Flush(), nil)
			if !<-s.ticks {
				return
			}
		}
	}, false)
	r, err := http.NewRequestWithContext(a.t.Context(), "GET", srv.URL, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-id", Value: s.token()})
	resp, err := srv.Client().Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { close(s.ticks); _ = resp.Body.Close() })
	s.lines = bufio.NewReader(resp.Body)
	return s
}

// next returns the next line.
func (s *stream) next() string {
	line, err := s.lines.ReadString('\n')
	wantErr(s.t(), "read", err, nil)
	return strings.TrimSpace(line)
}

func (s *stream) tick() string {
	s.ticks <- true
	return s.next()
}

// answer spells what User or Fresh returns.
func answer(u user, ok bool, err error) string {
	switch {
	case err != nil:
		return "error"
	case !ok:
		return "nobody"
	}
	return u.Name
}

// happenings are what a stream may miss. They are done in ann's other tab, or
// elsewhere.
var happenings = map[string]struct {
	do   func(t *testing.T, tab *browser)
	want string
}{
	"nothing":       {func(*testing.T, *browser) {}, "ann"},
	"another value": {func(_ *testing.T, tab *browser) { tab.set("cart", "tea") }, "ann"},
	"a renewal":     {func(t *testing.T, tab *browser) { want(t, "renewal", tab.renew(), "200 renewed") }, "ann"},
	"a logout":      {func(t *testing.T, tab *browser) { want(t, "logout", tab.signOut(), "200 bye") }, "nobody"},
	"a confirmation": {func(t *testing.T, tab *browser) {
		want(t, "confirmation", tab.post(func(r *http.Request) (string, error) { return "", tab.a.Confirm(r.Context(), tab.a.ann()) }), "200")
	}, "nobody"},
	"a second login": {func(_ *testing.T, tab *browser) { annSignedIn(tab) }, "nobody"},
	"a login as bob": {func(t *testing.T, tab *browser) {
		want(t, "login", tab.signIn("bob", login.Details{}), "200 hello bob")
	}, "nobody"},
	"a change of password": {func(t *testing.T, tab *browser) { want(t, "change", tab.changePassword(true), "200 changed") }, "nobody"},
	"a change of password elsewhere": {func(t *testing.T, tab *browser) {
		other := tab.a.browser()
		annSignedIn(other)
		want(t, "change", other.changePassword(true), "200 changed")
	}, "nobody"},
	"a revocation": {func(t *testing.T, tab *browser) {
		wantErr(t, "RevokeAll", tab.a.RevokeAll(t.Context(), tab.a.ann()), nil)
	}, "nobody"},
	"the end of the user": {func(_ *testing.T, tab *browser) { tab.a.users.set("ann", user{}) }, "nobody"},
}

func TestStreamThatAsksAfreshLearnsWhatHappens(t *testing.T) {
	for name, test := range happenings {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{})
			s := a.open(func(r *http.Request) string {
				fresh := answer(a.Fresh(r.Context()))
				want(t, "User after Fresh", answer(a.User(r.Context())), fresh)
				return fresh
			})
			tab := s.copy()
			want(t, "at first", s.next(), "ann")
			test.do(t, tab)
			want(t, "then", s.tick(), test.want)
			want(t, "and from then on", s.tick(), test.want)
		})
	}
}

// TestStreamOfWhoIsNobodyStaysNobodys: a login gives another token, which the
// stream has not.
func TestStreamOfWhoIsNobodyStaysNobodys(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	b.set("cart", "tea")
	tab := b.copy()
	want(t, "reply", b.post(func(r *http.Request) (string, error) {
		before := answer(a.Fresh(r.Context()))
		annSignedIn(tab)
		return before + " " + answer(a.Fresh(r.Context())), nil
	}), "200 nobody nobody")
	want(t, "the tab", tab.who(), "ann")
}

func TestFreshAnswerThatCannotBeGivenIsAnError(t *testing.T) {
	a := newApp(t, login.Options{})
	s := a.open(func(r *http.Request) string { return answer(a.Fresh(r.Context())) })
	want(t, "at first", s.next(), "ann")
	a.users.fail(errors.New("no answer"))
	want(t, "without the backend", s.tick(), "error")
	a.users.fail(nil)
	want(t, "with it", s.tick(), "ann")
	_, _, err := a.Fresh(t.Context())
	want(t, "outside of a request", err != nil, true)

	b := a.browser()
	annSignedIn(b)
	want(t, "reply", b.post(func(r *http.Request) (string, error) {
		_, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		a.store.Fault = faultAll()
		_, _, err = a.Fresh(r.Context())
		wantErr(t, "Fresh without the store", err, sessions.ErrUnavailable)
		a.store.Fault = nil
		return answer(a.Fresh(r.Context())), nil
	}), "200 ann")
}

// TestFreshAnswerHasFreshPermissions: those of the user as the backend has them
// now.
func TestFreshAnswerHasFreshPermissions(t *testing.T) {
	a := newApp(t, login.Options{})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	want(t, "reply", b.post(func(r *http.Request) (string, error) {
		may := func() bool {
			ok, err := perms.HasPermission(r.Context(), "read")
			wantErr(t, "HasPermission", err, nil)
			return ok
		}
		want(t, "before", may(), true)
		u := a.ann()
		u.Perms = nil
		a.users.set("ann", u)
		want(t, "in the same request", may(), true)
		want(t, "who", answer(a.Fresh(r.Context())), "ann")
		want(t, "afterwards", may(), false)
		return "", nil
	}), "200")
}

// TestFreshKeepsWhatIsNotSavedYet, and sees its own request's login and logout.
func TestFreshKeepsWhatIsNotSavedYet(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	want(t, "reply", b.post(func(r *http.Request) (string, error) {
		s, err := a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		ctx := r.Context()
		before := answer(a.Fresh(ctx))
		wantErr(t, "Login", a.Login(ctx, a.ann(), login.Details{}), nil)
		wantErr(t, "Set", s.Set("cart", "tea"), nil)
		return before + " " + answer(a.Fresh(ctx)), nil
	}), "200 nobody ann")
	want(t, "cart", b.get("cart"), "tea")
	want(t, "logout", b.post(func(r *http.Request) (string, error) {
		wantErr(t, "Logout", a.Logout(r.Context()), nil)
		return answer(a.Fresh(r.Context())), nil
	}), "200 nobody")
}

// TestStreamOnAStolenTokenFollowsNothing reads its session again every now and
// then, and tries to write into it. From ann's next change of privilege on it
// reads nothing new and writes nothing, also when it does not look at errors.
func TestStreamOnAStolenTokenFollowsNothing(t *testing.T) {
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			a := newApp(t, login.Options{})
			key := sessions.Key[string]("letter")
			lines := 0
			s := a.open(func(r *http.Request) string {
				lines++
				ss, err := a.sessions.Load(r.Context())
				wantErr(t, "Load", err, nil)
				reload := ss.Reload(r.Context())
				letter, _ := key.Get(ss)
				_ = ss.Set("note", fmt.Sprint("planted ", lines))
				save := ss.Save(r.Context())
				return fmt.Sprintf("reads %q, reload %t, save %t", letter, errors.Is(reload, sessions.ErrNotFound), errors.Is(save, sessions.ErrNotFound))
			})
			ann := s.copy()
			want(t, "at first", s.next(), `reads "", reload false, save false`)
			ann.set("letter", "one")
			want(t, "while the token is good", s.tick(), `reads "one", reload false, save false`)
			want(t, "what it writes", ann.get("note"), "planted 2")
			want(t, "change", change.do(ann), change.want)
			ann.set("letter", "two")
			for range 3 {
				line := s.tick()
				want(t, line, strings.HasSuffix(line, "reload true, save true"), true)
				want(t, "reads what is new: "+line, strings.Contains(line, "two"), false)
			}
			want(t, "what it writes then", ann.get("note"), "planted 2")
			want(t, "who ann is", ann.who(), "ann")
			want(t, "sessions", a.countSessions("ann"), 1)
		})
	}
}
