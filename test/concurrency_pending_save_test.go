package test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// slowDelete lets others run in the middle of a Delete, until they say that
// they are through or have had time enough.
type slowDelete struct {
	store.Store
	entered, through chan struct{}
	done             atomic.Bool
}

func (s *slowDelete) Delete(ctx context.Context, id string) error {
	close(s.entered)
	for range 10_000 {
		select {
		case <-s.through:
		default:
			runtime.Gosched()
			continue
		}
		break
	}
	err := s.Store.Delete(ctx, id)
	s.done.Store(true)
	return err
}

// TestResponseWaitsForASaveUnderWay: a goroutine of the handler saves a logout,
// and nothing is left to be saved but not everything is done.
func TestResponseWaitsForASaveUnderWay(t *testing.T) {
	for name, begunBefore := range map[string]bool{"that has not begun": false, "that has begun": true} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			slow := &slowDelete{Store: a.store.Store, entered: make(chan struct{}), through: make(chan struct{})}
			a.store.Store = slow
			saved := make(chan error, 1)
			visitor := b.with(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				if begunBefore {
					_, _ = io.WriteString(w, "ok")
				}
				s.Destroy()
				go func() { saved <- s.Save(r.Context()) }()
				<-slow.entered
				if !begunBefore {
					_, _ = io.WriteString(w, "ok")
					close(slow.through)
				}
			})
			resp := visitor.do(httptest.NewRequest("GET", "https://example.com/", nil))
			if !slow.done.Load() {
				t.Error("the request ended before its save")
			}
			if begunBefore {
				close(slow.through)
			} else if c := strings.Join(resp.Header["Set-Cookie"], " "); !strings.Contains(c, "Max-Age=0") {
				t.Errorf("Set-Cookie %q does not remove the cookie", c)
			}
			want(t, "Save", <-saved, nil)
		})
	}
}
