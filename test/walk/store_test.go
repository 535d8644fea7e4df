package walk_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/gosessions/sessions/store"
)

var errDown = errors.New("down")

// process is the store as one process sees it: slow, and failing now and then.
// It takes what it does next from the actor in the context, so that a walk
// does not depend on the order of goroutines.
type process struct {
	w *world
	n int
	// notBefore is when the pauses of all requests that have met a conflict on
	// a record are over. The library draws them at random, so nothing happens
	// before. It is guarded by w.mu.
	notBefore map[string]time.Time
}

var (
	_ store.Store   = (*process)(nil)
	_ store.Toucher = (*process)(nil)
	_ store.Lister  = (*process)(nil)
)

// sending is a write on its way to the store.
type sending struct {
	a      *actor
	life   *life
	op, id string
	call   string
	covers []int
	extras []edit
	begun  time.Time // of the call of the library
	fault  string
}

// latency is how long the store takes.
func latency(r *rand.Rand) time.Duration {
	longest := one(r, 20*time.Microsecond, 200*time.Microsecond, time.Millisecond, time.Millisecond, 3*time.Millisecond, 100*time.Millisecond)
	return 1 + time.Duration(r.Int64N(int64(longest)))
}

// fault returns how an operation fails, or "".
func (p *process) fault(a *actor, op string, k int, r *rand.Rand) string {
	plan := p.w.plan
	if r.Float64() < plan.calm {
		return ""
	}
	kinds := []string{"before", "after", "late", "late", "repeat", "hang"}
	if op == "load" || op == "list" {
		kinds = []string{"before", "before", "hang"}
	}
	f := one(r, kinds...)
	if plan.without["faults"] || plan.without[f] || plan.without[op+" "+f] || plan.without[fmt.Sprintf("%d!%d", a.n, k)] {
		return ""
	}
	return f
}

// do carries out one operation, or fails to.
func (p *process) do(ctx context.Context, op, id string, f func() error) error {
	a := actorOf(ctx)
	k := a.storeOps
	a.storeOps++
	r := source(p.w.plan.seed, fmt.Sprint("store", a.n, ".", k))
	send := a.sending(op, id)
	arrived := time.Now()
	deadline, bounded := ctx.Deadline()
	wait := latency(r)
	if until := time.Until(p.quiet(a, op, id)); until > 0 {
		wait += until
	}
	if bounded {
		wait = min(wait, time.Until(deadline))
	}
	time.Sleep(wait)
	if err := ctx.Err(); err != nil || bounded && !time.Now().Before(deadline) {
		a.faults++
		a.faulted[id], a.listFailed = true, a.listFailed || op == "list"
		a.logf("store: %s of %s comes too late", op, p.w.named(id))
		return context.DeadlineExceeded
	}
	send.fault = p.fault(a, op, k, r)
	if send.fault != "" {
		a.faults++
		a.faulted[id], a.listFailed = true, a.listFailed || op == "list"
		p.w.mu.Lock()
		p.w.failed = append(p.w.failed, fmt.Sprintf("%d!%d", a.n, k))
		p.w.mu.Unlock()
	}
	var err error
	switch send.fault {
	case "before":
		a.logf("store: %s of %s fails before (%d!%d)", op, p.w.named(id), a.n, k)
		return errDown
	case "hang":
		a.logf("store: %s of %s hangs (%d!%d)", op, p.w.named(id), a.n, k)
		<-ctx.Done()
		return ctx.Err()
	case "late":
		left := time.Until(deadline) - 1
		after := 1 + time.Duration(r.Int64N(int64(one(r, left/1000, left/100, left/20, left)+1)))
		a.logf("store: %s of %s fails, and happens %v later (%d!%d)", op, p.w.named(id), after, a.n, k)
		if after < left {
			p.w.late.Go(func() {
				time.Sleep(after)
				_ = p.w.effect(send, f)
			})
		}
		return errDown
	case "repeat":
		_ = p.w.effect(send, f)
		time.Sleep(latency(r) / 10)
		err = p.w.effect(send, f)
		a.logf("store: %s of %s was repeated (%d!%d): %v", op, p.w.named(id), a.n, k, err)
	case "after":
		_ = p.w.effect(send, f)
		a.logf("store: the answer is lost (%d!%d)", a.n, k)
		err = errDown
	default:
		err = p.w.effect(send, f)
	}
	if r.IntN(3) == 0 {
		pause := latency(r)
		if bounded {
			pause = min(pause, time.Until(deadline)-1)
		}
		time.Sleep(pause)
	}
	switch {
	case op == "load" && a.conflicts > 1:
		p.hush(a, id)
	case op == "save":
		p.conflict(a, id, errors.Is(err, store.ErrConflict), arrived)
	}
	return err
}

// conflict keeps the longest pause that the library may make now.
func (p *process) conflict(a *actor, id string, yes bool, arrived time.Time) {
	if !yes {
		return
	}
	now := time.Now()
	last := a.lastConflict
	a.lastConflict = now
	if a.conflicts++; a.conflicts > 1 {
		trip := max(now.Sub(arrived), now.Sub(last), 20*time.Microsecond)
		a.longest = min(trip<<min(a.conflicts-2, 6), 500*time.Millisecond)
		p.hush(a, id)
	}
}

// hush lets nothing happen to a record before the pause of an actor is over,
// which may begin now.
func (p *process) hush(a *actor, id string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	a.notBefore = time.Now().Add(a.longest)
	if a.notBefore.After(p.notBefore[id]) {
		p.notBefore[id] = a.notBefore
	}
}

// quiet returns until when an operation has to wait.
func (p *process) quiet(a *actor, op, id string) (until time.Time) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	until = p.notBefore[id]
	if a.life != nil && a.life.rec != nil && p.notBefore[a.life.rec.id].After(until) {
		until = p.notBefore[a.life.rec.id]
	}
	if op != "load" && a.notBefore.After(until) {
		until = a.notBefore
	}
	return until
}

func (p *process) Create(ctx context.Context, r store.Record) error {
	return p.do(ctx, "create", r.ID, func() error { return p.w.raw.Create(background, r) })
}

func (p *process) Load(ctx context.Context, id string) (r store.Record, err error) {
	err = p.do(ctx, "load", id, func() error { r, err = p.w.raw.Load(background, id); return err })
	return r, err
}

func (p *process) Save(ctx context.Context, r store.Record) error {
	return p.do(ctx, "save", r.ID, func() error { return p.w.raw.Save(background, r) })
}

func (p *process) Delete(ctx context.Context, id string) error {
	return p.do(ctx, "delete", id, func() error { return p.w.raw.Delete(background, id) })
}

func (p *process) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return p.do(ctx, "touch", id, func() error { return p.w.raw.Touch(background, id, version, expires) })
}

func (p *process) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if err := p.do(ctx, "list", "", func() error { return nil }); err != nil {
			yield(store.Record{}, err)
			return
		}
		for r, err := range p.w.raw.List(background, subject) {
			if !yield(r, err) {
				return
			}
			if err := p.do(ctx, "list", r.ID, func() error { return nil }); err != nil {
				yield(store.Record{}, err)
				return
			}
		}
	}
}

var background = context.Background()
