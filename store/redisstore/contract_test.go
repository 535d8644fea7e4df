package redisstore_test

import (
	"testing"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		server := product(t, client)
		if opts.Cache > 0 {
			server += " cached"
		}
		testserver.Report(t, "redisstore", server)
		st := open(t, client, opts)
		storetest.Run(t, func(*testing.T) store.Store { return st })
	})
}
