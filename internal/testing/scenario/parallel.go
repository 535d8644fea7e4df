package scenario

import (
	"fmt"
	"strings"
)

var parallels = []Scenario{
	{"parallel requests keep each other's keys", func(tr *trial) {
		const n = 24
		b := tr.browser()
		b.do("count")
		var all []*held
		for i := range n {
			all = append(all, b.copy().hold(fmt.Sprintf("set:key-%02d:%d", i, i)))
		}
		for i, reply := range together(all) {
			tr.want(fmt.Sprint("request ", i), reply, "200 ")
		}
		keys := []string{"counter"}
		for i := range n {
			key := fmt.Sprintf("key-%02d", i)
			keys = append(keys, key)
			tr.want(key, b.do("get:"+key), fmt.Sprint("200 ", i))
		}
		tr.want("keys", b.do("keys"), "200 "+strings.Join(keys, " "))
	}},
	{"parallel updates all count", func(tr *trial) {
		const clients, each = 16, 6
		b := tr.browser()
		b.do("count")
		for range each { // all begin with the same record
			var all []*held
			for range clients {
				all = append(all, b.copy().hold("count"))
			}
			for _, reply := range together(all) {
				if !strings.HasPrefix(reply, "200 ") {
					tr.fail(fmt.Errorf("an update: %q", reply))
				}
			}
		}
		tr.want("counter", b.do("who"), fmt.Sprintf(`200 "" %d`, clients*each+1))
	}},
	{"a hundred updates at once all count", func(tr *trial) {
		const n = 100
		b := tr.browser()
		b.do("count")
		var all []*held
		for range n {
			all = append(all, b.copy().hold("count"))
		}
		for i, reply := range together(all) {
			if !strings.HasPrefix(reply, "200 ") {
				tr.fail(fmt.Errorf("update %d: %q", i, reply))
			}
		}
		tr.want("counter", b.do("who"), fmt.Sprintf(`200 "" %d`, n+1))
	}},
	{"one of parallel claims gets the value", func(tr *trial) { claims(tr, "count", "set:nonce:once") }},
	{"one of parallel claims of the only value gets it", func(tr *trial) { claims(tr, "set:nonce:once") }},
	{"parallel first visits get sessions of their own", func(tr *trial) {
		const n = 16
		all := make([]*held, n)
		visitors := make([]*browser, n)
		for i := range all {
			visitors[i] = tr.browser()
			all[i] = visitors[i].hold(fmt.Sprint("set:mine:", i))
		}
		for i, reply := range together(all) {
			tr.want(fmt.Sprint("visitor ", i), reply, "200 ")
			tr.want("what is theirs", visitors[i].do("get:mine"), fmt.Sprint("200 ", i))
		}
	}},
}

func claims(tr *trial, setup ...string) {
	b := tr.browser()
	b.do(setup...)
	id := b.do("id")
	var all []*held
	for range 16 {
		all = append(all, b.copy().hold("claim:nonce"))
	}
	got := map[string]int{}
	for _, reply := range together(all) {
		got[reply]++
	}
	tr.want("replies", fmt.Sprint(got), fmt.Sprint(map[string]int{"200 once": 1, "200 -": 15}))
	tr.want("a late claim", b.do("claim:nonce"), "200 -")
	tr.want("the id", b.do("id"), id)
}
