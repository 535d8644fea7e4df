package test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestR16_UnknownTokenIsNeverAdopted(t *testing.T) {
	elsewhere := newApp(t, sessions.Options{})
	stranger := elsewhere.browser(count)
	stranger.get()
	sent := stranger.token()
	sentID := elsewhere.id(sent)

	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.cookies["__Host-id"] = sent
	want(t, "reply", b.get(), "200 1")
	want(t, "store calls", a.store.Ops(), "load create")
	if b.token() == sent || a.id(b.token()) == "" || a.id(b.token()) == sentID {
		t.Errorf("token %s, id %s: not new", b.token(), a.id(b.token()))
	}
	if _, err := a.store.Store.Load(context.Background(), sentID); err == nil {
		t.Error("there is a record under the id that the client sent")
	}
	want(t, "records", a.kept(), 1)
	want(t, "events", a.kinds(), "expired created")
}

// crowded is a store in which the next ids are taken.
type crowded struct {
	*memstore.Store
	taken int
}

func (c *crowded) Create(ctx context.Context, r store.Record) error {
	if c.taken > 0 {
		c.taken--
		return store.ErrExists
	}
	return c.Store.Create(ctx, r)
}

func TestR17_CollidingIDIsTriedAgainThreeTimes(t *testing.T) {
	for taken := range 6 {
		a := newApp(t, sessions.Options{})
		a.store.Store = &crowded{Store: new(memstore.Store), taken: taken}
		b := a.browser(count)
		resp := b.do(httptest.NewRequest("GET", "/", nil))
		what := fmt.Sprintf("%d ids taken", taken)
		want(t, what+": creates", strings.Count(a.store.Ops(), "create"), min(taken, 3)+1)
		if taken > 3 {
			wantDown(t, what, resp)
			want(t, what+": events", a.kinds(), "unavailable")
			continue
		}
		want(t, what, text(resp), "200 1")
		want(t, what+": next", b.with(a, read).get(), "200 1")
	}
}

// dry is a random source with nothing to give.
type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

func TestR1_NoRandomnessNoSession(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	old := b.token()
	a.store.Ops()
	was := rand.Reader
	rand.Reader = dry{}
	defer func() { rand.Reader = was }()
	wantDown(t, "a first write", a.browser(count).visit(a, count))
	want(t, "store calls", a.store.Ops(), "")
	wantDown(t, "a login", b.visit(a, signIn("ann")))
	want(t, "store calls", a.store.Ops(), "load")
	want(t, "the session", a.see(old), `200 "" 1`)
}
