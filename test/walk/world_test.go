package walk_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/store/memstore"
)

// world is one walk under way.
type world struct {
	plan      *plan
	raw       *memstore.Store
	procs     []*sessions.Manager
	stores    []*process
	inspector *sessions.Manager // reads the store at once, and without faults
	sealer    *token.Sealer
	began     time.Time
	late      sync.WaitGroup // writes that happen later

	mu      sync.Mutex // guards all below, and every change of the store
	recs    map[string]*record
	order   []*record
	secrets map[string]*secret // by verifier
	minted  []*secret          // the same in order
	jars    []string
	stash   []string // tokens that the thief has
	mine    []string // of these, the anonymous ones that are his own
	claimed map[string]string
	texts   []string // of errors and events
	faults  []violation
	trace   []line
	stats   map[string]int
	failed  []string // places of store operations that failed
}

// violation is a promise that was broken.
type violation struct {
	rule string // names the promise
	text string
}

// line is one line of a trace.
type line struct {
	at     time.Duration
	actor  int
	format string
	args   []any
}

// walk runs a plan and returns what is wrong.
func walk(t *testing.T, p *plan) *world {
	w := &world{plan: p, recs: map[string]*record{}, secrets: map[string]*secret{}, claimed: map[string]string{}, stats: map[string]int{}}
	synctest.Test(t, func(t *testing.T) { w.run(t) })
	return w
}

func (w *world) run(t *testing.T) {
	w.began, w.raw = time.Now(), new(memstore.Store)
	w.jars = make([]string, w.plan.browsers)
	opts := w.plan.opts
	opts.OnEvent = w.event
	for n := range w.plan.procs {
		p := &process{w, n, map[string]time.Time{}}
		m, err := sessions.New(p, opts)
		if err != nil {
			t.Fatal(err)
		}
		w.procs, w.stores = append(w.procs, m), append(w.stores, p)
	}
	opts.EndOnReuse, opts.OnEvent = false, func(context.Context, sessions.Event) {}
	var err error
	if w.inspector, err = sessions.New(w.raw, opts); err != nil {
		t.Fatal(err)
	}
	if keys := w.plan.opts.SigningKeys; keys != nil {
		if w.sealer, err = token.NewSigner(cookieName, [][]byte{keys[0]}); err != nil {
			t.Fatal(err)
		}
	}
	var actors sync.WaitGroup
	for _, s := range w.plan.actors {
		if w.plan.without[fmt.Sprint(s.n)] {
			continue
		}
		a := &actor{script: s, w: w, m: w.procs[s.proc], p: w.stores[s.proc], last: map[string]string{}, epochs: map[string]int{}}
		actors.Go(a.run)
	}
	actors.Wait()
	w.late.Wait()
	time.Sleep(time.Minute + 7) // for replies that are under way
	w.finish()
}

// cookieName is the default, and so the namespace.
const cookieName = "__Host-id"

// verifier returns what the store keeps of a token.
func (w *world) verifier(text string) (string, string) {
	tok, _, ok := w.sealer.Open(text)
	if !ok {
		return "", ""
	}
	v := tok.Verifier(cookieName)
	return string(v[:]), tok.ID()
}

// alive reports whether a session can still be found. It needs w.mu.
func (w *world) alive(rec *record) bool {
	if !rec.live {
		return false
	}
	_, err := w.inspector.Find(background, rec.id)
	return err == nil
}

func (w *world) nameOf(id string) string {
	if rec := w.recs[id]; rec != nil {
		return rec.name
	}
	if id == "" {
		return "all"
	}
	return "a new session"
}

// named is nameOf for callers that do not hold w.mu.
func (w *world) named(id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nameOf(id)
}

// fail notes a violation.
func (w *world) fail(rule, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.faults = append(w.faults, violation{rule, text})
	w.trace = append(w.trace, line{time.Since(w.began), 999, "VIOLATION of %s: %s", []any{rule, text}})
}

// failLocked is fail for callers that do not hold w.mu.
func (w *world) failLocked(rule, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail(rule, format, args...)
}

// logf adds a line to the trace.
func (a *actor) logf(format string, args ...any) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	a.note(format, args...)
}

// note is logf for callers that hold w.mu.
func (a *actor) note(format string, args ...any) {
	now := time.Now()
	if until := a.quiet(); until.After(now) {
		now = until
	}
	a.w.trace = append(a.w.trace, line{now.Sub(a.w.began), a.n, format, args})
}

// quiet returns when the pauses that the library makes at random are over.
func (a *actor) quiet() time.Time {
	until := a.notBefore
	if a.life != nil && a.life.rec != nil && a.p.notBefore[a.life.rec.id].After(until) {
		until = a.p.notBefore[a.life.rec.id]
	}
	return until
}

// event takes what the library tells.
func (w *world) event(ctx context.Context, e sessions.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, fmt.Sprintf("%+v %v", e, e.LogValue()))
	a := actorOf(ctx)
	if a == nil {
		return
	}
	a.told = append(a.told, e.Kind)
	a.note("event %s of %s: %v", e.Kind, w.nameOf(e.ID), e.Err)
}

type actorKey struct{}

func actorOf(ctx context.Context) *actor {
	a, _ := ctx.Value(actorKey{}).(*actor)
	return a
}
