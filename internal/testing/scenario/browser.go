package scenario

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
)

// trial is one run of a scenario, and gathers what does not hold.
type trial struct {
	ctx    context.Context
	urls   []string // of the servers, which requests take in turn
	turn   atomic.Uint64
	client *http.Client

	mu     sync.Mutex
	faults []error
}

func newTrial(ctx context.Context, urls []string) *trial {
	return &trial{ctx: ctx, urls: urls, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

func (tr *trial) close() { tr.client.CloseIdleConnections() }

func (tr *trial) fail(err error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.faults) < 10 { // enough to see what is wrong
		tr.faults = append(tr.faults, err)
	}
}

func (tr *trial) err() error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return errors.Join(tr.faults...)
}

func (tr *trial) want(what, got, want string) {
	switch {
	case strings.HasPrefix(got, "501 "):
		tr.fail(errors.ErrUnsupported)
	case got != want:
		tr.fail(fmt.Errorf("%s: got %q, want %q", what, got, want))
	}
}

// subject returns a user that no other test has.
func (tr *trial) subject() string { return "scenario-" + rand.Text() }

// browser is a visitor with a cookie.
type browser struct {
	tr *trial

	mu     sync.Mutex
	cookie string // name=value, "" for none
}

func (tr *trial) browser() *browser { return &browser{tr: tr} }

// copy returns a browser with the same cookie.
func (b *browser) copy() *browser {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &browser{tr: b.tr, cookie: b.cookie}
}

// do sends a request with steps and returns "status body".
func (b *browser) do(do ...string) string { return b.send(b.tr.ctx, "/?"+steps(do), nil) }

// held is a request whose handler has loaded the session and waits.
type held struct {
	loaded chan struct{}
	body   *io.PipeWriter
	reply  chan string
}

// hold sends a request and returns when its handler has loaded the session.
// It takes the steps at release.
func (b *browser) hold(do ...string) *held {
	pr, pw := io.Pipe()
	h := &held{loaded: make(chan struct{}), body: pw, reply: make(chan string, 1)}
	ctx := httptrace.WithClientTrace(b.tr.ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			if code == http.StatusProcessing {
				close(h.loaded)
			}
			return nil
		},
	})
	go func() {
		h.reply <- b.send(ctx, "/?"+steps(append([]string{"wait"}, do...)), pr)
	}()
	select {
	case <-h.loaded:
	case reply := <-h.reply: // it failed before
		h.reply <- reply
	}
	return h
}

// release lets the handler go on and returns the reply.
func (h *held) release() string {
	_ = h.body.Close() // it never fails
	return <-h.reply
}

// together releases all requests at once.
func together(all []*held) []string {
	replies := make([]string, len(all))
	var wg sync.WaitGroup
	for i, h := range all {
		wg.Go(func() { replies[i] = h.release() })
	}
	wg.Wait()
	return replies
}

func (b *browser) send(ctx context.Context, path string, body io.Reader) string {
	tr := b.tr
	url := tr.urls[tr.turn.Add(1)%uint64(len(tr.urls))] + path
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body) // the client repeats no POST
	if err != nil {
		return err.Error()
	}
	b.mu.Lock()
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	b.mu.Unlock()
	resp, err := tr.client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range resp.Cookies() {
		if b.cookie = ""; c.MaxAge >= 0 {
			b.cookie = c.Name + "=" + c.Value
		}
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, strings.TrimSuffix(string(text), "\n"))
}
