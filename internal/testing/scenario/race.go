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
	{"a write during a renewal follows it if the user is the same", func(tr *trial) {
		ann := tr.subject()
		for _, tc := range []struct {
			setup, renewal string
			after          string
		}{
			{"login:", "renew", `200 "" 1`},
			{"login:", "login:" + ann, fmt.Sprintf("200 %q 1", ann)},
			{"login:" + ann, "renew", fmt.Sprintf("200 %q 2", ann)},
		} {
			b := tr.browser()
			b.do("count", tc.setup)
			write := b.copy().hold("count")
			renewer := b.copy()
			renewer.do(tc.renewal)
			tr.want("the write", write.release(), "200 2")
			tr.want("the new token", renewer.do("who"), tc.after)
			tr.want("the old token", b.do("who"), nobody)
		}
	}},
	{"a renewal keeps what was written before it", func(tr *trial) {
		for _, do := range []string{"renew", "login:" + tr.subject()} {
			b := tr.browser()
			b.do("count", "login:"+tr.subject())
			renewer := b.copy()
			renewal := renewer.hold(do)
			tr.want("the write", b.copy().do("count"), "200 2")
			renewal.release()
			tr.want("the new token", renewer.do("get:none", "count"), "200 3")
			tr.want("the old token", b.do("who"), nobody)
		}
	}},
	{"of two renewals at once one is carried out", func(tr *trial) {
		for _, login := range []string{"login:", "login:" + tr.subject()} {
			b := tr.browser()
			b.do("count", login)
			late := b.copy().hold("renew")
			first := b.copy()
			tr.want("the first", first.do("renew"), "200 renewed")
			tr.want("the late one", late.release(), "409 Conflict")
			tr.want("the old token", b.do("who"), nobody)
			tr.want("the new token counts", first.do("count"), "200 2")
		}
	}},
	{"many renewals at once leave one token", func(tr *trial) {
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
		tr.want("replies", fmt.Sprint(got), fmt.Sprint(map[string]int{"200 renewed": 1, "409 Conflict": 7}))
		alive := 0
		for _, c := range visitors {
			if c.do("who") != nobody {
				alive++
			}
		}
		tr.want("tokens that are alive", fmt.Sprint(alive), "1")
	}},
	{"a renewal does not bring back what a logout ended", func(tr *trial) {
		for _, do := range []string{"renew", "login:" + tr.subject()} {
			b := tr.browser()
			b.do("count", "login:"+tr.subject())
			renewer := b.copy()
			renewal := renewer.hold(do)
			tr.want("logout", b.copy().do("logout"), "200 bye")
			tr.want("the renewal", renewal.release(), "409 Conflict")
			tr.want("its cookie", renewer.do("who"), nobody)
		}
	}},
}
