package redisstore_test

import (
	"crypto/rand"
	"regexp"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/redisstore"
)

// engines are the servers that a store must work on.
var engines = []testserver.Engine{testserver.Redis, testserver.Redis8, testserver.Valkey}

// caching are the ways to read that a store must work in.
var caching = map[string]time.Duration{"uncached": 0, "cached": time.Minute}

// each runs a test on every engine, without a cache and with one.
func each(t *testing.T, test func(t *testing.T, client rueidis.Client, opts redisstore.Options)) {
	for _, e := range engines {
		for name, cache := range caching {
			t.Run(string(e)+" "+name, func(t *testing.T) {
				test(t, connect(t, testserver.Find(t, e).Address, nil), options(cache))
			})
		}
	}
}

// options have a prefix that nobody else has.
func options(cache time.Duration) redisstore.Options {
	return redisstore.Options{Prefix: "redisstore-" + rand.Text() + ":", Cache: cache}
}

// connect returns a client that ends with the test.
func connect(t testing.TB, address string, change func(*rueidis.ClientOption)) rueidis.Client {
	t.Helper()
	client, err := dial(address, change)
	ok(t, err)
	t.Cleanup(client.Close)
	return client
}

func dial(address string, change func(*rueidis.ClientOption)) (rueidis.Client, error) {
	opts, err := rueidis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	opts.DisableRetry = true
	if change != nil {
		change(&opts)
	}
	return rueidis.NewClient(opts)
}

// open returns a store, and fails the test where there is none.
func open(t testing.TB, client rueidis.Client, opts redisstore.Options) *redisstore.Store {
	t.Helper()
	st, err := redisstore.New(client, opts)
	ok(t, err)
	return st
}

// do runs a command.
func do(t testing.TB, client rueidis.Client, command ...string) rueidis.RedisMessage {
	t.Helper()
	m, err := client.Do(t.Context(), client.B().Arbitrary(command...).Build()).ToMessage()
	if err != nil && !rueidis.IsRedisNil(err) {
		t.Fatalf("%q: %v", command, err)
	}
	return m
}

// product returns the server's name and version.
func product(t testing.TB, client rueidis.Client) string {
	t.Helper()
	m := do(t, client, "INFO", "server")
	info, err := m.ToString()
	ok(t, err)
	if v := regexp.MustCompile(`valkey_version:(\S+)`).FindStringSubmatch(info); v != nil {
		return "Valkey " + v[1]
	}
	return "Redis " + regexp.MustCompile(`redis_version:(\S+)`).FindStringSubmatch(info)[1]
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
