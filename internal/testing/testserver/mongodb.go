package testserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"syscall"
)

// mongodb is one server, no replica set. What it has acknowledged as being in
// its journal it keeps when it is killed.
func mongodb() *backend {
	return &backend{
		programs: []string{"mongod"},
		setup:    func(_, dir string) []string { return []string{"mkdir", filepath.Join(dir, "data")} },
		serve: func(bin, dir string, port int) []string {
			return []string{filepath.Join(bin, "mongod"), "--port", fmt.Sprint(port), "--bind_ip", "127.0.0.1",
				"--dbpath", filepath.Join(dir, "data"), "--nounixsocket"}
		},
		ping:    pingMongoDB,
		address: func(port int) string { return fmt.Sprintf("mongodb://127.0.0.1:%d", port) },
		stop:    syscall.SIGKILL,
		rare:    true, // no distribution has it, and what CI has may be another server that speaks its protocol
	}
}

// hello is an OP_MSG with {hello: 1, $db: "admin"}.
const hello = "\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00" + "\x00\x00\x00\x00\x00" +
	"\x1f\x00\x00\x00" + "\x10hello\x00\x01\x00\x00\x00" + "\x02$db\x00\x06\x00\x00\x00admin\x00" + "\x00"

// pingMongoDB asks who is there. Any answer will do: a server listens when it
// is ready.
func pingMongoDB(c net.Conn) error {
	if _, err := io.WriteString(c, hello); err != nil {
		return err
	}
	head := make([]byte, 16)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	if op := binary.LittleEndian.Uint32(head[12:]); op != 2013 {
		return fmt.Errorf("answered by operation %d", op)
	}
	if binary.LittleEndian.Uint32(head[8:]) != 1 {
		return errors.New("answered another question")
	}
	return nil
}
