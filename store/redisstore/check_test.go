package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
	"github.com/gosessions/sessions/store/storetest"
)

// as connects as a user that is made with the command of the documentation.
func as(t *testing.T, admin rueidis.Client, address string) (client rueidis.Client, user string) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	ok(t, err)
	rule := regexp.MustCompile(`(?s)//\tACL SETUSER sessions .*?\n//\n`).FindString(string(doc))
	command := strings.Fields(strings.ReplaceAll(rule, "//", ""))
	if len(command) == 0 {
		t.Fatal("doc.go has no rule for the server's user")
	}
	name, password := "sessions-"+rand.Text(), rand.Text()
	for i, word := range command {
		switch word {
		case "sessions":
			command[i] = name
		case ">password":
			command[i] = ">" + password
		}
	}
	do(t, admin, command...)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		ok(t, admin.Do(ctx, admin.B().Arbitrary("ACL", "DELUSER", name).Build()).Error())
	})
	u, err := url.Parse(address)
	ok(t, err)
	u.User = url.UserPassword(name, password)
	return connect(t, u.String(), nil), name
}

// TestR107_DocumentedRightsSuffice: the user of the documentation may do all that the
// client and the store do, with a cache and without.
func TestR107_DocumentedRightsSuffice(t *testing.T) {
	for name, cache := range caching {
		for _, e := range append(engines, testserver.RedisCluster) {
			t.Run(string(e)+" "+name, func(t *testing.T) {
				var address string
				if e == testserver.RedisCluster {
					address = cluster(t)
				} else {
					address = testserver.Find(t, e).Address
				}
				admin := connect(t, address, func(o *rueidis.ClientOption) { o.ForceSingleClient = true })
				client, user := as(t, admin, address)
				st := open(t, client, redisstore.Options{Cache: cache})
				storetest.Run(t, func(*testing.T) store.Store { return st })
				ok(t, st.Check(t.Context()))
				m := do(t, admin, "ACL", "LOG")
				refused, err := m.ToArray()
				ok(t, err)
				for _, entry := range refused {
					if what, err := entry.AsMap(); err == nil && text(what["username"]) == user && text(what["object"]) != "client|setinfo" {
						t.Errorf("refused: %s of %q", text(what["reason"]), text(what["object"]))
					}
				}
			})
		}
	}
}

func text(m rueidis.RedisMessage) string {
	s, _ := m.ToString()
	return s
}

// TestR107_ServerThatWouldEvictSessionsIsReported, and what to do about it; a
// server that does not tell is taken as it is.
func TestR107_ServerThatWouldEvictSessionsIsReported(t *testing.T) {
	for _, e := range []testserver.Engine{testserver.Redis, testserver.Valkey} {
		t.Run(string(e), func(t *testing.T) {
			ctx := t.Context()
			server := testserver.Private(t, e)
			admin := connect(t, server.Address, nil)
			st := open(t, admin, options(0))
			ok(t, st.Check(ctx))
			for _, policy := range []string{"allkeys-lru", "allkeys-random", "volatile-ttl", "volatile-lfu"} {
				do(t, admin, "CONFIG", "SET", "maxmemory-policy", policy)
				wants(t, policy, st.Check(ctx), policy, strings.TrimPrefix(server.Address, "redis://"), "set maxmemory-policy to noeviction")
			}
			u, err := url.Parse(server.Address)
			ok(t, err)
			do(t, admin, "ACL", "SETUSER", "silent", "on", ">pass", "~*", "+@all", "-info", "-config")
			u.User = url.UserPassword("silent", "pass")
			ok(t, open(t, connect(t, u.String(), nil), options(0)).Check(ctx))
			server.Kill()
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			if err := st.Check(ctx); errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Check waits for a server that is down: %v", err)
			}
			wants(t, "a server that is down", st.Check(ctx))
		})
	}
}

// TestR107_NodeOfAClusterThatWouldEvictIsReported.
func TestR107_NodeOfAClusterThatWouldEvictIsReported(t *testing.T) {
	client := connect(t, cluster(t), nil)
	st := open(t, client, options(0))
	ok(t, st.Check(t.Context()))
	do(t, client, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	wants(t, "Check", st.Check(t.Context()), "allkeys-lru", "noeviction")
}
