package scenario

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// inTime is the default of Options.SaveTimeout: a revocation takes no longer,
// whatever else is going on.
const inTime = 5 * time.Second

var revocations = []Scenario{
	{"a revocation among 16 writers holds at once", func(tr *trial) {
		ann := tr.subject()
		b := tr.browser()
		b.do("count", "login:"+ann)
		tr.revokeAmid(b, 16, 3, "count")
		tr.unlisted(ann)
	}},
	{"a client that renews in a loop does not outrun its revocation", func(tr *trial) {
		for range 3 {
			ann := tr.subject()
			b := tr.browser()
			b.do("count", "login:"+ann)
			tr.revokeAmid(b, 1, 3, "renew", "count")
			tr.unlisted(ann)
		}
	}},
	{"a revocation of all ends though logins go on", func(tr *trial) {
		const visitors, each = 4, 3
		ann := tr.subject()
		var called, over atomic.Bool
		var mu sync.Mutex // guards what follows
		var before, all []*browser
		enough := make(chan struct{})
		var loops sync.WaitGroup
		for range visitors {
			loops.Go(func() {
				for n := 1; !over.Load() && tr.ctx.Err() == nil; n++ {
					b := tr.browser()
					tr.want("login", b.do("count", "login:"+ann), "200 hello")
					mu.Lock()
					all = append(all, b)
					if !called.Load() {
						before = append(before, b)
					}
					if len(all) == visitors*each {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		tr.await(enough)
		mu.Lock()
		called.Store(true)
		mu.Unlock()
		tr.revoke("revokeAll:" + ann)
		for i, b := range before {
			tr.want(fmt.Sprint("login ", i, " before the revocation"), b.do("who"), nobody)
		}
		over.Store(true)
		loops.Wait()

		alive := 0
		for _, b := range all {
			switch got := b.do("who"); got {
			case fmt.Sprintf("200 %q 1", ann):
				alive++
			case nobody:
			default:
				tr.fail(fmt.Errorf("a login during the revocation shows %q", got))
			}
		}
		list := strings.Fields(strings.TrimPrefix(tr.browser().do("list:"+ann), "200"))
		tr.want("sessions in the list", fmt.Sprint(len(list)), fmt.Sprint(alive))
		tr.revoke("revokeAll:" + ann)
		tr.want("the list after another revocation", tr.browser().do("list:"+ann), "200 ")
		b := tr.browser()
		b.do("count", "login:"+ann)
		tr.want("a login after it", b.do("who"), fmt.Sprintf("200 %q 1", ann))
	}},
}

// revokeAmid revokes the session of a browser while clients with its cookie
// repeat some steps, each of them from a number of times on. The last step is
// a count. A request that begins after the revocation finds no session.
func (tr *trial) revokeAmid(b *browser, clients, each int, do ...string) {
	id := b.id()
	var revoked atomic.Bool
	var busy, loops sync.WaitGroup
	busy.Add(clients)
	for i := range clients {
		c := b.copy()
		loops.Go(func() {
			n := 0
			defer func() {
				if n < each {
					busy.Done()
				}
			}()
			for tr.ctx.Err() == nil {
				late := revoked.Load()
				reply := c.do(do...)
				switch {
				case reply == "200 1": // in a session of its own
					if n < each {
						tr.fail(fmt.Errorf("client %d lost the session before it was revoked", i))
					}
					return
				case late:
					tr.fail(fmt.Errorf("client %d: %q after the revocation", i, reply))
					return
				case !strings.HasPrefix(reply, "200 ") && reply != "409 Conflict":
					tr.fail(fmt.Errorf("client %d: %q", i, reply))
					return
				}
				if n++; n == each {
					busy.Done()
				}
			}
		})
	}
	busy.Wait()
	tr.revoke("revoke:" + id)
	revoked.Store(true)
	loops.Wait()
	tr.want("the cookie before", b.do("who"), nobody)
	tr.want("revoke what is gone", tr.browser().do("revoke:"+id), "409 Conflict")
}

// revoke takes a step that revokes sessions, in time.
func (tr *trial) revoke(do string) {
	began := time.Now()
	tr.want(do, tr.browser().do(do), "200 revoked")
	if took := time.Since(began); took > inTime {
		tr.fail(fmt.Errorf("%s took %v, longer than %v", do, took, inTime))
	}
}

// unlisted expects that a subject has no sessions, if the store can list them.
func (tr *trial) unlisted(subject string) {
	if got := tr.browser().do("list:" + subject); !strings.HasPrefix(got, "501 ") {
		tr.want("the list", got, "200 ")
	}
}

// await waits for a channel to be closed, while the scenario has time.
func (tr *trial) await(done <-chan struct{}) {
	select {
	case <-done:
	case <-tr.ctx.Done():
		tr.fail(tr.ctx.Err())
	}
}
