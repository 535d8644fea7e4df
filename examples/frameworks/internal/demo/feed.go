package demo

import (
	"context"
	"sync"
)

// Feed tells streams of this process that something has changed. The zero Feed
// is ready to use, and safe for concurrent use.
type Feed[T any] struct {
	mu      sync.Mutex
	streams map[chan T]string
}

// Subscribe returns a channel of what is published under a key from now on. It
// is closed when ctx ends.
func (f *Feed[T]) Subscribe(ctx context.Context, key string) <-chan T {
	c := make(chan T, 16)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streams == nil {
		f.streams = map[chan T]string{}
	}
	f.streams[c] = key
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.streams, c)
		close(c)
	})
	return c
}

// Publish tells the streams of a key. Streams that are too slow miss it.
func (f *Feed[T]) Publish(key string, v T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c, k := range f.streams {
		if k != key {
			continue
		}
		select {
		case c <- v:
		default:
		}
	}
}
