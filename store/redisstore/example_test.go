package redisstore_test

import (
	"context"
	"log"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/redisstore"
)

func Example() {
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:      []string{"redis.example:6379"},
		DisableRetry:     true,
		ConnWriteTimeout: 5 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	st, err := redisstore.New(client, redisstore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Check(context.Background()); err != nil { // would the server drop sessions?
		log.Fatal(err)
	}
	if _, err := sessions.New(st, sessions.Options{}); err != nil {
		log.Fatal(err)
	}
}

func ExampleNew_sentinel() {
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:  []string{"sentinel-1.example:26379", "sentinel-2.example:26379", "sentinel-3.example:26379"},
		Sentinel:     rueidis.SentinelOption{MasterSet: "app", TopologyRefreshInterval: 5 * time.Second},
		DisableRetry: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := redisstore.New(client, redisstore.Options{Prefix: "app:sessions:"}); err != nil {
		log.Fatal(err)
	}
}

func ExampleNew_cached() {
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:       []string{"redis.example:6379"},
		DisableRetry:      true,
		ConnWriteTimeout:  2 * time.Second,
		CacheSizeEachConn: 32 << 20, // bytes
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	// What was revoked elsewhere is refused when the server's message arrives, and
	// after 30 seconds whatever happens.
	if _, err := redisstore.New(client, redisstore.Options{Cache: 30 * time.Second}); err != nil {
		log.Fatal(err)
	}
}
