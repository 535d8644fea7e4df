package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
)

// workload is one thing that is measured at every site that can do it.
type workload struct {
	group    string
	name     string
	x        int // where it stands in a plot of growth
	does     action
	stranger bool // comes without a cookie
	content  content
	sessions int // that exist; 1 unless said
	cores    int // 0: one visitor, else visitors on so many cores
	gogc     int // the garbage collector's percent; 0: as it is
	clients  int // how many visitors at once; 0: one for each core
	wire     bool
	in       []site // where it is measured; nil: at all sites that keep sessions in memory
}

// Groups of workloads.
const (
	alone     = "one visitor"
	crowd     = "visitors in parallel, 10,000 sessions"
	loopback  = "over a loopback connection"
	byKeys    = "keys of 100 bytes"
	bySize    = "bytes in one key"
	bySizeSet = "bytes in one key, written"
	byCount   = "sessions in the store"
)

// clients is how many visitors come to an SQL database at once.
const clients = 16

// small is the session of most workloads: the counter.
var small = newContent(0, 1)

func workloads() []workload {
	withProfile, withUser := small, small
	withProfile.profile, withUser.user = true, true
	all := []workload{
		{name: "untouched, cookie present", does: greet},
		{name: "no cookie", does: readInt, stranger: true},
		{name: "read one int", does: readInt},
		{name: "increment", does: increment},
		{name: "read one key of fifty", does: readKey, content: newContent(50, 200)},
		{name: "write one key of fifty", does: writeKey, content: newContent(50, 200)},
		{name: "struct changed", does: visit, content: withProfile},
		{name: "new session", does: begin, stranger: true},
		{name: "renew", does: renew},
		{name: "login check", does: whoami, content: withUser},
	}
	for i := range all {
		all[i].group = alone
	}
	for _, w := range []workload{{name: "read one int", does: readInt}, {name: "increment", does: increment}} {
		for _, gogc := range []int{100, 400} {
			for cores := 1; cores <= runtime.NumCPU(); cores *= 2 {
				c := w
				c.group, c.sessions, c.cores, c.gogc = crowd, 10_000, cores, gogc
				c.name = fmt.Sprintf("%s, GOGC=%d, cores: %d", w.name, gogc, cores)
				all = append(all, c)
			}
		}
	}
	for _, w := range []workload{{name: "read one int", does: readInt}, {name: "increment", does: increment}} {
		w.group, w.wire = loopback, true
		all = append(all, w)
	}
	grow := func(group string, x int, does action, c content, sessions int) {
		all = append(all, workload{group: group, name: fmt.Sprint(x), x: x, does: does, content: c, sessions: sessions})
	}
	for _, n := range []int{1, 10, 100} {
		grow(byKeys, n, readKey, newContent(n, 100), 1)
	}
	for _, n := range []int{100, 1 << 10, 8 << 10, 60 << 10} {
		grow(bySize, n, readKey, newContent(1, n), 1)
	}
	for _, n := range []int{100, 1 << 10, 8 << 10, 60 << 10} {
		grow(bySizeSet, n, writeKey, newContent(1, n), 1)
	}
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		grow(byCount, n, readInt, small, n)
	}
	return complete(all)
}

// inDatabases are the workloads that are measured at the sites of databases.
func inDatabases(dbs []database) (all []workload) {
	for _, d := range dbs {
		for _, w := range []workload{{name: "read one int", does: readInt}, {name: "increment", does: increment}} {
			w.group, w.in, w.sessions = d.name, d.sites, 1000
			all = append(all, w)
			for _, n := range d.crowds {
				c := w
				c.name, c.cores, c.clients = fmt.Sprintf("%s, %d visitors", w.name, n), runtime.NumCPU(), n
				all = append(all, c)
			}
		}
	}
	return complete(all)
}

// complete fills in what most workloads have.
func complete(all []workload) []workload {
	for i := range all {
		if all[i].content.flips == nil {
			all[i].content = small
		}
		if all[i].in == nil {
			all[i].in = sites
		}
	}
	return all
}

// trial is one workload at one site, ready to be measured again and again.
type trial struct {
	workload
	site    site
	page    page
	cookies []string

	ns            []float64 // by round
	bytes, allocs int64
}

// prepare opens the site and fills its sessions. It returns nil if the site
// cannot do the workload.
func prepare(s site, w workload) *trial {
	if s.most > 0 && w.content.keys*len(w.content.value) > s.most || s.few && w.sessions > 10_000 {
		return nil
	}
	build := s.open()
	t := &trial{site: s, workload: w, page: build(w.does, w.content)}
	filling := build(fill, w.content)
	if t.page == nil || filling == nil {
		return nil
	}
	if w.stranger {
		return t
	}
	for range max(w.sessions, 1) {
		first := newVisitor(filling)
		first.visit()
		t.cookies = append(t.cookies, first.cookie())
		first.leave()
	}
	return t
}

// visitor returns one that has the cookie of the first session, if any.
func (t *trial) visitor() visitor {
	v := newVisitor(t.page)
	if t.wire {
		v = dial(t.page)
	}
	if len(t.cookies) > 0 {
		v.bring(t.cookies[0])
	}
	return v
}

// measure runs the trial once.
func (t *trial) measure() {
	var r testing.BenchmarkResult
	if t.gogc > 0 {
		defer debug.SetGCPercent(debug.SetGCPercent(t.gogc))
	}
	if t.cores > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(t.cores))
		r = testing.Benchmark(t.together)
	} else {
		r = testing.Benchmark(t.one)
	}
	t.ns = append(t.ns, float64(r.T.Nanoseconds())/float64(r.N))
	t.bytes, t.allocs = r.AllocedBytesPerOp(), r.AllocsPerOp()
}

// one measures one visitor.
func (t *trial) one(b *testing.B) {
	v := t.visitor()
	defer v.leave()
	random := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		t.visit(v, random)
	}
}

// visit has a visitor come with one of the cookies, and keep that of a renewed
// session.
func (t *trial) visit(v visitor, random *rand.Rand) {
	if len(t.cookies) > 1 {
		v.bring(t.cookies[random.IntN(len(t.cookies))])
	}
	v.visit()
	if t.does == renew {
		t.cookies[0] = v.cookie()
		v.bring(t.cookies[0])
	}
}

// together measures several visitors at once, who come with the cookies of the
// sessions at random.
func (t *trial) together(b *testing.B) {
	b.ReportAllocs()
	b.SetParallelism(max(t.clients/t.cores, 1))
	b.RunParallel(func(pb *testing.PB) {
		v := t.visitor()
		defer v.leave()
		random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
		for pb.Next() {
			v.bring(t.cookies[random.IntN(len(t.cookies))])
			v.visit()
		}
	})
}
