package echosessions_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/coder/websocket"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/gosessions/sessions/echosessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
)

func TestMatrix(t *testing.T) {
	matrix.Run(t, matrix.Framework{Name: "echo 5.4", Start: func(t *testing.T, s *matrix.Setup) string {
		e := echo.New()
		e.Logger = slog.New(slog.DiscardHandler)
		e.Filesystem = echo.NewDefaultFS(filepath.Dir(s.File))
		e.Use(layers(s, s.Layers)...)
		route(e.Match, s)
		route(e.Group("/group", layers(s, s.Group)...).Match, s)
		return matrix.Serve(t, e)
	}})
}

func layers(s *matrix.Setup, layers []matrix.Layer) (all []echo.MiddlewareFunc) {
	for _, layer := range layers {
		switch layer {
		case matrix.Recover:
			all = append(all, middleware.Recover())
		case matrix.Compress:
			all = append(all, middleware.Gzip())
		case matrix.Timeout:
			all = append(all, middleware.ContextTimeout(s.Timeout))
		default:
			all = append(all, echosessions.Wrap(s.Middleware(layer)))
		}
	}
	return all
}

// route adds the app's routes.
func route(add func(methods []string, path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) echo.Routes, s *matrix.Setup) {
	get := func(path string, h echo.HandlerFunc) {
		add([]string{http.MethodGet, http.MethodHead, http.MethodPost}, path, h)
	}
	for _, p := range s.Pages {
		get(p.Path, func(c *echo.Context) error {
			text, err := p.Do(c.Request().Context())
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, text)
		})
	}
	counted := func(path string, answer func(c *echo.Context, n int) error) {
		get(path, func(c *echo.Context) error {
			n, err := matrix.Count(c.Request().Context())
			if err != nil {
				return err
			}
			return answer(c, n)
		})
	}
	counted("/redirect", func(c *echo.Context, _ int) error { return c.Redirect(http.StatusSeeOther, "/read") })
	counted("/json", func(c *echo.Context, n int) error { return c.JSON(http.StatusOK, map[string]int{"visits": n}) })
	counted("/file", func(c *echo.Context, _ int) error { return c.File(filepath.Base(s.File)) })
	counted("/stream", func(c *echo.Context, n int) error {
		return stream(c, s, n, "%d\n", matrix.Count)
	})
	counted("/events", func(c *echo.Context, n int) error {
		c.Response().Header().Set("Content-Type", "text/event-stream")
		return stream(c, s, n, "data: %d\n\n", matrix.CountAndSave)
	})
	counted("/socket", func(c *echo.Context, _ int) error { return converse(c) })
	for path, end := range map[string]func() error{
		"/reject": func() error { return echo.NewHTTPError(http.StatusUnprocessableEntity, "rejected") },
		"/fail":   func() error { return echo.NewHTTPError(http.StatusBadGateway, "failed") },
		"/panic":  func() error { panic("the handler panics") },
	} {
		get(path, func(c *echo.Context) error {
			if err := s.Act(c.Request().Context()); err != nil {
				return err
			}
			return end()
		})
	}
}

func stream(c *echo.Context, s *matrix.Setup, n int, format string, count func(context.Context) (int, error)) error {
	ctx, w := c.Request().Context(), c.Response()
	if _, err := fmt.Fprintf(w, format, n); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	s.Wait(ctx)
	n, err := count(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, format, n)
	return err
}

func converse(c *echo.Context) error {
	conn, err := websocket.Accept(c.Response(), c.Request(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := context.WithoutCancel(c.Request().Context())
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return nil // the client has closed the connection
		}
		n, err := matrix.CountAndSave(ctx)
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(strconv.Itoa(n))); err != nil {
			return err
		}
	}
}
