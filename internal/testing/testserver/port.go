package testserver

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
)

// Ports of servers are below those that systems give to clients and to
// listeners on port 0: from 32768 on Linux, from 49152 elsewhere. So nobody
// takes a server's port by chance, neither before it listens nor while it is
// down.
const firstPort, lastPort = 20000, 29999

// reserve returns a free TCP port from first to last. The UDP port of the same
// number keeps it from the tests of other processes until it is closed, or the
// process ends.
func reserve(first, last int) (port int, reservation io.Closer, err error) {
	for _, i := range rand.Perm(last - first + 1) {
		port = first + i
		address := fmt.Sprintf("127.0.0.1:%d", port)
		udp, err := net.ListenPacket("udp4", address)
		if err != nil {
			continue
		}
		tcp, err := net.Listen("tcp4", address)
		if err == nil {
			return port, udp, tcp.Close()
		}
		_ = udp.Close()
	}
	return 0, nil, errors.New("all ports are in use")
}
