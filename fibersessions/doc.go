// Package fibersessions gives handlers of fiber v3 typed sessions of package
// sessions, and users of package login.
package fibersessions
