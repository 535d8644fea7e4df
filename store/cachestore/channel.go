package cachestore

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// Channel carries messages between the processes that share a backend, such
// as LISTEN and NOTIFY of PostgreSQL or the pub/sub of Redis. Messages are at
// most 250 letters, digits, dots, hyphens and underscores. They hold ids,
// which are no credentials.
type Channel interface {
	// Publish sends a message to every process that listens; this one may
	// hear it too. It is called by many goroutines.
	Publish(ctx context.Context, message string) error

	// Listen calls ready once it will receive whatever is published from then
	// on, and then receive for each message. It returns an error as soon as it
	// may have missed one, or when ctx ends. It should notice a connection
	// that is dead, by a ping now and then.
	Listen(ctx context.Context, ready func(), receive func(message string)) error
}

const (
	publishTimeout = 2 * time.Second
	firstWait      = 50 * time.Millisecond // before Listen is tried again
	lastWait       = 5 * time.Second
)

// Listen hears what other processes publish until ctx ends, and returns its
// error: start it with go, once per Store. When the channel breaks, the cache
// is emptied and not used until the channel is back; Listen tries that for as
// long as it takes.
func (s *Store) Listen(ctx context.Context) error {
	if s.opts.Channel == nil {
		return errors.New("cachestore: Listen without Options.Channel")
	}
	if !s.listening.CompareAndSwap(false, true) {
		return errors.New("cachestore: Listen is running already")
	}
	defer s.listening.Store(false)
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := s.opts.Channel.Listen(ctx, func() { wait = firstWait; s.resume() }, s.receive)
		s.pause()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			err = errors.New("it returned without an error")
		}
		s.failed("channel: listen", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Invalidate drops what is cached of an id, and what loads that are under way
// would cache. It is for those who hear of changes by other ways than a
// Channel, such as a trigger.
func (s *Store) Invalidate(id string) { s.forget(context.Background(), id) }

// InvalidateAll does that for all ids.
func (s *Store) InvalidateAll() { s.renounce() }

// publish tells others of a change that is, or may have been, made. If that
// fails they see it when Options.MaxStale is over.
func (s *Store) publish(ctx context.Context, id string) {
	if s.opts.Channel == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	message := s.node + "." + base64.RawURLEncoding.EncodeToString([]byte(id))
	if err := s.opts.Channel.Publish(ctx, message); err != nil {
		s.failed("channel: publish", err)
	}
}

// receive hears a message of any Store; of a text that is none it expects the
// worst.
func (s *Store) receive(message string) {
	node, text, ok := strings.Cut(message, ".")
	id, err := base64.RawURLEncoding.DecodeString(text)
	switch {
	case !ok || err != nil:
		s.failed("channel", errors.New("a message that no Store has sent"))
		s.renounce()
	case node != s.node:
		s.Invalidate(string(id))
	}
}

func newNode() string { return rand.Text() }
