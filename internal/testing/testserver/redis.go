package testserver

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"syscall"
)

// redis keeps what it has acknowledged when it is killed: it writes its log
// before it answers.
func redis(program string, flags ...string) *backend {
	return &backend{
		programs: []string{program},
		serve: func(bin, dir string, port int) []string {
			return append([]string{filepath.Join(bin, program), "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", dir,
				"--save", "", "--appendonly", "yes", "--appendfsync", "always"}, flags...)
		},
		ping:    pingRedis,
		address: func(port int) string { return fmt.Sprintf("redis://127.0.0.1:%d", port) },
		stop:    syscall.SIGKILL,
	}
}

// pingRedis asks for an answer; a server that is still loading refuses it.
func pingRedis(c net.Conn) error {
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && line != "+PONG\r\n" {
		err = fmt.Errorf("refused: %q", line)
	}
	return err
}
