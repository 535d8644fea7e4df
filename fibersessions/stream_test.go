package fibersessions_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/gofiber/fiber/v3/middleware/timeout"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
)

// stream answers with what f returns, by SendStreamWriter.
func stream(f func(ctx context.Context) string) fiber.Handler {
	return func(c fiber.Ctx) error {
		return fibersessions.SendStreamWriter(c, func(ctx context.Context, w *bufio.Writer) { _, _ = w.WriteString(f(ctx)) })
	}
}

// increment counts a visit.
func increment(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	return counter.Update(s, func(n int) int { return n + 1 })
}

func TestStreams(t *testing.T) {
	s := newSite(t, sessions.Options{SaveTimeout: 20 * time.Millisecond})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Get("/read", fibersessions.HandlerFunc(read))
	app.Get("/stream", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		if err := counter.Set(session, 10); err != nil {
			return err
		}
		return stream(func(ctx context.Context) string {
			want(t, "Renew in a stream", errors.Is(session.Renew(), sessions.ErrHeadersSent), true)
			n, err := increment(ctx)
			return fmt.Sprint(n, err)
		})(c)
	}))
	app.Get("/lost", stream(func(ctx context.Context) string {
		n, err := increment(ctx)
		s.down("save")
		return fmt.Sprint(n, err)
	}))
	app.Get("/error", func(c fiber.Ctx) error {
		return errors.Join(stream(func(context.Context) string { return "stream" })(c), fiber.ErrTeapot)
	})
	app.Get("/etag", etag.New(), fibersessions.HandlerFunc(func(c fiber.Ctx, _ *sessions.Session) error {
		return stream(func(ctx context.Context) string {
			n, err := increment(ctx)
			return fmt.Sprint(n, err)
		})(c)
	}))
	b := newBrowser(t, app)
	want(t, "a visit", b.get("/count"), "200 1")
	want(t, "stream", b.get("/stream"), "200 11 <nil>")
	want(t, "after it", b.get("/read"), "200 11")
	want(t, "middleware inside that reads the stream", b.get("/etag"), "200 12 <nil>")
	want(t, "after that", b.get("/read"), "200 12")

	s.told()
	want(t, "a stream whose end is not saved", b.get("/lost"), "200 13 <nil>")
	s.down()
	want(t, "events", s.told(), "unavailable")
	s.down("save")
	want(t, "a stream whose beginning is not saved", b.get("/stream"), "503 Service Unavailable")
	s.down()
	want(t, "an error after the stream began", b.get("/error"), "418 I'm a teapot")
	want(t, "HEAD", b.send(http.MethodHead, "/stream").StatusCode, fiber.StatusOK)
}

// TestPlainStream has no session: by the time that it runs, the session has
// been saved.
func TestPlainStream(t *testing.T) {
	s := newSite(t, sessions.Options{})
	returned := make(chan struct{})
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		defer close(returned)
		return c.Next()
	})
	app.Use(fibersessions.New(s.Manager))
	app.Get("/", func(c fiber.Ctx) error {
		ctx := c.Context()
		return c.SendStreamWriter(func(w *bufio.Writer) {
			<-returned
			_, err := increment(ctx)
			_, _ = fmt.Fprint(w, errors.Is(err, sessions.ErrNoSession))
		})
	})
	want(t, "ErrNoSession", newBrowser(t, app).get("/"), "200 true")
}

