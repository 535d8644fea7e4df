package main

import (
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

const needsServer = true

func open() (store.Store, error) {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:1"}, DisableRetry: true})
	if err != nil {
		return nil, nil // a client connects when it is made
	}
	return redisstore.New(client, redisstore.Options{})
}
