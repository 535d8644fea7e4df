package login_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const full = "409 You are signed in on as many devices as allowed. Sign out on one of them, then sign in again."

// TestR116_LoginBeyondTheCapIsRefused: whoever is signed in stays so, and the
// visitor who is refused keeps what they had, and learns what to do.
func TestR116_LoginBeyondTheCapIsRefused(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 2, RefuseAtMax: true})
	phone, laptop, tablet := a.browser(), a.browser(), a.browser()
	annSignedIn(phone)
	annSignedIn(laptop)
	tablet.set("cart", "tea")
	token := tablet.token()
	a.told()
	want(t, "a third login", tablet.signIn("ann", login.Details{}), full)
	want(t, "events", a.told(), "refused:ann")
	want(t, "the tablet", tablet.who(), "nobody")
	want(t, "its cart", tablet.get("cart"), "tea")
	want(t, "its token", tablet.token(), token)
	want(t, "the phone", phone.who(), "ann")
	want(t, "the laptop", laptop.who(), "ann")
	want(t, "somebody else", tablet.copy().signIn("bob", login.Details{}), "200 hello bob")
	want(t, "the laptop again", laptop.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "sign out", phone.signOut(), "200 bye")
	want(t, "the tablet then", tablet.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "sessions", a.countSessions("ann"), 2)
}

// TestR116_UserMayEndTheOthersAndSignIn, if the application lets them.
func TestR116_UserMayEndTheOthersAndSignIn(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1, RefuseAtMax: true})
	phone, tablet := a.browser(), a.browser()
	annSignedIn(phone)
	want(t, "login", tablet.post(func(r *http.Request) (string, error) {
		wantErr(t, "Login", a.Login(r.Context(), a.ann(), login.Details{}), login.ErrMaxSessions)
		wantErr(t, "RevokeAll", a.RevokeAll(r.Context(), a.ann()), nil)
		return "hello", a.Login(r.Context(), a.ann(), login.Details{})
	}), "200 hello")
	want(t, "the tablet", tablet.who(), "ann")
	want(t, "the phone", phone.who(), "nobody")
}

// TestR116_SessionsThatANewPasswordEndedKeepNobodyOut although their records
// are still there.
func TestR116_SessionsThatANewPasswordEndedKeepNobodyOut(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1, RefuseAtMax: true})
	annSignedIn(a.browser())
	ann := a.ann()
	ann.Perms, ann.Password = nil, "new"
	a.users.set("ann", ann)
	b := a.browser()
	want(t, "login with the new password", b.post(func(r *http.Request) (string, error) {
		return "hello", a.Login(r.Context(), a.ann(), login.Details{})
	}), "200 hello")
	want(t, "who", b.who(), "ann")
}

// TestR116_SessionsThatANewPasswordEndedTakeNoPlace: a login beyond the cap ends
// no session of a user whose other sessions have ended already.
func TestR116_SessionsThatANewPasswordEndedTakeNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{MaxSessions: 2})
		changer, other, third := a.browser(), a.browser(), a.browser()
		annSignedIn(changer)
		time.Sleep(time.Minute)
		annSignedIn(other)
		want(t, "change", changer.changePassword(true), "200 changed")
		time.Sleep(time.Minute)
		want(t, "login with the new password", third.post(func(r *http.Request) (string, error) {
			return "hello", a.Login(r.Context(), a.ann(), login.Details{})
		}), "200 hello")
		want(t, "who has changed the password", changer.who(), "ann")
		want(t, "the third", third.who(), "ann")
	})
}

// TestR116_ParallelLoginsNeverExceedTheCap: rather is one of them refused that
// would have had room.
func TestR116_ParallelLoginsNeverExceedTheCap(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 3, RefuseAtMax: true})
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			b := a.browser()
			switch got := b.signIn("ann", login.Details{}); got {
			case "200 hello ann":
				want(t, "who was let in", b.who(), "ann")
			case full:
				want(t, "who was refused", b.who(), "nobody")
			default:
				t.Error(got)
			}
		})
	}
	all.Wait()
	n := a.countSessions("ann")
	want(t, fmt.Sprint(n, " sessions are at most 3"), n <= 3, true)
	for range 3 - n {
		annSignedIn(a.browser())
	}
	want(t, "one more", a.browser().signIn("ann", login.Details{}), full)
}

// TestR116_LoginThatWasFasterIsSeen although it came after the first look.
func TestR116_LoginThatWasFasterIsSeen(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 1, RefuseAtMax: true})
	slow, fast := a.browser(), a.browser()
	slow.set("cart", "tea")
	a.onSave(func() { annSignedIn(fast) })
	want(t, "the slower one", slow.signIn("ann", login.Details{}), full)
	want(t, "who is slower", slow.who(), "nobody")
	want(t, "who is faster", fast.who(), "ann")
	want(t, "sessions", a.countSessions("ann"), 1)
}

func TestR116_RefusingNeedsACap(t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	_, err = login.New(m, new(users), login.Options{HashKeys: []sessions.Secret{key1}, RefuseAtMax: true})
	want(t, "the error says so", err != nil && strings.Contains(err.Error(), "RefuseAtMax needs MaxSessions"), true)
}