// TestKeep: a session that is kept is usable until its end, and saved then.
func TestKeep(t *testing.T) {
	s := newSite(t, sessions.Options{SaveTimeout: 20 * time.Millisecond})
	app := fiber.New()
	app.Use(recover.New(), fibersessions.New(s.Manager))
	type kept struct {
		ctx  context.Context
		done func()
	}
	keeps := make(chan kept, 1)
	app.Get("/keep", func(c fiber.Ctx) error {
		ctx, done, err := fibersessions.Keep(c)
		keeps <- kept{ctx, done}
		return err
	})
	app.Get("/change", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		ctx, done, err := fibersessions.Keep(c)
		keeps <- kept{ctx, done}
		return errors.Join(err, count(c, session))
	}))
	app.Get("/panic", func(c fiber.Ctx) error {
		ctx, done, err := fibersessions.Keep(c)
		keeps <- kept{ctx, done}
		if _, err := increment(ctx); err != nil {
			t.Error(err)
		}
		panic(err)
	})
	app.Get("/upgrade", func(c fiber.Ctx) error {
		_, done, err := fibersessions.Keep(c)
		if err != nil {
			return err
		}
		err = new(websocket.FastHTTPUpgrader).Upgrade(c.RequestCtx(), func(*websocket.Conn) { t.Error("upgraded") })
		done()
		return errors.Join(err, fiber.ErrBadRequest)
	})
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Get("/read", fibersessions.HandlerFunc(read))
	b := newBrowser(t, app)
	want(t, "a visit", b.get("/count"), "200 1")
	b.get("/keep")
	k := <-keeps
	want(t, "another visit meanwhile", newBrowser(t, app).get("/count"), "200 1")
	n, err := increment(k.ctx)
	want(t, "Load after the handler", err, nil)
	want(t, "the session is the visitor's", n, 2)
	want(t, "before the end", b.get("/read"), "200 1")
	k.done()
	k.done()
	want(t, "after the end", b.get("/read"), "200 2")
	_, err = increment(k.ctx)
	want(t, "Load after the end", errors.Is(err, sessions.ErrNoSession), true)

	s.down("save")
	want(t, "a page whose session is not saved", b.get("/change"), "503 Service Unavailable")
	s.down()
	k = <-keeps
	k.done()
	want(t, "after the end of that", b.get("/read"), "200 2")

	b.get("/panic")
	k = <-keeps
	_, err = increment(k.ctx)
	want(t, "Load after a panic", errors.Is(err, sessions.ErrNoSession), true)
	k.done()
	want(t, "after it", b.get("/read"), "200 2")

	b.get("/upgrade")
	want(t, "after an upgrade that failed", b.get("/read"), "200 2")
}

// TestUpgradeThatIsNotSaved does not happen.
func TestUpgradeThatIsNotSaved(t *testing.T) {
	s := newSite(t, sessions.Options{SaveTimeout: 20 * time.Millisecond})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/", func(c fiber.Ctx) error {
		if _, err := increment(c.Context()); err != nil {
			return err
		}
		return new(websocket.FastHTTPUpgrader).Upgrade(c.RequestCtx(), func(*websocket.Conn) { t.Error("upgraded") })
	})
	s.down("create")
	resp := newBrowser(t, app).send(http.MethodGet, "/", "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==")
	want(t, "the page", text(t, resp), "503 Service Unavailable")
	want(t, "Upgrade", resp.Header.Get("Upgrade"), "")
}

// TestTimeoutAfterASave: the response of the timeout middleware carries the
// token that the session has by then, and the handler that still runs loses its
// session.
func TestTimeoutAfterASave(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	answered, ended := make(chan struct{}), make(chan error, 2)
	app.Get("/slow", timeout.New(func(c fiber.Ctx) error {
		session, err := sessions.Load(c.Context())
		err = errors.Join(err, counter.Set(session, 1), session.Save(c.Context()), counter.Set(session, 100))
		<-answered
		_, _, keepErr := fibersessions.Keep(c)
		ended <- keepErr
		ended <- fibersessions.SendStreamWriter(c, func(context.Context, *bufio.Writer) {})
		return err
	}, timeout.Config{Timeout: 20 * time.Millisecond}))
	app.Get("/read", fibersessions.HandlerFunc(read))
	b := newBrowser(t, app)
	resp := b.send(http.MethodGet, "/slow")
	close(answered)
	want(t, "the page", text(t, resp), "408 Request Timeout")
	want(t, "Vary", resp.Header.Get("Vary"), "Cookie")
	want(t, "cookies", len(resp.Header["Set-Cookie"]), 1)
	want(t, "Keep of the handler that still runs", errors.Is(<-ended, sessions.ErrNoSession), true)
	want(t, "its SendStreamWriter", errors.Is(<-ended, sessions.ErrNoSession), true)
	want(t, "after it", b.get("/read"), "200 1")
	want(t, "events", strings.Contains(s.told(), "unsaved"), false)
}
