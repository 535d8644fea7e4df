package fibersessions_test

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"
)

// serve serves an app until the test ends, and returns its URL.
func serve(t testing.TB, app *fiber.App, l net.Listener) string {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}
