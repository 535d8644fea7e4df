package matrix

import (
	"net/http"
	"sync"
)

// users are scenarios of visitors who sign in.
var users = []play{
	{scenario: LoginLogout, layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.known()
		before := v.token()
		tr.want("before", v.get("/me").text(), "200 nobody")
		tr.want("login", v.post("/login").text(), "200 done")
		tr.want("after it", v.get("/me").text(), "200 ann")
		tr.want("Cache-Control of a user's page", v.get("/me").header("Cache-Control"), "no-store")
		tr.holds("the login gives no new token", v.token() != before && v.token() != "")
		tr.want("with the token before", tr.as(before).get("/me").text(), "200 nobody")
		during := v.token()
		tr.want("logout", v.post("/logout").text(), "200 done")
		tr.holds("the browser keeps its cookie after the logout", v.token() == "")
		tr.want("with the token before the logout", tr.as(during).get("/me").text(), "200 nobody")
	}},
	{scenario: CrossSite, layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.visitor()
		r := v.send(tr.ctx, http.MethodPost, "/login", "Sec-Fetch-Site", "cross-site")
		tr.holds("got "+r.text(), r.status() == http.StatusForbidden)
		tr.want("after it", v.get("/me").text(), "200 nobody")
		tr.want("a form of this site", v.send(tr.ctx, http.MethodPost, "/login", "Sec-Fetch-Site", "same-origin").text(), "200 done")
	}},
	{scenario: Renewals, layers: []Layer{Login}, run: func(tr *trial) {
		v := tr.visitor()
		tr.want("login", v.post("/login").text(), "200 done")
		before := v.token()
		replies := make([]string, 20)
		var wg sync.WaitGroup
		for i := range replies {
			wg.Go(func() { replies[i] = v.post("/renew").text() })
		}
		wg.Wait()
		for _, r := range replies {
			tr.want("renewal", r, "200 renewed")
		}
		tr.holds("no new token", v.token() != before)
		tr.want("after them", v.get("/me").text(), "200 ann")
	}},
	{scenario: Everywhere, layers: []Layer{Login}, run: func(tr *trial) {
		one, other := tr.visitor(), tr.visitor()
		for _, v := range []*visitor{one, other} {
			tr.want("login", v.post("/login").text(), "200 done")
			tr.want("after it", v.get("/me").text(), "200 ann")
		}
		tr.want("logout everywhere", one.post("/everywhere").text(), "200 done")
		tr.want("the other one", other.get("/me").text(), "200 nobody")
		tr.want("the one", one.get("/me").text(), "200 nobody")
	}},
}
