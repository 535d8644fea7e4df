//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package local_test

import "testing"

func TestContract(t *testing.T) {
	const reason = "no cgo: go-libsql needs it, and Linux, or macOS on ARM"
	t.Attr("server", "libSQL in a file")
	t.Attr("missing", reason)
	t.Skip(reason)
}
