// Package rpcmatrix plays scenarios through an RPC framework: what callers are
// promised must hold in every protocol. Each row of the second table in
// docs/frameworks.md is a scenario and each column a [Framework].
//
//	func TestFramework(t *testing.T) {
//		rpcmatrix.Run(t, rpcmatrix.Framework{Name: "grpc-go 1.85", Start: start, Error: fail})
//	}
//
// Start serves an app of the given [Setup] on a loopback address and returns a
// client of it. The app installs Setup.Layers as interceptors, the outermost
// first, and has these procedures. All messages are strings.
//
//	/test.Visits/Do       a unary call of Setup.Do
//	/test.Visits/SignIn   a unary call of Setup.Do, open to everyone
//	/test.Visits/Watch    a stream of responses from Setup.Watch
//	/test.Visits/Collect  a stream of requests to Setup.Collect
//	/test.Visits/Chat     a stream in both directions with Setup.Chat
//
// The framework's column is compared and written as package matrix says.
package rpcmatrix
