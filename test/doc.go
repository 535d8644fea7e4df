// Package test tests the package sessions from outside: a browser sends
// requests through a [github.com/gosessions/sessions.Manager] to a store that
// counts its calls and fails on demand. The package holds only tests.
//
// The name of a file starts with its group. Each group covers a range of
// docs/requirements.md:
//
//   - cookie: options, token and attributes of the cookie; R1 to R15
//   - lifecycle: creation, login, logout, timeouts, expiry; R16 to R27
//   - http: headers, streams, connections, panics, several managers; R28 to R40
//   - concurrency: requests and goroutines that share a session; R41 to R48
//   - stores: damaged records, sweeping; R50, R52 and R56
//   - values: keys, types, codecs, the size limit; R51 and R53
//   - availability: deadlines, anonymous visitors; R58 to R61
//   - admin: opening, listing and revoking sessions outside requests; R62
//   - privacy: events and logs; R64 and R65
//   - faults: a store that fails, one operation after another
//
// The name of a test starts with the number of its requirement, if it has one.
// All tests share the browser in helper_test.go and the handlers in
// pages_test.go.
package test
