package redisstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/redis/rueidis"
)

var policyLine = regexp.MustCompile(`(?m)^maxmemory_policy:(\S+)`)

// Check asks each node of the server for its maxmemory-policy. It returns an
// error that names the nodes that drop live sessions when memory is short, or
// the error of the connection if no node answers. A node that does not tell its
// policy, such as one whose user lacks the right to INFO, passes.
//
// Call Check when the program starts. It is safe for concurrent use.
func (s *Store) Check(ctx context.Context) error {
	var faults []error
	var unanswered error
	answered := false
	for address, node := range s.client.Nodes() {
		info, err := node.Do(ctx, node.B().Info().Section("memory").Build()).ToString()
		said, refused := rueidis.IsRedisErr(err)
		switch {
		case err != nil && !(refused && mayNotAsk(said.Error())):
			unanswered = err
			continue
		case err == nil:
			if m := policyLine.FindStringSubmatch(info); m != nil && m[1] != "noeviction" {
				faults = append(faults, fmt.Errorf("%s has maxmemory-policy %s and drops live sessions when memory is short: set maxmemory-policy to noeviction", address, m[1]))
			}
		}
		answered = true
	}
	switch {
	case len(faults) > 0:
		return fmt.Errorf("redisstore: check: %w", errors.Join(faults...))
	case !answered:
		return fault("check", unanswered)
	}
	return nil
}

// mayNotAsk reports whether the server refuses a command to this user or to all.
func mayNotAsk(said string) bool {
	return strings.HasPrefix(said, "NOPERM") || strings.HasPrefix(said, "ERR unknown command")
}
