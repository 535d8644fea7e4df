package login_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// devices returns the list that a browser is shown, one per line.
func (b *browser) devices(began time.Time) string {
	got := b.post(func(r *http.Request) (string, error) {
		ann, _ := b.a.users.find("ann")
		devices, err := b.a.Devices(r.Context(), ann)
		var lines []string
		for _, d := range devices {
			line := fmt.Sprintf("%s since %v seen %v until %v", d.Device, d.SignedIn.Sub(began), d.LastSeen.Sub(began), d.Expires.Sub(began))
			if d.Current {
				line = "* " + line
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n"), err
	})
	return strings.TrimPrefix(got, "200 ")
}

// id returns the id of a browser's session.
func (b *browser) id() string {
	return strings.TrimPrefix(b.post(func(r *http.Request) (string, error) {
		s, err := b.a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		return s.ID(), nil
	}), "200 ")
}

func TestDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{})
		began := time.Now()
		phone, laptop, tablet := a.browser(), a.browser(), a.browser()
		phone.set("cart", "tea")
		time.Sleep(time.Minute)
		phone.signIn("ann", login.Details{Device: "phone", Remember: true})
		a.browser().signIn("bob", login.Details{Device: "bob's"})
		time.Sleep(time.Minute)
		laptop.signIn("ann", login.Details{Device: "laptop"})
		tablet.signIn("ann", login.Details{Device: "tablet"})
		time.Sleep(30 * time.Minute)
		want(t, "tablet", tablet.who(), "ann")
		time.Sleep(time.Minute)
		want(t, "devices", laptop.devices(began), strings.Join([]string{
			"* laptop since 2m0s seen 33m0s until 1h2m0s",
			"tablet since 2m0s seen 32m0s until 1h32m0s",
			"phone since 1m0s seen 1m0s until 720h1m0s",
		}, "\n"))
		want(t, "devices, asked by nobody", strings.Contains(a.browser().devices(began), "*"), false)
		ann, _ := a.users.find("ann")
		devices, err := a.Devices(t.Context(), ann)
		wantErr(t, "Devices outside of a request", err, nil)
		want(t, "devices", len(devices), 3)
		ann.Password = "new"
		a.users.set("ann", ann)
		want(t, "devices once the password has changed", laptop.devices(began), "200")
	})
}

func TestDeviceIsText(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	want(t, "login", b.signIn("ann", login.Details{Device: "\xff" + strings.Repeat("ü", 1000)}), "200 hello ann")
	ann, _ := a.users.find("ann")
	devices, err := a.Devices(t.Context(), ann)
	wantErr(t, "Devices", err, nil)
	want(t, "device", devices[0].Device, strings.Repeat("ü", 200))
}

func TestRevoke(t *testing.T) {
	a := newApp(t, login.Options{})
	phone, laptop, bob := a.browser(), a.browser(), a.browser()
	annSignedIn(phone)
	annSignedIn(laptop)
	bob.signIn("bob", login.Details{})
	a.told()
	revoke := func(b *browser, id string) string {
		return b.post(func(r *http.Request) (string, error) {
			u, _, err := a.User(r.Context())
			if err != nil {
				return "", err
			}
			if err := a.Revoke(r.Context(), u, id); !errors.Is(err, sessions.ErrNotFound) {
				return "revoked", err
			}
			return "not found", nil
		})
	}
	phoneID := phone.id()
	want(t, "somebody else's", revoke(bob, phoneID), "200 not found")
	want(t, "none", revoke(laptop, ""), "200 not found")
	want(t, "unknown", revoke(laptop, strings.Repeat("0", 26)), "200 not found")
	want(t, "rubbish", revoke(laptop, "' OR 1=1--"), "200 not found")
	want(t, "phone", phone.who(), "ann")
	want(t, "hers", revoke(laptop, phoneID), "200 revoked")
	want(t, "phone after it", phone.who(), "nobody")
	want(t, "again", revoke(laptop, phoneID), "200 not found")
	want(t, "laptop", laptop.who(), "ann")
	want(t, "this one", revoke(laptop, laptop.id()), "200 revoked")
	want(t, "laptop after it", laptop.who(), "nobody")
	want(t, "the laptop's cookie", laptop.token(), "")
	want(t, "bob", bob.who(), "bob")
	want(t, "events", a.told(), "revoked:ann logout:ann")
}

