package ginsessions_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
)

func init() { gin.SetMode(gin.ReleaseMode) }

func TestGin(t *testing.T) {
	matrix.Run(t, matrix.Framework{Name: "gin 1.12", Start: start})
}

// start serves an app of Gin.
func start(t *testing.T, s *matrix.Setup) string {
	use := func(r *gin.RouterGroup, layers []matrix.Layer) {
		for _, layer := range layers {
			switch layer {
			case matrix.Recover:
				r.Use(gin.RecoveryWithWriter(t.Output()))
			case matrix.Compress:
				r.Use(gzip.Gzip(gzip.DefaultCompression))
			case matrix.Timeout:
				r.Use(timeout(s.Timeout))
			default:
				r.Use(ginsessions.Wrap(s.Middleware(layer)))
			}
		}
		route(r, s)
	}
	engine := gin.New()
	use(&engine.RouterGroup, s.Layers)
	use(engine.Group("/group"), s.Group)
	return matrix.Serve(t, engine)
}

// timeout ends the handlers' context, as it is usual with Gin, which has no such
// middleware.
func timeout(limit time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), limit)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
		if ctx.Err() != nil && !c.Writer.Written() {
			c.AbortWithStatus(http.StatusServiceUnavailable)
		}
	}
}

func route(r *gin.RouterGroup, s *matrix.Setup) {
	fail := func(c *gin.Context, err error) {
		if errors.Is(err, c.Request.Context().Err()) {
			_ = c.Error(err)
			return
		}
		s.Manager.Error(c.Writer, c.Request, err)
	}
	counted := func(answer func(c *gin.Context, n int)) gin.HandlerFunc {
		return func(c *gin.Context) {
			n, err := matrix.Count(c.Request.Context())
			if err != nil {
				fail(c, err)
				return
			}
			answer(c, n)
		}
	}
	changed := func(end gin.HandlerFunc) gin.HandlerFunc {
		return func(c *gin.Context) {
			if err := s.Act(c.Request.Context()); err != nil {
				fail(c, err)
				return
			}
			end(c)
		}
	}
	for _, p := range s.Pages {
		r.Any(p.Path, func(c *gin.Context) {
			text, err := p.Do(c.Request.Context())
			if err != nil {
				fail(c, err)
				return
			}
			c.String(http.StatusOK, text)
		})
	}
	r.GET("/redirect", counted(func(c *gin.Context, _ int) { c.Redirect(http.StatusSeeOther, "/read") }))
	r.GET("/json", counted(func(c *gin.Context, n int) { c.JSON(http.StatusOK, gin.H{"visits": n}) }))
	r.GET("/file", counted(func(c *gin.Context, _ int) { c.File(s.File) }))
	r.GET("/stream", counted(func(c *gin.Context, n int) {
		first := true
		c.Stream(func(w io.Writer) bool {
			if !first {
				s.Wait(c.Request.Context())
				n, _ = matrix.Count(c.Request.Context()) // the client sees that it has failed
			}
			_, _ = io.WriteString(w, strconv.Itoa(n)+"\n")
			first = !first
			return !first
		})
	}))
	r.GET("/events", counted(func(c *gin.Context, n int) {
		c.SSEvent("count", n)
		c.Writer.Flush()
		s.Wait(c.Request.Context())
		n, _ = matrix.CountAndSave(c.Request.Context())
		c.SSEvent("count", n)
	}))
	r.GET("/socket", counted(func(c *gin.Context, _ int) { talk(c) }))
	r.GET("/reject", changed(func(c *gin.Context) {
		c.AbortWithStatusJSON(http.StatusUnprocessableEntity, gin.H{"error": "rejected"})
	}))
	r.GET("/fail", changed(func(c *gin.Context) { c.AbortWithStatusJSON(http.StatusBadGateway, gin.H{"error": "failed"}) }))
	r.GET("/panic", changed(func(*gin.Context) { panic("matrix: the handler panics") }))
}

// talk answers each message with a number.
func talk(c *gin.Context) {
	conn, err := websocket.Accept(c.Writer, c.Request, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := context.WithoutCancel(c.Request.Context())
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return // the client has closed the connection
		}
		n, err := matrix.CountAndSave(ctx)
		if err != nil {
			return
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(strconv.Itoa(n))); err != nil {
			return
		}
	}
}
