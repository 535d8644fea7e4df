// Package sessions
package sessions
