package testserver

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func TestR126_PortOfAServerIsNobodyElses(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := taken.Addr().(*net.TCPAddr).Port
	if _, _, err := reserve(busy, busy); err == nil {
		t.Error("a port on which somebody listens is free")
	}

	port, reserved, err := reserve(firstPort, lastPort)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := reserve(port, port); err == nil {
		t.Error("a port that is reserved is free, although its server does not listen yet")
	}
	server, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Error("the server for which it is reserved cannot listen: ", err)
	} else if err := server.Close(); err != nil { // as if it was killed
		t.Error(err)
	}
	if _, _, err := reserve(port, port); err == nil {
		t.Error("the port of a server that was killed is free, although it may start again")
	}
	if err := reserved.Close(); err != nil {
		t.Error(err)
	}
	if _, again, err := reserve(port, port); err != nil {
		t.Error("the port of a server that was removed: ", err)
	} else if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// Systems give these ports to clients, and to who listens on port 0.
func TestR126_NoSystemGivesThePortsOfServersToOthers(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Skip(err)
	}
	var first, last int
	if _, err := fmt.Sscan(strings.TrimSpace(string(text)), &first, &last); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		port, reserved, err := reserve(firstPort, lastPort)
		if err != nil {
			t.Fatal(err)
		}
		if port >= first && port <= last {
			t.Errorf("%d is one of %d to %d", port, first, last)
		}
		if err := reserved.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestR126_SkipLinesOfTheTableAreShort(t *testing.T) {
	for _, e := range []Engine{PostgreSQL, MariaDB, MySQL, LibSQL, Redis, Redis8, Valkey, RedisCluster, MongoDB, DynamoDB, Firestore, SurrealDB} {
		for _, private := range []bool{false, true} {
			if advice := e.advice(private); len(advice) > 80 {
				t.Errorf("%s: %d bytes: %s", e, len(advice), advice)
			}
		}
	}
}
