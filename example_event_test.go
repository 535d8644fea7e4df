package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleEvent() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "id" { // they differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		OnEvent: func(ctx context.Context, e sessions.Event) {
			logger.InfoContext(ctx, "session", "event", e)
		},
	})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	_ = s.Save(ctx)
	// Output: level=INFO msg=session event.kind=created event.subject=ann
}

func ExampleEventKind() {
	// Log problems and count the rest.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		OnEvent: func(_ context.Context, e sessions.Event) {
			switch e.Kind {
			case sessions.EventUnavailable, sessions.EventCorrupt, sessions.EventConflict,
				sessions.EventReused, sessions.EventUnsaved, sessions.EventFailed:
				fmt.Println("problem:", e.Kind, e.Err)
			default:
				fmt.Println("count:", e.Kind)
			}
		},
	})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	_ = s.Save(ctx)
	s.Destroy()
	_ = s.Save(ctx)
	// Output:
	// count: created
	// count: destroyed
}

func ExampleDefaultErrorHandler() {
	for _, err := range []error{sessions.ErrUnavailable, sessions.ErrConflict, sessions.ErrNotFound, sessions.ErrNoSession} {
		w := httptest.NewRecorder()
		sessions.DefaultErrorHandler(w, httptest.NewRequest("GET", "/", nil), err)
		fmt.Printf("%d %q %s\n", w.Code, w.Header().Get("Retry-After"), http.StatusText(w.Code))
	}
	// Output:
	// 503 "5" Service Unavailable
	// 503 "5" Service Unavailable
	// 409 "" Conflict
	// 500 "" Internal Server Error
}

func Example_errors() {
	explain := func(err error) string {
		switch {
		case err == nil:
			return "saved"
		case errors.Is(err, sessions.ErrTooLarge):
			return "this is too much"
		case errors.Is(err, sessions.ErrNotFound):
			return "you have been logged out"
		case errors.Is(err, sessions.ErrConflict), errors.Is(err, sessions.ErrUnavailable):
			return "try again later"
		case errors.Is(err, sessions.ErrHeadersSent), errors.Is(err, sessions.ErrNoSession):
			return "this is a bug in the program"
		}
		return err.Error()
	}
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{MaxBytes: 100})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	_, _ = x.Commit(ctx) // the response begins

	fmt.Println(explain(s.Set("note", strings.Repeat("blah ", 100))))
	fmt.Println(explain(s.Renew()))
	_ = s.Set("note", "short")
	fmt.Println(explain(s.Save(ctx)))
	_ = manager.RevokeAll(ctx, "ann")
	_ = s.Set("note", "shorter")
	fmt.Println(explain(s.Save(ctx)))
	// Output:
	// this is too much
	// this is a bug in the program
	// saved
	// you have been logged out
}
