package testserver

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// account is who the tests are: a start creates it where it is not yet.
const account = `CREATE DATABASE IF NOT EXISTS sessions;
CREATE USER IF NOT EXISTS 'sessions'@'127.0.0.1' IDENTIFIED BY 'sessions';
GRANT ALL ON *.* TO 'sessions'@'127.0.0.1';
`

func mariadb() *backend {
	return &backend{
		programs: []string{"mariadbd"},
		script:   account,
		setup: func(_, dir string) []string {
			return asRoot("mariadb-install-db", "--no-defaults", "--datadir="+filepath.Join(dir, "data"),
				"--auth-root-authentication-method=normal", "--skip-test-db")
		},
		serve:   func(bin, dir string, port int) []string { return serveMySQL(filepath.Join(bin, "mariadbd"), dir, port) },
		ping:    pingMySQL,
		address: addressMySQL,
		stop:    syscall.SIGKILL,
	}
}

func mysql() *backend {
	return &backend{
		programs: []string{"mysqld"},
		check: func(bin string) error {
			out, err := exec.Command(filepath.Join(bin, "mysqld"), "--no-defaults", "--version").CombinedOutput()
			if err == nil && strings.Contains(string(out), "MariaDB") {
				err = fmt.Errorf("the mysqld in %s is MariaDB", bin)
			}
			return err
		},
		script: account,
		setup: func(bin, dir string) []string {
			return asRoot(filepath.Join(bin, "mysqld"), "--no-defaults", "--initialize-insecure", "--datadir="+filepath.Join(dir, "data"))
		},
		serve: func(bin, dir string, port int) []string {
			return append(serveMySQL(filepath.Join(bin, "mysqld"), dir, port), "--mysqlx=OFF", "--skip-log-bin")
		},
		ping:    pingMySQL,
		address: addressMySQL,
		stop:    syscall.SIGKILL,
	}
}

// serveMySQL keeps what it has acknowledged when its process is killed, not
// when the machine loses power.
func serveMySQL(program, dir string, port int) []string {
	return append(asRoot(program, "--no-defaults", "--datadir="+filepath.Join(dir, "data")),
		"--bind-address=127.0.0.1", fmt.Sprint("--port=", port), "--socket="+filepath.Join(dir, "sock"),
		"--pid-file="+filepath.Join(dir, "pid"), "--init-file="+filepath.Join(dir, "init.sql"),
		"--skip-name-resolve", "--max-connections=200", "--performance-schema=OFF",
		"--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2")
}

// asRoot lets root run a server, which it only does when told to.
func asRoot(program string, args ...string) []string {
	command := append([]string{program}, args...)
	if os.Geteuid() == 0 {
		command = append(command, "--user=root")
	}
	return command
}

func addressMySQL(port int) string {
	return fmt.Sprintf("sessions:sessions@tcp(127.0.0.1:%d)/sessions", port)
}

// pingMySQL waits for the greeting, which a server sends once it accepts
// sessions: a packet with a header of four bytes that begins with 10.
func pingMySQL(c net.Conn) error {
	var head [5]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	if head[4] != 10 {
		return fmt.Errorf("greeted by %d, not by protocol 10", head[4])
	}
	return nil
}
