package testserver

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// backend is how a server is run privately.
type backend struct {
	programs []string                       // they are in one folder
	check    func(bin string) error         // whether what has these names is the engine; nil for yes
	user     string                         // who runs it in place of root; "" for root
	script   string                         // SQL that each start executes, in dir/init.sql
	setup    func(bin, dir string) []string // nil for nothing
	serve    func(bin, dir string, port int) []string
	ping     func(net.Conn) error // nil once the server takes queries
	address  func(port int) string
	blocked  string         // what the log says while processes of a killed server linger
	stop     syscall.Signal // ends it at once, without leaving anything behind
	rare     bool           // CI may do without a private one
}

var errNotInstalled = errors.New("its programs are not installed")

// elsewhere lists folders of servers that systems leave out of PATH.
const elsewhere = "/usr/sbin:/usr/libexec:/usr/lib/postgresql/*/bin:/opt/homebrew/opt/postgresql@*/bin" +
	":/usr/lib/google-cloud-sdk/platform/cloud-firestore-emulator"

// find returns the folder that has all programs of the backend.
func (b *backend) find() (bin string, err error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range strings.Split(elsewhere, ":") {
		more, _ := filepath.Glob(pattern) // the patterns are well-formed
		folders = append(folders, more...)
	}
	for _, bin := range folders {
		if !b.complete(bin) {
			continue
		}
		if b.check == nil {
			return bin, nil
		}
		if err = b.check(bin); err == nil {
			return bin, nil
		}
	}
	if err != nil {
		return "", err
	}
	return "", errNotInstalled
}

func (b *backend) complete(bin string) bool {
	for _, p := range b.programs {
		info, err := os.Stat(filepath.Join(bin, p))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}
