package testserver

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
)

// dynamodb is dynalite. It keeps what it has acknowledged when its process is
// killed, not when the machine loses power.
func dynamodb() *backend {
	return &backend{
		programs: []string{"dynalite"},
		serve: func(bin, dir string, port int) []string {
			return []string{filepath.Join(bin, "dynalite"), "--host", "127.0.0.1", "--port", fmt.Sprint(port),
				"--path", filepath.Join(dir, "data"), "--createTableMs", "10", "--updateTableMs", "10", "--deleteTableMs", "10"}
		},
		ping:    pingDynamoDB,
		address: func(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) },
		stop:    syscall.SIGKILL,
		rare:    true, // most machines have it under npx only, whose programs are not on PATH
	}
}

// pingDynamoDB asks for the health of the server.
func pingDynamoDB(c net.Conn) error {
	if _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("refused: %s", resp.Status)
	}
	return nil
}
