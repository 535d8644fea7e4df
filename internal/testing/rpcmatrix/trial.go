package rpcmatrix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/internal/testing/matrix"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// play is a scenario, its app, and what must hold.
type play struct {
	scenario matrix.Scenario
	layers   []Layer          // the default is Sessions
	opts     sessions.Options // of the managers
	timeout  time.Duration
	run      func(*trial)
}

// trial is one run of a scenario, and gathers what does not hold.
type trial struct {
	ctx    context.Context
	f      Framework
	client Client
	setup  *Setup
	store  *stored

	faults []error
}

// check plays the scenario and returns what did not hold.
func (p play) check(t *testing.T, f Framework, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	st := newStored()
	setup := newSetup(t, st, p.opts)
	setup.Timeout, setup.Layers = p.timeout, p.layers
	if p.layers == nil {
		setup.Layers = []Layer{Sessions}
	}
	setup.addActs()
	tr := &trial{ctx: ctx, f: f, client: f.Start(t, setup), setup: setup, store: st}
	p.run(tr)
	return errors.Join(tr.faults...)
}

func (tr *trial) fail(what string, err error) {
	if err != nil {
		tr.faults = append(tr.faults, fmt.Errorf("%s: %w", what, err))
	}
}

func (tr *trial) want(what, got, want string) {
	if got != want {
		tr.faults = append(tr.faults, fmt.Errorf("%s: got %q, want %q", what, got, want))
	}
}

func (tr *trial) holds(what string, ok bool) {
	if !ok {
		tr.faults = append(tr.faults, errors.New(what))
	}
}

// receive waits for a signal, but not longer than the trial.
func (tr *trial) receive(what string, c <-chan struct{}) {
	select {
	case <-c:
	case <-tr.ctx.Done():
		tr.fail(what, tr.ctx.Err())
	}
}

// stored is a store that fails on demand and tells when it has saved.
type stored struct {
	faultstore.Store
	down     atomic.Value // the names of operations that fail, as in "create save"
	conflict atomic.Bool  // others are always faster
	saved    chan struct{}
}

func newStored() *stored {
	st := &stored{saved: make(chan struct{}, 1)}
	st.down.Store("")
	st.Store.Store = new(memstore.Store)
	st.Fault = func(_ int, op string) faultstore.Fault {
		if strings.Contains(st.down.Load().(string), op) {
			return faultstore.Before
		}
		return faultstore.None
	}
	return st
}

// Save tells that it is over.
func (st *stored) Save(ctx context.Context, r store.Record) error {
	if st.conflict.Load() {
		return store.ErrConflict
	}
	err := st.Store.Save(ctx, r)
	select {
	case st.saved <- struct{}{}:
	default:
	}
	return err
}

// visitor is a client that keeps its token.
type visitor struct {
	tr     *trial
	field  string // in which it sends the token
	prefix string // in front of the token
	second string // the cookie of Setup.Second
	token  string
	header http.Header // of the last response
}

func (tr *trial) visitor() *visitor { return &visitor{tr: tr, field: "Cookie", prefix: "id="} }

// as returns a visitor with a token.
func (tr *trial) as(token string) *visitor {
	v := tr.visitor()
	v.token = token
	return v
}

// known returns a visitor who has been counted once.
func (tr *trial) known() *visitor {
	v := tr.visitor()
	tr.want("the first visit", v.do("count"), "1")
	return v
}

// sent returns the header of the visitor's calls.
func (v *visitor) sent(pairs ...string) http.Header {
	h := http.Header{}
	if v.token != "" {
		h.Set(v.field, v.prefix+v.token)
	}
	if v.second != "" {
		h.Add("Cookie", "second="+v.second)
	}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// keep notes the header of a response, and keeps the token that it brings.
func (v *visitor) keep(h http.Header) {
	v.header = h
	for _, line := range h.Values("Set-Cookie") {
		switch c, err := http.ParseSetCookie(line); {
		case err != nil:
			v.tr.fail("Set-Cookie", err)
		case c.Name == "second":
			v.second = c.Value
		default:
			v.token = c.Value
		}
	}
	if values := h.Values("X-Session-Token"); len(values) > 0 {
		v.token = values[0]
	}
}

// told reports whether the last response said something about the token.
func (v *visitor) told() bool {
	return len(v.header.Values("Set-Cookie"))+len(v.header.Values("X-Session-Token")) > 0
}

// do makes a unary call, and returns the response or the code of the error.
func (v *visitor) do(text string, header ...string) string {
	answer, err := v.call(v.tr.ctx, Do, text, header...)
	return v.tr.result(answer, err)
}

func (v *visitor) call(ctx context.Context, procedure, text string, header ...string) (string, error) {
	answer, h, err := v.tr.client.Call(ctx, procedure, v.sent(header...), text)
	if err == nil || h != nil {
		v.keep(h)
	}
	return answer, err
}

func (tr *trial) result(text string, err error) string {
	if err != nil {
		return tr.client.Code(err).String()
	}
	return text
}

// stream sends all messages and returns all responses, as in "1 2 OK".
func (v *visitor) stream(procedure string, texts ...string) string {
	s := v.begin(procedure, texts...)
	if s == nil {
		return ""
	}
	v.tr.fail("CloseSend", s.CloseSend())
	var all []string
	for {
		text, err := s.Receive()
		if len(all) == 0 {
			v.keep(s.Header())
		}
		if err != nil {
			return strings.Join(append(all, v.tr.ended(err)), " ")
		}
		all = append(all, text)
	}
}

// begin begins a stream with messages.
func (v *visitor) begin(procedure string, texts ...string) Stream {
	s, err := v.tr.client.Stream(v.tr.ctx, procedure, v.sent())
	v.tr.fail("the stream", err)
	if err != nil {
		return nil
	}
	for _, text := range texts {
		if err := s.Send(text); !errors.Is(err, io.EOF) { // the stream has ended, and Receive says why
			v.tr.fail("Send", err)
		}
	}
	return s
}
