package cachestore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/store/cachestore"
)

// Notifications is a Channel by LISTEN and NOTIFY of PostgreSQL. Copy it.
type Notifications struct {
	Pool *pgxpool.Pool
	Name string // of PostgreSQL's channel, the same in all processes
}

var _ cachestore.Channel = Notifications{}

// ping is how often the connection is tried while nothing arrives.
const ping = 5 * time.Second

// Publish sends a message.
func (n Notifications) Publish(ctx context.Context, message string) error {
	_, err := n.Pool.Exec(ctx, "SELECT pg_notify($1, $2)", n.Name, message)
	return err
}

// Listen takes a connection out of the pool until it breaks or ctx ends.
func (n Notifications) Listen(ctx context.Context, ready func(), receive func(message string)) error {
	pooled, err := n.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	c := pooled.Hijack()
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	if _, err := c.Exec(ctx, "LISTEN "+pgx.Identifier{n.Name}.Sanitize()); err != nil {
		return err
	}
	ready()
	for {
		wait, cancel := context.WithTimeout(ctx, ping)
		m, err := c.WaitForNotification(wait)
		quiet := errors.Is(wait.Err(), context.DeadlineExceeded)
		cancel()
		switch {
		case err == nil:
			receive(m.Payload)
		case ctx.Err() != nil:
			return ctx.Err()
		case !quiet:
			return err
		default:
			wait, cancel := context.WithTimeout(ctx, ping)
			err := c.Ping(wait)
			cancel()
			if err != nil {
				return err
			}
		}
	}
}

func ExampleChannel() {
	pool, err := pgxpool.New(context.Background(), "postgres://app@db.example/app")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	opts := cachestore.Options{Channel: Notifications{Pool: pool, Name: "sessions"}}
	fmt.Println(opts.Channel.(Notifications).Name)
	// Output: sessions
}
