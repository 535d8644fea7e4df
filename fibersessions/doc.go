// Package fibersessions gives handlers of fiber v3 typed sessions, and the users
// of package login.
//
//	const Counter = sessions.Key[int]("counter")
//
//	app := fiber.New()
//	app.Use(fibersessions.New(manager))
//	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, s *sessions.Session) error {
//		n, err := Counter.Update(s, func(n int) int { return n + 1 })
//		if err != nil {
//			return err
//		}
//		return c.SendString(strconv.Itoa(n))
//	}))
//
// [New] takes a [sessions.Manager] or a [login.Manager]. It works on fasthttp
// itself, without an adaptor for net/http, and converts a request only if its
// session is asked for. Everything that takes a context takes c.Context(), such
// as [sessions.Load] and [login.Manager.User]; c itself, which is a context, too,
// does not lead to the session.
//
// # Logging in
//
//	auth, err := login.New(manager, accounts, login.Options{HashKeys: keys, LoginURL: "/login"})
//	...
//	app.Use(fibersessions.New(auth)) // includes the manager
//	app.Post("/login", func(c fiber.Ctx) error {
//		a, err := auth.Authenticate(c.Context(), Password{c.FormValue("name"), c.FormValue("password")})
//		if err != nil {
//			return err // 401 for wrong credentials
//		}
//		if err := auth.Login(c.Context(), a, login.Details{}); err != nil {
//			return err
//		}
//		return c.Redirect().Status(fiber.StatusSeeOther).To(auth.Next(fibersessions.Request(c), "/"))
//	})
//	app.Get("/account", fibersessions.UserHandlerFunc(auth, func(c fiber.Ctx, a Account) error {
//		return c.SendString("Hello " + a.Name)
//	}))
//	admin := app.Group("/admin", fibersessions.Wrap(permissions.Require("admin")))
//
// # Errors
//
// A handler may return an error of package sessions or login as it is: its
// status is that of [login.StatusCode], or it is a redirect to the login page.
// The app's ErrorHandler writes the page. It runs inside of [New], so it can use
// the session, and the status that it chooses decides whether what the handler
// changed is saved: with 500 or more it is dropped.
//
// # Other middleware
//
// Install [New] before the middleware that uses sessions, such as a limiter for
// each user. Compress, etag and recover work inside and outside; after a panic,
// what was changed is dropped. The timeout middleware belongs inside: outside, a
// response that comes too late is thrown away, with the cookie of a new session.
// In both places, what was changed is dropped.
//
// Functions of c.SendStreamWriter and handlers of WebSockets run after the
// handler has returned, when the session has been saved and is closed. Use
// [SendStreamWriter] and [Keep].
package fibersessions
