// Package matrix plays scenarios through a web framework: what visitors are
// promised must hold however the framework writes its responses, recovers from
// panics, compresses or times out. Each row of the table in docs/frameworks.md
// is a [Scenario] and each column a [Framework].
//
// A test of a framework's adapter builds one small app and calls Run:
//
//	func TestFramework(t *testing.T) {
//		matrix.Run(t, matrix.Framework{
//			Name:  "gin 1.12", // the column's head
//			Start: start,
//			Impossible: map[matrix.Scenario]string{
//				matrix.TimeoutOutside: "gin has no timeout middleware of its own.",
//			},
//		})
//	}
//
// # The app
//
// Start builds an app of the given [Setup] and serves it until the test ends;
// [Serve] does that for an [http.Handler], and [Listen] returns a listener for
// other servers. The app installs Setup.Layers, the outermost first:
//
//	for _, layer := range s.Layers {
//		switch layer {
//		case matrix.Sessions:
//			engine.Use(ginsessions.New(s.Manager))
//		case matrix.Second:
//			engine.Use(ginsessions.New(s.Second))
//		case matrix.Login:
//			engine.Use(ginsessions.Login(s.Auth)) // instead of Sessions
//		case matrix.Recover:
//			engine.Use(gin.Recovery())
//		case matrix.Compress:
//			…
//		case matrix.Timeout: // of Setup.Timeout
//			…
//		}
//	}
//
// It serves Setup.Pages at their paths, and once more below /group, in a route
// group with the layers of Setup.Group. A page answers GET, HEAD and POST with
// the text that its Do returns. If Do or another function of this package
// returns an error, the app answers as the adapter's documentation says, such as
// with its counterpart of sessions.Manager.Error. The error of a context that
// has ended is one for the layer Timeout: the handler returns it, or returns
// without an answer. That layer answers 408, 503 or 504, and with each of them
// the changes are dropped.
//
//	engine.Any(p.Path, func(c *gin.Context) {
//		text, err := p.Do(c.Request.Context())
//		if err != nil {
//			ginsessions.Error(c, err)
//			return
//		}
//		c.String(http.StatusOK, text)
//	})
//
// It also serves these routes with the framework's own helpers. The context is
// the request's, in which sessions.Load finds the session:
//
//	GET /redirect  Count(ctx), then 303 See Other to /read
//	GET /json      n from Count(ctx), then the JSON object {"visits": n}
//	GET /file      Count(ctx), then the file Setup.File
//	GET /stream    n from Count(ctx), "n\n", flush, Setup.Wait(ctx), and
//	               n from Count(ctx), "n\n"
//	GET /events    n from Count(ctx), a server-sent event with the data n,
//	               flush, Setup.Wait(ctx), n from CountAndSave(ctx), and another
//	               event with the data n
//	GET /socket    Count(ctx), then a WebSocket that answers each text message
//	               with the text n, from CountAndSave(ctx)
//	GET /reject    Setup.Act(ctx), then the framework's error 422 "rejected"
//	GET /fail      Setup.Act(ctx), then the framework's error 502 "failed"
//	GET /panic     Setup.Act(ctx), then a panic
//
// A route that must outlive its request's context, such as a WebSocket, may pass
// another context that leads to the session, made by [context.WithoutCancel].
// Frameworks on net/http can take [Setup.Handlers].
//
// # What is impossible
//
// A scenario that a framework cannot play is declared in Framework.Impossible,
// with a sentence that says why and what happens at run time. It is a footnote
// of the table. The scenario is played nonetheless, and the test fails if it
// passes. Start returns "" for a Setup that it cannot build, or that would end
// the process.
//
// # The table
//
// When all scenarios have passed, Run compares the framework's column in
// docs/frameworks.md. With -matrix.update it rewrites the column:
//
//	go test -run '^TestFramework$' . -matrix.update
//
// Update one package at a time: the processes of two would overwrite each
// other's columns.
package matrix
