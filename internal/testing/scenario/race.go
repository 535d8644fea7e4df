package scenario

import (
	"fmt"
	"strings"
)

var races = []Scenario{
	{"a logout among writes and renewals is final", func(tr *trial) {
		for round := range 8 {
			b := tr.browser()
			b.do("count")
			if round%2 == 0 {
				b.do("login:" + tr.subject())
			}
			var all []*held
			visitors := []*browser{b.copy()}
			for _, do := range [][]string{{"logout"}, {"count"}, {"set:other:1"}, {"delete:counter"}, {"renew"}, {"set:other:2", "renew"}} {
				c := b.copy()
				visitors = append(visitors, c)
				all = append(all, c.hold(do...))
			}
			for i, reply := range together(all) {
				if !strings.HasPrefix(reply, "200 ") && reply != "409 Conflict" {
					tr.fail(fmt.Errorf("request %d: %q", i, reply))
				}
			}
			for i, c := range visitors {
				tr.want(fmt.Sprint("cookie ", i, " after the logout"), c.do("who"), nobody)
			}
		}
	}},
	{"a write that a logout overtakes is dropped", func(tr *trial) {
		for _, login := range []string{"login:", "login:" + tr.subject()} {
			b := tr.browser()
			b.do("count", login)
			writer := b.copy()
			write := writer.hold("count")
			tr.want("logout", b.copy().do("logout"), "200 bye")
			write.release()
			tr.want("the writer's cookie", writer.do("who"), nobody)
			tr.want("the old cookie", b.do("who"), nobody)
		}
	}},
	{"a logout ends what was written and renewed before it", func(tr *trial) {
		for _, do := range [][]string{{"count"}, {"renew"}, {"count", "renew"}} {
			b := tr.browser()
			b.do("count", "login:"+tr.subject())
			logout := b.copy().hold("logout")
			other := b.copy()
			other.do(do...)
			tr.want("logout", logout.release(), "200 bye")
			tr.want("the other's cookie", other.do("who"), nobody)
			tr.want("the old cookie", b.do("who"), nobody)
		}
	}},
	{"a write during a renewal is kept, and during a login dropped", func(tr *trial) {
		ann := tr.subject()
		for _, tc := range []struct {
			setup, change      string
			newToken, oldToken string
		}{
			{"login:", "renew", `200 "" 2`, `200 "" 2`},
			{"login:" + ann, "renew", fmt.Sprintf("200 %q 2", ann), fmt.Sprintf("200 %q 2", ann)},
			{"login:", "login:" + ann, fmt.Sprintf("200 %q 1", ann), nobody},
			{"login:" + ann, "login:" + ann, fmt.Sprintf("200 %q 1", ann), nobody},
		} {
			b := tr.browser()
			b.do("count", tc.setup)
			write := b.copy().hold("count")
			other := b.copy()
			other.do(tc.change)
			tr.want("the write", write.release(), "200 2")
			tr.want("the new token", other.do("who"), tc.newToken)
			tr.want("the old token", b.do("who"), tc.oldToken)
		}
	}},
	{"a renewal or login keeps what was written before it", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		for do, oldToken := range map[string]string{"renew": fmt.Sprintf("200 %q 3", ann), "login:" + bob: nobody} {
			b := tr.browser()
			b.do("count", "login:"+ann)
			other := b.copy()
			change := other.hold(do)
			tr.want("the write", b.copy().do("count"), "200 2")
			change.release()
			tr.want("the new token", other.do("get:none", "count"), "200 3")
			tr.want("the old token", b.do("who"), oldToken)
		}
	}},
	{"of two renewals at once one is carried out, and both succeed", func(tr *trial) {
		for _, login := range []string{"login:", "login:" + tr.subject()} {
			b := tr.browser()
			b.do("count", login)
			late := b.copy()
			renewal := late.hold("renew")
			first := b.copy()
			tr.want("the first", first.do("renew"), "200 renewed")
			tr.want("the late one", renewal.release(), "200 renewed")
			tr.want("the late one's token", late.cookie, b.cookie)
			tr.want("the new token counts", first.do("count"), "200 2")
			tr.want("the old token counts", late.do("count"), "200 3")
		}
	}},
	{"a login form that is sent twice gives two tokens that work", func(tr *trial) {
		ann := tr.subject()
		b := tr.browser()
		b.do("count")
		visitors := []*browser{b.copy(), b.copy()}
		var all []*held
		for _, c := range visitors {
			all = append(all, c.hold("login:"+ann))
		}
		for _, reply := range together(all) {
			tr.want("login", reply, "200 hello")
		}
		for _, c := range visitors {
			tr.want("its token", c.do("who"), fmt.Sprintf("200 %q 1", ann))
		}
		tr.want("the old token", b.do("who"), nobody)
	}},
	{"many renewals at once give one new token, and all succeed", func(tr *trial) {
		b := tr.browser()
		b.do("count", "login:"+tr.subject())
		var all []*held
		visitors := make([]*browser, 8)
		for i := range visitors {
			visitors[i] = b.copy()
			all = append(all, visitors[i].hold("renew"))
		}
		got := map[string]int{}
		for _, reply := range together(all) {
			got[reply]++
		}
		tr.want("replies", fmt.Sprint(got), fmt.Sprint(map[string]int{"200 renewed": 8}))
		renewed := 0
		for i, c := range visitors {
			if c.cookie != b.cookie {
				renewed++
			}
			tr.want("a token counts", c.do("count"), fmt.Sprint("200 ", i+2))
		}
		tr.want("new tokens", fmt.Sprint(renewed), "1")
	}},
	{"no renewal or login brings back what a logout ended", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		for _, tc := range []struct{ do, reply, who string }{
			{"renew", "409 Conflict", nobody},
			{"login:" + ann, "409 Conflict", nobody},                    // the session was hers before
			{"login:" + bob, "200 hello", fmt.Sprintf("200 %q 0", bob)}, // begins another session
		} {
			b := tr.browser()
			b.do("count", "login:"+ann)
			id, other := b.do("id"), b.copy()
			change := other.hold(tc.do)
			tr.want("logout", b.copy().do("logout"), "200 bye")
			tr.want(tc.do, change.release(), tc.reply)
			tr.want("its token after "+tc.do, other.do("who"), tc.who)
			if other.do("id") == id {
				tr.fail(fmt.Errorf("after %s: the session that ended", tc.do))
			}
			tr.want("the old token", b.do("who"), nobody)
		}
	}},
}
