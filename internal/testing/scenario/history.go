package scenario

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

var histories = []Scenario{
	{"a random history shows each visitor what a model says", func(tr *trial) {
		rnd := rand.New(rand.NewPCG(1, 2))
		b := tr.browser()
		m := model{values: map[string]string{}}
		for i := range 120 {
			do := m.next(rnd, "", tr.subject)
			b.do(do)
			what := fmt.Sprintf("after step %d, %s", i, do)
			tr.want(what, b.do("who"), fmt.Sprintf("200 %q %d", m.subject, m.count))
			tr.want(what, b.do("keys"), "200 "+m.keys())
			key := fmt.Sprint("key-", rnd.IntN(4))
			tr.want(what, b.do("get:"+key), "200 "+m.get(key))
			if tr.err() != nil {
				return
			}
		}
	}},
	{"a random history of parallel visitors of one session loses nothing", func(tr *trial) {
		const clients, each = 6, 20
		b := tr.browser()
		b.do("count", "login:"+tr.subject())
		counts := make([]int, clients)
		var wg sync.WaitGroup
		for i := range clients {
			rnd := rand.New(rand.NewPCG(uint64(i), 3))
			c := b.copy()
			wg.Go(func() { // keys of its own, so that it knows what they hold
				m := model{values: map[string]string{}}
				prefix := fmt.Sprintf("client-%d-", i)
				for step := range each {
					do := m.next(rnd, prefix, nil)
					c.do(do)
					key := prefix + fmt.Sprint("key-", rnd.IntN(4))
					tr.want(fmt.Sprintf("client %d after step %d, %s: %s", i, step, do, key), c.do("get:"+key), "200 "+m.get(key))
				}
				counts[i] = m.count
			})
		}
		wg.Wait()
		total := 1
		for _, n := range counts {
			total += n
		}
		tr.want("counter", b.do("count"), fmt.Sprint("200 ", total+1))
	}},
}

// model is a session as it should be.
type model struct {
	subject string
	count   int
	values  map[string]string
}

// next makes a random step in the model and returns it. Without subjects it
// makes none that concerns more than its own keys and the counter.
func (m *model) next(rnd *rand.Rand, prefix string, subjects func() string) string {
	key := fmt.Sprint(prefix, "key-", rnd.IntN(4))
	kinds := 3
	if subjects != nil {
		kinds = 9
	}
	switch rnd.IntN(kinds) {
	case 0:
		m.count++
		return "count"
	case 1:
		delete(m.values, key)
		return "delete:" + key
	case 3:
		m.subject = subjects()
		return "login:" + m.subject
	case 4:
		return "renew"
	case 5:
		if rnd.IntN(4) == 0 {
			*m = model{values: map[string]string{}}
			return "logout"
		}
	case 6:
		if rnd.IntN(4) == 0 {
			m.count, m.values = 0, map[string]string{}
			return "clear"
		}
	}
	m.values[key] = fmt.Sprint(rnd.Uint32())
	return "set:" + key + ":" + m.values[key]
}

func (m *model) get(key string) string {
	if v, ok := m.values[key]; ok {
		return v
	}
	return "-"
}

func (m *model) keys() string {
	all := map[string]bool{}
	for key := range m.values {
		all[key] = true
	}
	if m.count > 0 {
		all["counter"] = true
	}
	return keysOf(all)
}
