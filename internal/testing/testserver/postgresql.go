package testserver

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"syscall"
)

// postgresql keeps what it has acknowledged when its process is killed, not
// when the machine loses power: fsync is off.
func postgresql() *backend {
	return &backend{
		programs: []string{"initdb", "postgres"},
		user:     "postgres",
		setup: func(bin, dir string) []string {
			return []string{filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"),
				"-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}
		},
		serve: func(bin, dir string, port int) []string {
			return []string{filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-p", fmt.Sprint(port),
				"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
				"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"}
		},
		ping: pingPostgreSQL,
		address: func(port int) string {
			return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
		},
		blocked: "is still in use",
		stop:    syscall.SIGQUIT,
	}
}

// pingPostgreSQL opens a session and waits until it is ready for a query: a
// server that is still recovering listens already, and answers by an error.
func pingPostgreSQL(c net.Conn) error {
	const protocol3 = 3 << 16
	hello := binary.BigEndian.AppendUint32(nil, protocol3)
	hello = append(hello, "user\x00postgres\x00database\x00postgres\x00\x00"...)
	hello = append(binary.BigEndian.AppendUint32(nil, uint32(len(hello)+4)), hello...)
	if _, err := c.Write(hello); err != nil {
		return err
	}
	for {
		var head [5]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return err
		}
		body := make([]byte, max(binary.BigEndian.Uint32(head[1:]), 4)-4)
		if _, err := io.ReadFull(c, body); err != nil {
			return err
		}
		switch head[0] {
		case 'Z':
			return nil
		case 'E':
			return fmt.Errorf("refused: %q", body)
		}
	}
}
