// Package e2e tests the library from outside: by a real browser, by real
// WebSockets, and by histories of parallel requests that a model checker
// judges. It is a module of its own, so that nobody else needs what it needs.
package e2e