// TestTextThatIsNoIDIsNotLookedUp: a store need not cope with what a form
// sends.
func TestTextThatIsNoIDIsNotLookedUp(t *testing.T) {
	a := newApp(t, login.Options{})
	for _, id := range []string{"", "x", "\x00", strings.Repeat("\xff", 26), strings.Repeat("x", 5000), strings.Repeat("U", 26), strings.Repeat("8", 26)} {
		wantErr(t, id, a.Revoke(t.Context(), a.ann(), id), sessions.ErrNotFound)
	}
	want(t, "operations", a.store.Ops(), "")
}

// TestStoreThatCannotListCanRevoke one session.
func TestStoreThatCannotListCanRevoke(t *testing.T) {
	m, err := sessions.New(brief{new(memstore.Store)}, sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	b := &users{known: map[string]user{"ann": {Name: "ann", Password: "ann's"}}}
	l, err := login.New(m, b, login.Options{HashKeys: []sessions.Secret{key1}})
	wantErr(t, "New", err, nil)
	a := &app{Manager: l, t: t, sessions: m, users: b}
	phone := a.browser()
	annSignedIn(phone)
	wantErr(t, "Revoke", a.Revoke(t.Context(), a.ann(), phone.id()), nil)
	want(t, "phone", phone.who(), "nobody")
}

// TestDeviceKeepsItsID for the session's whole life, so that a page that was
// shown before still has the right buttons.
func TestDeviceKeepsItsID(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	id := b.id()
	for _, step := range []struct {
		name string
		do   func() string
	}{
		{"renewal", b.renew},
		{"second login", func() string { return b.signIn("ann", login.Details{}) }},
		{"confirmation", func() string {
			return b.post(func(r *http.Request) (string, error) { return "", a.Confirm(r.Context(), a.ann()) })
		}},
		{"change of password", func() string { return b.changePassword(true) }},
	} {
		token := b.token()
		want(t, step.name, step.do()[:3], "200")
		want(t, step.name+": another token", b.token() != token, true)
		want(t, step.name+": id", b.id(), id)
	}
	wantErr(t, "Revoke", a.Revoke(t.Context(), a.ann(), id), nil)
	want(t, "who", b.who(), "nobody")
}

// TestRecordThatCannotBeRead is nobody's device, and in nobody's way.
func TestRecordThatCannotBeRead(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 2})
	phone, laptop := a.browser(), a.browser()
	annSignedIn(phone)
	wantErr(t, "Create", a.store.Create(t.Context(), store.Record{
		ID: strings.Repeat("0", 26), Subject: "ann", Expires: time.Now().Add(time.Hour), Data: []byte("rubbish"),
	}), nil)
	annSignedIn(laptop)
	devices, err := a.Devices(t.Context(), a.ann())
	wantErr(t, "Devices", err, nil)
	want(t, "devices", len(devices), 2)
	wantErr(t, "Revoke", a.Revoke(t.Context(), a.ann(), phone.id()), nil)
	want(t, "phone", phone.who(), "nobody")
	wantErr(t, "RevokeAll", a.RevokeAll(t.Context(), a.ann()), nil)
	want(t, "laptop", laptop.who(), "nobody")
}

func TestRevokeMany(t *testing.T) {
	a := newApp(t, login.Options{})
	b := make([]*browser, 4)
	for i := range b {
		b[i] = a.browser()
		annSignedIn(b[i])
	}
	bob := a.browser()
	bob.signIn("bob", login.Details{})
	signedIn := func() (who string) {
		for _, b := range b {
			who += b.who() + " "
		}
		return who + bob.who()
	}
	want(t, "RevokeOthers", b[1].post(func(r *http.Request) (string, error) { return "", a.RevokeOthers(r.Context()) }), "200")
	want(t, "after RevokeOthers", signedIn(), "nobody ann nobody nobody bob")
	want(t, "RevokeOthers by nobody", b[0].post(func(r *http.Request) (string, error) { return "", a.RevokeOthers(r.Context()) }), "401 Unauthorized")
	want(t, "events", strings.HasSuffix(a.told(), "login:bob revoked:ann"), true)
	annSignedIn(b[0])
	all := func(b *browser) string {
		return b.post(func(r *http.Request) (string, error) {
			ann, _ := a.users.find("ann")
			return "", a.RevokeAll(r.Context(), ann)
		})
	}
	want(t, "RevokeAll by herself", all(b[0]), "200")
	want(t, "after RevokeAll", signedIn(), "nobody nobody nobody nobody bob")
	want(t, "her cookie", b[0].token(), "")
	annSignedIn(b[2])
	want(t, "RevokeAll by bob", all(bob), "200")
	want(t, "after RevokeAll", signedIn(), "nobody nobody nobody nobody bob")
}

