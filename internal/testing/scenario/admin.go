package scenario

import (
	"fmt"
	"strings"
)

var admins = []Scenario{
	{"a subject's sessions are listed, and revoked one by one or all", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		var anns []*browser
		var ids []string
		for range 3 {
			b := tr.browser()
			b.do("count", "login:"+ann)
			b.do("renew") // does not list the session twice
			anns = append(anns, b)
			ids = append(ids, b.id())
		}
		other := tr.browser()
		other.do("count", "login:"+bob)
		admin := tr.browser()
		tr.want("list", admin.do("list:"+ann), "200 "+strings.Join(sorted(ids), " "))

		tr.want("revoke", admin.do("revoke:"+ids[0]), "200 revoked")
		tr.want("the revoked one", anns[0].do("who"), nobody)
		tr.want("revoke what is gone", admin.do("revoke:"+ids[0]), "409 Conflict")
		tr.want("list", admin.do("list:"+ann), "200 "+strings.Join(sorted(ids[1:]), " "))

		tr.want("revoke all but one", admin.do("revokeAll:"+ann+":"+ids[2]), "200 revoked")
		tr.want("the revoked one", anns[1].do("who"), nobody)
		tr.want("the spared one", anns[2].do("who"), fmt.Sprintf("200 %q 1", ann))

		anns[2].do("logout")
		tr.want("list", admin.do("list:"+ann), "200 ")
		tr.want("the other user", other.do("who"), fmt.Sprintf("200 %q 1", bob))
		tr.want("the other user's list", admin.do("list:"+bob), "200 "+other.id())
	}},
	{"a session that changes hands changes lists", func(tr *trial) {
		ann, bob := tr.subject(), tr.subject()
		b := tr.browser()
		b.do("count", "login:"+ann)
		b.do("login:" + bob)
		tr.want("the first user's", b.do("list:"+ann), "200 ")
		tr.want("the second user's", b.do("list:"+bob), "200 "+b.id())
	}},
	{"names that differ a little are different users", func(tr *trial) {
		name := tr.subject()
		ids := make(map[string]string)
		for _, subject := range []string{name + "a", name + "A", name + "á", name + "a ", name} {
			b := tr.browser()
			b.do("login:" + subject)
			ids[subject] = b.id()
		}
		for subject, id := range ids {
			tr.want(fmt.Sprintf("list of %q", subject), tr.browser().do("list:"+subject), "200 "+id)
		}
	}},
	{"a session that is revoked under a write stays gone", func(tr *trial) {
		for _, do := range []string{"count", "renew"} {
			b := tr.browser()
			b.do("count", "login:"+tr.subject())
			id := b.id()
			writer := b.copy()
			write := writer.hold(do)
			tr.want("revoke", tr.browser().do("revoke:"+id), "200 revoked")
			write.release()
			tr.want("the writer's cookie", writer.do("who"), nobody)
			tr.want("the old cookie", b.do("who"), nobody)
		}
	}},
}

// id returns the id of the browser's session.
func (b *browser) id() string { return strings.TrimPrefix(b.do("id"), "200 ") }
