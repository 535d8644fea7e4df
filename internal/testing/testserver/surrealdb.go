package testserver

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
)

// surrealdb keeps its data by RocksDB, for the other back ends lose updates.
func surrealdb() *backend {
	return &backend{
		programs: []string{"surreal"},
		serve: func(bin, dir string, port int) []string {
			return []string{filepath.Join(bin, "surreal"), "start", "--no-banner", "--log", "warn", "--bind", fmt.Sprintf("127.0.0.1:%d", port),
				"--user", "root", "--pass", "root", "rocksdb://" + filepath.Join(dir, "data")}
		},
		ping:    pingSurrealDB,
		address: func(port int) string { return fmt.Sprintf("ws://root:root@127.0.0.1:%d/rpc", port) },
		stop:    syscall.SIGKILL,
	}
}

// pingSurrealDB asks for the server's health.
func pingSurrealDB(c net.Conn) error {
	if _, err := fmt.Fprint(c, "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("refused: %s", answer.Status)
	}
	return nil
}
