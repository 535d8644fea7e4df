package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/rueidis"
)

// advice tells what to do about what a server says.
var advice = []struct{ says, do string }{
	{"OOM", "the server is full and evicts nothing: raise maxmemory, or keep less in it"},
	{"READONLY", "this is a replica: connect to the primary, let the address lead to it, or let the client find it by sentinel or cluster"},
	{"NOAUTH", "the server wants a password: set it in the client's options"},
	{"WRONGPASS", "the server refuses this user: check user and password in the client's options"},
	{"NOPERM", "this user may not: give it the rights of the ACL SETUSER command in the documentation of redisstore, for keys with Options.Prefix"},
	{"WRONGTYPE", "another program's key begins with this prefix: choose another in Options.Prefix"},
	{"MISCONF", "the server cannot write to its disk: make room, and see its log"},
	{"LOADING", "the server is starting"},
	{"MASTERDOWN", "this is a replica that has lost its primary: connect to the primary"},
	{"CLUSTERDOWN", "the cluster does not serve all slots: see CLUSTER INFO"},
	{"CROSSSLOT", "a proxy took one key for several: this store names one key in a command"},
}

// fault says which call failed, and what to do about it where that is known.
func fault(op string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errForeign) {
		return fmt.Errorf("redisstore: %s: another program's key begins with this prefix, choose another in Options.Prefix: %w", op, err)
	}
	said, ok := rueidis.IsRedisErr(err)
	if !ok {
		return fmt.Errorf("redisstore: %s: %w", op, err)
	}
	text := said.Error()
	if strings.HasPrefix(text, "ERR unknown command") { // it goes on with the arguments
		command, _, _ := strings.Cut(text, ", with args")
		return fmt.Errorf("redisstore: %s: Redis 6.2 or later is needed: %s", op, command)
	}
	for _, a := range advice {
		if says(text, a.says) {
			return fmt.Errorf("redisstore: %s: %s: %w", op, a.do, err)
		}
	}
	return fmt.Errorf("redisstore: %s: %w", op, err)
}

// says reports whether a server's text has a code. Older servers write the code
// of what a script has met in the middle of the text.
func says(text, code string) bool {
	return strings.HasPrefix(text, code+" ") || strings.Contains(text, ": "+code+" ") || strings.Contains(text, "-"+code+" ")
}

// again reads once more where the connection has failed, which the server may
// have closed long before: a read does nothing twice.
func again[T any](ctx context.Context, read func() (T, error)) (v T, err error) {
	const tries = 3
	for range tries {
		v, err = read()
		if err == nil || lasting(ctx, err) || errors.Is(err, context.DeadlineExceeded) {
			return v, err
		}
	}
	return v, err
}

// lasting reports whether a read would fail again for the same reason.
func lasting(ctx context.Context, err error) bool {
	_, said := err.(*rueidis.RedisError)
	return said || ctx.Err() != nil || errors.Is(err, rueidis.ErrClosing)
}
