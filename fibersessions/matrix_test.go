package fibersessions_test

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/compress"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/gofiber/fiber/v3/middleware/timeout"

	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
)

func TestFramework(t *testing.T) {
	matrix.Run(t, matrix.Framework{
		Name:  "fiber 3.5",
		Start: start,
		Impossible: map[matrix.Scenario]string{
			matrix.ContextEnds: "fasthttp does not notice that a client has gone before it writes to it, so the handler's context does not end. Changes are saved when the handler returns.",
		},
	})
}

// start serves an app of the setup.
func start(t *testing.T, s *matrix.Setup) string {
	app := fiber.New()
	use := func(r fiber.Router, layers []matrix.Layer) {
		for _, layer := range layers {
			r.Use(middleware(s, layer))
		}
		for _, p := range s.Pages {
			r.All(p.Path, func(c fiber.Ctx) error {
				text, err := p.Do(c.Context())
				if err != nil {
					return err
				}
				return c.SendString(text)
			})
		}
		routes(r, s)
	}
	use(app.Group("/group"), s.Group)
	use(app, s.Layers)
	return serve(t, app, matrix.Listen(t))
}

func middleware(s *matrix.Setup, layer matrix.Layer) fiber.Handler {
	switch layer {
	case matrix.Sessions:
		return fibersessions.New(s.Manager)
	case matrix.Second:
		return fibersessions.New(s.Second)
	case matrix.Login:
		return fibersessions.New(s.Auth)
	case matrix.Recover:
		return recover.New()
	case matrix.Compress:
		return compress.New()
	case matrix.Timeout:
		return timeout.New(func(c fiber.Ctx) error { return c.Next() }, timeout.Config{Timeout: s.Timeout})
	}
	return nil
}

// routes are those whose handlers use fiber's own helpers.
func routes(r fiber.Router, s *matrix.Setup) {
	count := func(path string, answer func(c fiber.Ctx, n int) error) {
		r.Get(path, func(c fiber.Ctx) error {
			n, err := matrix.Count(c.Context())
			if err != nil {
				return err
			}
			return answer(c, n)
		})
	}
	count("/redirect", func(c fiber.Ctx, _ int) error { return c.Redirect().To("/read") })
	count("/json", func(c fiber.Ctx, n int) error { return c.JSON(map[string]int{"visits": n}) })
	count("/file", func(c fiber.Ctx, _ int) error { return c.SendFile(s.File) })
	stream := func(format string, again func(context.Context) (int, error)) func(fiber.Ctx, int) error {
		return func(c fiber.Ctx, n int) error {
			return fibersessions.SendStreamWriter(c, func(ctx context.Context, w *bufio.Writer) {
				_, _ = fmt.Fprintf(w, format, n)
				if w.Flush() != nil {
					return
				}
				s.Wait(ctx)
				if n, err := again(ctx); err == nil {
					_, _ = fmt.Fprintf(w, format, n)
				}
			})
		}
	}
	count("/stream", stream("%d\n", matrix.Count))
	count("/events", func(c fiber.Ctx, n int) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextEventStream)
		return stream("data: %d\n\n", matrix.CountAndSave)(c, n)
	})
	count("/socket", func(c fiber.Ctx, _ int) error { return socket(c) })
	act := func(path string, answer func() error) {
		r.Get(path, func(c fiber.Ctx) error {
			if err := s.Act(c.Context()); err != nil {
				return err
			}
			return answer()
		})
	}
	act("/reject", func() error { return fiber.NewError(fiber.StatusUnprocessableEntity, "rejected") })
	act("/fail", func() error { return fiber.NewError(fiber.StatusBadGateway, "failed") })
	act("/panic", func() error { panic("the handler panics") })
}

// socket answers messages on a WebSocket.
func socket(c fiber.Ctx) error {
	ctx, done, err := fibersessions.Keep(c)
	if err != nil {
		return fibersessions.Error(c, err)
	}
	err = new(websocket.FastHTTPUpgrader).Upgrade(c.RequestCtx(), func(conn *websocket.Conn) {
		defer done()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
			n, err := matrix.CountAndSave(ctx)
			if err != nil || conn.WriteMessage(websocket.TextMessage, []byte(strconv.Itoa(n))) != nil {
				return
			}
		}
	})
	if err != nil {
		done()
	}
	return err
}