// TestRevokeAllEndsALoginThatWasFaster: it ends what began before it, also if
// the request's own token has died in the meantime.
func TestRevokeAllEndsALoginThatWasFaster(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	newer := b.copy()
	want(t, "RevokeAll", b.post(func(r *http.Request) (string, error) {
		if _, _, err := a.User(r.Context()); err != nil {
			return "", err
		}
		annSignedIn(newer)
		return "done", a.RevokeAll(r.Context(), a.ann())
	}), "200 done")
	want(t, "who had signed in", newer.who(), "nobody")
	want(t, "sessions", a.countSessions("ann"), 0)
}

func TestLoginBeyondTheCapEndsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{MaxSessions: 2})
		b := make([]*browser, 4)
		for i := range b {
			b[i] = a.browser()
			annSignedIn(b[i])
			time.Sleep(time.Second)
			_ = b[0].who() // being used does not make it younger
		}
		for i, name := range []string{"nobody", "nobody", "ann", "ann"} {
			want(t, fmt.Sprint("login ", i), b[i].who(), name)
		}
		a.told()
		annSignedIn(b[2]) // the same again is no other
		want(t, "events", a.told(), "login:ann")
		b[0].signIn("bob", login.Details{})
		want(t, "sessions", a.countSessions("ann"), 2)
	})
}

func TestParallelLoginsKeepToTheCap(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 3})
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() { want(t, "login", a.browser().signIn("ann", login.Details{}), "200 hello ann") })
	}
	all.Wait()
	want(t, "sessions", a.countSessions("ann"), 3)
}

// TestLoginsBesideEachOtherDoNotEndEachOther: of those that are under way at
// the same time the last stays, whichever looks first.
func TestLoginsBesideEachOtherDoNotEndEachOther(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1})
	first, second := a.browser(), a.browser()
	var began atomic.Bool
	a.store.Hook = func(op, _ string) {
		if op == "list" && began.CompareAndSwap(false, true) {
			want(t, "second login", second.signIn("ann", login.Details{}), "200 hello ann")
		}
	}
	want(t, "first login", first.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "first", first.who(), "nobody")
	want(t, "second", second.who(), "ann")
}

func TestLoginFromTheFutureKeepsNobodyOut(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1})
	ahead, b := a.browser(), a.browser()
	annSignedIn(ahead)
	want(t, "setup", ahead.post(func(r *http.Request) (string, error) {
		s, err := a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		state := sessions.Key[map[string]any]("login.state")
		_, err = state.Update(s, func(st map[string]any) map[string]any { st["since"] = time.Now().Add(time.Hour); return st })
		return "", err
	}), "200")
	want(t, "ahead", ahead.who(), "ann")
	annSignedIn(b)
	want(t, "who signed in last", b.who(), "ann")
	want(t, "who signed in by a clock that is ahead", ahead.who(), "nobody")
}

// TestR62_ClockThatIsAheadBySecondsSparesTheNewest: a login in a process whose
// clock is a little ahead is not taken for the oldest.
func TestR62_ClockThatIsAheadBySecondsSparesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{MaxSessions: 2})
		phone, laptop, tablet := a.browser(), a.browser(), a.browser()
		annSignedIn(phone)
		time.Sleep(30 * time.Minute)
		annSignedIn(laptop)
		laptop.setState("since", time.Now().Add(30*time.Second))
		annSignedIn(tablet)
		want(t, "the phone, which signed in first", phone.who(), "nobody")
		want(t, "the laptop", laptop.who(), "ann")
		want(t, "the tablet, which signed in last", tablet.who(), "ann")
	})
}
