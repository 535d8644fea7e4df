package scenario

import (
	"fmt"
	"time"
)

// nobody is the reply to "who" without a session.
const nobody = `200 "" 0`

var lives = []Scenario{
	{"login and change of user give a new token and kill the old", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		b := tr.browser()
		b.do("count")
		id := b.do("id")
		for _, user := range []string{ann, ann, bob, "", ann} { // the same user again, too
			old := b.copy()
			tr.want("login", b.do("login:"+user), "200 hello")
			if b.cookie == old.cookie {
				tr.fail(fmt.Errorf("after a login of %q: the same token", user))
			}
			tr.want("the old token", old.do("who"), nobody)
			tr.want("a write with the old token", old.do("count"), "409 Conflict")
			tr.want("the new token", b.do("who"), fmt.Sprintf("200 %q 1", user))
			tr.want("the id", b.do("id"), id)
		}
	}},
	{"a renewal gives a new token, and the old is good for a while", func(tr *trial) {
		for _, user := range []string{"", tr.subject()} {
			b := tr.browser()
			b.do("count", "login:"+user)
			id, old := b.do("id"), b.copy()
			tr.want("renew", b.do("renew"), "200 renewed")
			if b.cookie == old.cookie {
				tr.fail(fmt.Errorf("after a renewal for %q: the same token", user))
			}
			before := old.cookie
			tr.want("a write with the old token", old.do("count"), "200 2")
			tr.want("a renewal with the old token", old.do("renew"), "200 renewed")
			tr.want("the old token", old.cookie, before)
			tr.want("the new token", b.do("count"), "200 3")
			tr.want("the id", b.do("id"), id)
			tr.want("what the old token shows", old.do("who"), fmt.Sprintf("200 %q 3", user))
		}
	}},
	{"a session that loses its last value stays", func(tr *trial) {
		b := tr.browser()
		b.do("count")
		id, cookie := b.do("id"), b.cookie
		for _, do := range []string{"delete:counter", "clear"} {
			b.do(do)
			tr.want("after "+do, b.do("who"), nobody)
			tr.want("the id after "+do, b.do("id"), id)
			tr.want("count", b.do("count"), "200 1")
			tr.want("the token after "+do, b.cookie, cookie)
		}
	}},
	{"a destroyed session that is used is another", func(tr *trial) {
		b := tr.browser()
		b.do("count", "login:"+tr.subject())
		old := b.copy()
		id := b.do("id")
		tr.want("logout", b.do("logout"), "200 bye")
		tr.want("cookie", b.copy().cookie, "")
		tr.want("the old token", old.do("who"), nobody)
		tr.want("a write with it", old.do("count"), "200 1")
		tr.want("is a session of nobody's", old.do("who"), `200 "" 1`)
		if old.do("id") == id {
			tr.fail(fmt.Errorf("the id of the ended session is used again"))
		}
	}},
	{"a session ends at its time, not before and not after", func(tr *trial) {
		b := tr.browser()
		end := time.Now().Add(time.Second)
		tr.want("set", b.do("count", fmt.Sprint("expire:", end.UnixMilli())), "200 ")
		for alive := true; alive; {
			sent := time.Now()
			reply := b.copy().do("who")
			alive = reply == `200 "" 1`
			switch {
			case !alive && reply != nobody:
				tr.fail(fmt.Errorf("got %q", reply))
			case alive && sent.After(end):
				tr.fail(fmt.Errorf("alive %v after its time", sent.Sub(end)))
				return
			case !alive && time.Now().Before(end.Truncate(time.Millisecond)):
				tr.fail(fmt.Errorf("gone %v before its time", time.Until(end)))
			}
		}
		tr.want("count", b.do("count"), "200 1")
	}},
	{"a session whose time has passed is over", func(tr *trial) {
		b := tr.browser()
		b.do("count")
		old := b.copy()
		b.do(fmt.Sprint("expire:", time.Now().Add(-time.Minute).UnixMilli()))
		tr.want("with the old cookie", old.do("who"), nobody)
	}},
	{"a session of a year is alive", func(tr *trial) {
		b := tr.browser()
		b.do("count")
		b.do(fmt.Sprint("expire:", time.Now().AddDate(1, 0, 0).UnixMilli()))
		tr.want("who", b.do("who"), `200 "" 1`)
		tr.want("count", b.do("count"), "200 2")
	}},
}
