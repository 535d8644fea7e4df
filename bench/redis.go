package main

import (
	"context"
	"regexp"
	"time"

	scsredis "github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/boj/redistore"
	"github.com/gomodule/redigo/redis"
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// prefix begins the keys that the measurement makes for itself.
const prefix = own + ":"

// redisCrowds are how many visitors come to Redis at once.
var redisCrowds = [...]int{clients, 64}

func redisServer(address string) (database, error) {
	opts, err := rueidis.ParseURL(address)
	if err != nil {
		return database{}, err
	}
	client, err := rueidis.NewClient(opts)
	if err != nil {
		return database{}, err
	}
	pool := &redis.Pool{
		MaxIdle: redisCrowds[len(redisCrowds)-1],
		Dial:    func() (redis.Conn, error) { return redis.DialURL(address) },
	}
	onRedis := func(opts redisstore.Options) func() store.Store {
		opts.Prefix = prefix + "ours:"
		return func() store.Store { return must(redisstore.New(client, opts)) }
	}
	return database{
		name: "Redis", crowds: redisCrowds[:],
		version: func() (string, error) { return redisVersion(client) },
		close:   func() { sweepRedis(client); client.Close(); _ = pool.Close() },
		sites: []site{
			ours("sessions, redisstore", library, onRedis(redisstore.Options{})),
			ours("sessions, redisstore, cached", library, onRedis(redisstore.Options{Cache: time.Minute})),
			onSCS("scs, redisstore", scsModule+"/redisstore", func() scs.Store { return scsredis.NewWithPrefix(pool, prefix+"scs:") }),
			{name: "gorilla, redistore", module: "github.com/boj/redistore", few: true, open: func() pages {
				st := must(redistore.NewRediStoreWithPool(pool, secret))
				st.SetKeyPrefix(prefix + "gorilla:")
				return gorillaPages(st)
			}},
			bareCalls("rueidis alone", func() calls { return redisCalls{client} }),
		},
	}, nil
}

// redisVersion returns the server's version.
func redisVersion(client rueidis.Client) (string, error) {
	info, err := client.Do(context.Background(), client.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return "", err
	}
	return regexp.MustCompile(`redis_version:(\S+)`).FindStringSubmatch(info)[1], nil
}

// sweepRedis removes what the measurement has made.
func sweepRedis(client rueidis.Client) {
	ctx := context.Background()
	for next := uint64(0); ; {
		found := must(client.Do(ctx, client.B().Scan().Cursor(next).Match(prefix+"*").Count(1000).Build()).AsScanEntry())
		if len(found.Elements) > 0 {
			check(client.Do(ctx, client.B().Unlink().Key(found.Elements...).Build()).Error())
		}
		if next = found.Cursor; next == 0 {
			return
		}
	}
}

// redisCalls are those of rueidis.
type redisCalls struct{ client rueidis.Client }

func (c redisCalls) create(ctx context.Context, id string, data []byte) error {
	return c.save(ctx, id, data)
}

func (c redisCalls) load(ctx context.Context, id string) ([]byte, error) {
	return c.client.Do(ctx, c.client.B().Get().Key(prefix+id).Build()).AsBytes()
}

func (c redisCalls) save(ctx context.Context, id string, data []byte) error {
	return c.client.Do(ctx, c.client.B().Set().Key(prefix+id).Value(string(data)).ExSeconds(3600).Build()).Error()
}
