package redisstore

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// giveUpEvery bounds how often a store gives up a connection while the client's
// address still leads to a replica, so that reads on it can be repeated. The
// client has four connections unless its options say otherwise.
const giveUpEvery = 250 * time.Millisecond

// write sends a command that changes something. A server that has become a
// replica refuses it with READONLY, on connections that stay open, although the
// client's address may lead to the new primary by now. So write repeats the
// command and gives up the connection that answers: QUIT goes with it. The
// client uses its connections at random, and makes new ones.
func (s *Store) write(ctx context.Context, command func() rueidis.Completed) rueidis.RedisResult {
	result := s.client.Do(ctx, command())
	if !isReplica(result.Error()) || s.client.Mode() == rueidis.ClientModeCluster { // whose nodes say where the primary is
		return result
	}
	last, now := s.gaveUp.Load(), time.Now().UnixMilli()
	if now-last < giveUpEvery.Milliseconds() || !s.gaveUp.CompareAndSwap(last, now) {
		return result
	}
	return s.client.DoMulti(ctx, command(), s.client.B().Arbitrary("QUIT").Build())[0]
}

// isReplica reports whether a server has refused a write because it is a replica.
func isReplica(err error) bool {
	said, ok := rueidis.IsRedisErr(err)
	return ok && says(said.Error(), "READONLY")
}
