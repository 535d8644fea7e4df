// Package redisstore keeps session records in Redis or Valkey, through a
// client of rueidis that you make.
//
//	client, err := rueidis.NewClient(rueidis.ClientOption{
//		InitAddress:  []string{"redis.example:6379"},
//		DisableRetry: true,
//	})
//	if err != nil {
//		return err
//	}
//	st, err := redisstore.New(client, redisstore.Options{})
//	if err != nil {
//		return err
//	}
//	if err := st.Check(ctx); err != nil { // would the server drop sessions?
//		return err
//	}
//	manager, err := sessions.New(st, sessions.Options{})
//
// It needs Redis 6.2 or later, alone, behind sentinels or in a cluster: a
// command names one key. A load is one GET, a save one script, each one round
// trip. Expired records are collected by the server; nothing has to be swept.
//
// # Time
//
// Whether a record has expired is decided by the clock of this process, to
// the millisecond. The server is told to keep a record for a minute longer,
// and its clock decides nothing. The clocks of the processes that share a
// prefix should agree.
//
// # Subjects
//
// Each subject has an index of its records, which is another key and may be on
// another node. It is written before the record, so a crash in between leaves an
// entry too many and never hides a session from List. An entry lasts twice as
// long as the record is to live, so most saves and touches leave the index
// alone: about one in each idle timeout has to write it, which takes two more
// round trips.
//
// When a record is deleted, or a save gives it another subject or none, its
// entry is removed in one more round trip. List reads the index in steps of
// about a hundred entries, so it never stops the server for long. It passes over
// entries without a record, and removes them when they are an hour old. Each
// write of an index removes a few entries that have expired, and an index that
// nobody writes expires.
//
// # The client
//
// Set ConnWriteTimeout to a few seconds, so that a server that is silent is
// noticed. rueidis repeats no command of this store except those of the cache.
// A write whose answer was lost is never repeated, because it may have taken
// effect. Reads are not marked as reads, so that they go to no replica; the store
// itself repeats a read whose connection was closed, twice and at once. With
// sentinels set TopologyRefreshInterval, as rueidis recommends.
//
// This command makes a user of the server with all rights that the client and
// the store need, also in a cluster and behind sentinels:
//
//	ACL SETUSER sessions on >password ~sessions:* resetchannels -@all
//		+get +set +getdel +getrange +setrange +pttl +pexpire
//		+hget +hset +hdel +hscan +hrandfield +eval +evalsha
//		+hello +ping +client|tracking +client|caching
//		+cluster|slots +cluster|shards +asking +role +info
//
// The keys are those with Options.Prefix, here the default. The client asks for
// CLIENT TRACKING also without Options.Cache, unless its DisableCache is set.
// INFO is for [Store.Check] alone, ROLE for sentinels. Servers from Redis 7.2 on
// also have +client|setinfo, for the name of the client's library; without it
// they only note a refusal in ACL LOG.
//
// # Failover
//
// Sentinels and clusters tell the client where the primary is. If the client
// knows one address instead, such as a name or a proxy that leads to the primary,
// a failover may leave it on a server that has become a replica and refuses
// writes with READONLY. The store then gives up the connections one by one, so
// that writes reach the new primary within about a second once the address leads
// there. While it leads to a replica, writes fail and reads work. A write that
// shares a connection that is given up may fail without an answer; the manager
// then finds out whether it took effect.
//
// A server that still takes writes although another has become the primary is
// not noticed. Set ClientOption.ConnLifetime, for example to a minute, to bound
// how long the client stays on it.
//
// # What is safe
//
// Redis may lose what it has acknowledged: in a crash as much as its appendfsync
// allows, in a failover what the replica had not received. A logout can be lost
// like that, and the session is then there again.
//
// Set maxmemory-policy to noeviction. Under any other policy the server drops
// live sessions and indexes when memory is short: visitors are signed out, and
// RevokeAll misses sessions. [Store.Check] reports such a server; call it when
// the program starts.
//
// # Caching
//
// With Options.Cache, the client keeps records that it has loaded in memory for
// that time, and loads them again without a round trip. The server sends the
// client a message when a record changes (CLIENT TRACKING).
//
// Load sees the writes of the same Store at once, as without a cache. So make
// one Store for each prefix in a process. Load sees a write of another process
// when the server's message has arrived: on one machine this takes less than a
// millisecond. Until then, a session that was revoked elsewhere is still
// accepted. The contract of stores asks for more, so the cache is off by default.
// A new token works at once, because a manager that does not find it in memory
// asks the server. Save compares versions at the server in any case, and List and
// Refresh always read from the server.
//
// When the connection is lost, the client drops the records that it brought, and
// asks the server again. If a network swallows messages without closing the
// connection, the client notices it after Dialer.KeepAlive and ConnWriteTimeout,
// 11 seconds by default. Until then it serves records from memory, each for at
// most Options.Cache. So Options.Cache is the bound that always holds.
//
// The size of the cache is ClientOption.CacheSizeEachConn, 128 MB for each
// connection by default. Set DisableRetry: otherwise, while the server is down, a
// cached read is repeated until its context ends. Do not set SendToReplicas for
// this client: it would cache records of replicas, which lag.
package redisstore
