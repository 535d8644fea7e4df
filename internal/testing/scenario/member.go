package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// member is a user of package login. Each request carries the member's auth
// hash, so that programs need not share more than their sessions.
type member struct{ name, hash string }

func (m member) UserID() string          { return m.name }
func (m member) SessionAuthHash() []byte { return []byte(m.hash) }

// members is a backend in which every name is a user.
type members struct{}

type hashKey struct{} // context key of the auth hash that the request carries

func (members) Authenticate(ctx context.Context, name string) (member, error) {
	return members{}.User(ctx, name)
}

func (members) User(ctx context.Context, name string) (member, error) {
	hash, _ := ctx.Value(hashKey{}).(string)
	return member{name, hash}, nil
}

// area is the part of the site for members, each of whom may have two sessions.
type area struct {
	auth *login.Manager[member, string]
}

func newArea(m *sessions.Manager) (http.Handler, error) {
	auth, err := login.New(m, members{}, login.Options{
		HashKeys: []sessions.Secret{make([]byte, 32)}, MaxSessions: 2, OnEvent: func(context.Context, login.Event) {},
	})
	if err != nil {
		return nil, err
	}
	return auth.Handler(area{auth}), nil
}

func (a area) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ctx := context.WithValue(r.Context(), hashKey{}, q.Get("hash"))
	verb, arg, _ := strings.Cut(q.Get("do"), ":")
	shown, err := a.step(ctx, verb, arg)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		http.Error(w, err.Error(), http.StatusNotImplemented)
	case err != nil:
		a.auth.Error(w, r, err)
	default:
		_, _ = fmt.Fprint(w, shown)
	}
}

func (a area) step(ctx context.Context, verb, arg string) (string, error) {
	if verb == "signin" {
		name, device, _ := strings.Cut(arg, ":")
		u, err := a.auth.Authenticate(ctx, name)
		if err != nil {
			return "", err
		}
		return "hello", a.auth.Login(ctx, u, login.Details{Device: device})
	}
	u, ok, err := a.auth.User(ctx)
	if err != nil || !ok {
		return "nobody", err
	}
	switch verb {
	case "devices":
		return a.devices(ctx, u)
	case "end": // a device by its description
		devices, err := a.auth.Devices(ctx, u)
		for _, d := range devices {
			if d.Device == arg {
				return "ended", a.auth.Revoke(ctx, u, d.ID)
			}
		}
		return "not found", err
	case "change": // of password
		return "changed", a.auth.ChangeAuthHash(ctx, member{u.name, arg}, func(context.Context) error { return nil })
	case "confirm":
		return "confirmed", a.auth.Confirm(ctx, u)
	case "signout":
		return "bye", a.auth.Logout(ctx)
	}
	return u.name, nil
}

func (a area) devices(ctx context.Context, u member) (string, error) {
	devices, err := a.auth.Devices(ctx, u)
	var names []string
	for _, d := range devices {
		names = append(names, d.Device)
	}
	return strings.Join(sorted(names), " "), err
}

// visit takes one step in the area for members, with the member's present auth
// hash.
func (b *browser) visit(do, hash string) string {
	return b.send(b.tr.ctx, "/members?"+steps([]string{do})+"&hash="+hash, nil)
}

var logins = []Scenario{
	{"a member sees where they are signed in, and ends it from elsewhere", func(tr *trial) {
		name := tr.subject()
		phone, laptop := tr.browser(), tr.browser()
		tr.want("sign in", phone.visit("signin:"+name+":phone", "1"), "200 hello")
		tr.want("sign in", laptop.visit("signin:"+name+":laptop", "1"), "200 hello")
		tr.want("devices", phone.visit("devices", "1"), "200 laptop phone")
		tr.want("end", laptop.visit("end:phone", "1"), "200 ended")
		tr.want("the phone", phone.visit("who", "1"), "200 nobody")
		tr.want("the laptop", laptop.visit("who", "1"), "200 "+name)
		tr.want("devices", laptop.visit("devices", "1"), "200 laptop")
		before := laptop.copy()
		tr.want("sign out", laptop.visit("signout", "1"), "200 bye")
		tr.want("the laptop", laptop.visit("who", "1"), "200 nobody")
		tr.want("its cookie before", before.visit("who", "1"), "200 nobody")
	}},
	{"a new password ends a member's other sessions", func(tr *trial) {
		name := tr.subject()
		phone, laptop := tr.browser(), tr.browser()
		tr.want("sign in", phone.visit("signin:"+name+":phone", "1"), "200 hello")
		tr.want("sign in", laptop.visit("signin:"+name+":laptop", "1"), "200 hello")
		before := laptop.copy()
		tr.want("change", laptop.visit("change:2", "1"), "200 changed")
		tr.want("the laptop, in between", laptop.visit("who", "1"), "200 "+name)
		tr.want("the phone", phone.visit("who", "2"), "200 nobody")
		tr.want("the laptop", laptop.visit("who", "2"), "200 "+name)
		tr.want("its cookie before", before.visit("who", "1"), "200 nobody")
		tr.want("devices", laptop.visit("devices", "2"), "200 laptop")
	}},
	{"a login form that is sent twice signs in twice", func(tr *trial) {
		for _, atOnce := range []bool{false, true} {
			name := tr.subject()
			one := tr.browser()
			one.do("count")
			two, before := one.copy(), one.copy()
			var replies [2]string
			var all sync.WaitGroup
			for i, b := range []*browser{one, two} {
				send := func() { replies[i] = b.visit(fmt.Sprint("signin:", name, ":", i), "1") }
				if atOnce {
					all.Go(send)
				} else {
					send()
				}
			}
			all.Wait()
			for i, b := range []*browser{one, two} {
				tr.want("sign in", replies[i], "200 hello")
				tr.want("its cookie", b.visit("who", "1"), "200 "+name)
			}
			tr.want("devices", one.visit("devices", "1"), "200 0 1")
			tr.want("the cookie before", before.visit("who", "1"), "200 nobody")
		}
	}},
	{"a confirmation ends the token before it", func(tr *trial) {
		name := tr.subject()
		b := tr.browser()
		tr.want("sign in", b.visit("signin:"+name+":phone", "1"), "200 hello")
		before := b.copy()
		tr.want("confirm", b.visit("confirm", "1"), "200 confirmed")
		tr.want("the cookie before", before.visit("who", "1"), "200 nobody")
		tr.want("a sign out by it", before.copy().do("logout"), "409 Conflict")
		tr.want("the cookie", b.visit("who", "1"), "200 "+name)
		tr.want("devices", b.visit("devices", "1"), "200 phone")
	}},
	{"a login beyond the cap ends the oldest", func(tr *trial) {
		name := tr.subject()
		var all []*browser
		for i := range 4 {
			b := tr.browser()
			tr.want("sign in", b.visit(fmt.Sprintf("signin:%s:%d", name, i), "1"), "200 hello")
			all = append(all, b)
		}
		for i, want := range []string{"nobody", "nobody", name, name} {
			tr.want(fmt.Sprint("login ", i), all[i].visit("who", "1"), "200 "+want)
		}
		tr.want("devices", all[3].visit("devices", "1"), "200 2 3")
	}},
}
