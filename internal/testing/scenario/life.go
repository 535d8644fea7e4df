package scenario

import (
	"fmt"
	"time"
)

// nobody is what whoever has no session sees of "who".
const nobody = `200 "" 0`

var lives = []Scenario{
	{"login and change of user give a new token and kill the old", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		b := tr.browser()
		b.do("count")
		for _, step := range []struct{ do, who string }{
			{"login:" + ann, ann}, {"login:" + bob, bob}, {"renew", bob}, {"login:", ""}, {"renew", ""},
		} {
			old := b.copy()
			before := b.do("id")
			b.do(step.do)
			if b.do("id") == before || b.copy().cookie == old.cookie {
				tr.fail(fmt.Errorf("after %s: the same id or token", step.do))
			}
			tr.want("the old token", old.do("who"), nobody)
			tr.want("the new token", b.do("who"), fmt.Sprintf("200 %q 1", step.who))
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
