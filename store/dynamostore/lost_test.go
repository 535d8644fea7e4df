package dynamostore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

// record returns one that lives for an hour.
func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
}

// hurried makes the client's pauses between tries short; throttling makes it
// wait for a second else.
func hurried(o *dynamodb.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return rand.N(time.Millisecond), nil })
		o.RateLimiter = unlimited{}
	})
}

// unlimited lets the client try as often as it wants.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

// TestWriteWhoseAnswerIsLost: the client tries again by itself. What has
// happened is then neither reported as a conflict nor done twice.
func TestWriteWhoseAnswerIsLost(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w), hurried), dynamostore.Options{})
	r := record("a")
	unknown := func(err error) error {
		if err == nil || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%v, want that the outcome is unknown", err)
		}
		return nil
	}
	lost, failed := fault{lost: true}, fails
	failed.after = true
	for how, f := range map[string]fault{"no answer": lost, "an error for an answer": failed} {
		for _, c := range []struct {
			name, asked string
			call        func() error
		}{
			{"Create", "PutItem PutItem", func() error { return unknown(st.Create(ctx, r)) }},
			{"Load", "GetItem GetItem", func() error { return load(ctx, st, "a") }},
			{"Save", "UpdateItem UpdateItem", func() error { return unknown(st.Save(ctx, r)) }},
			{"Touch", "UpdateItem UpdateItem GetItem", func() error { return st.Touch(ctx, "a", 2, r.Expires.Add(time.Minute)) }},
			{"List", "Query Query BatchGetItem", func() error { return list(ctx, st, "ann") }},
			{"Delete", "DeleteItem DeleteItem", func() error { return st.Delete(ctx, "a") }},
		} {
			w.breaks(once(f))
			if err := c.call(); err != nil {
				t.Errorf("%s, %s: %v", c.name, how, err)
			}
			if got := w.heard(); got != c.asked {
				t.Errorf("%s, %s: asked %q, want %q", c.name, how, got, c.asked)
			}
			w.breaks(nil)
			got, err := st.Load(ctx, "a")
			want := map[string]uint64{"Create": 1, "Load": 1, "Save": 2, "Touch": 2, "List": 2, "Delete": 0}[c.name]
			if got.Version != want || want > 0 && err != nil {
				t.Errorf("%s, %s: version %d, error %v; want version %d", c.name, how, got.Version, err, want)
			}
		}
	}
}

// TestNewSessionWhoseAnswerIsLostIsOne: the manager makes no second one.
func TestNewSessionWhoseAnswerIsLostIsOne(t *testing.T) {
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w), hurried), dynamostore.Options{})
	w.breaks(once(fault{lost: true}))
	id, _ := begin(t, manager(t, st))
	if got := w.heard(); got != "PutItem PutItem GetItem" {
		t.Errorf("asked %q", got)
	}
	if diff := cmp.Diff([]string{id}, ids(t, st, "ann")); diff != "" {
		t.Errorf("other records (-want +got):\n%s", diff)
	}
}

// TestTryThatWasRefused: the service has said that it did nothing, or was not
// reached, so that a condition that is not met afterwards is another's doing.
func TestTryThatWasRefused(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w), hurried), dynamostore.Options{})
	r := record("a")
	unreached := fault{err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
	for how, f := range map[string]fault{"throttled": throttles, "not reached": unreached} {
		for _, c := range []struct {
			name string
			call func() error
			want error
		}{
			{"Create", func() error { return st.Create(ctx, r) }, nil},
			{"Create of a taken id", func() error { return st.Create(ctx, r) }, store.ErrExists},
			{"Save", func() error { return st.Save(ctx, r) }, nil},
			{"Save of an old version", func() error { return st.Save(ctx, r) }, store.ErrConflict},
			{"Touch", func() error { return st.Touch(ctx, "a", 2, r.Expires.Add(time.Minute)) }, nil},
			{"Touch of an old version", func() error { return st.Touch(ctx, "a", 1, r.Expires.Add(time.Hour)) }, store.ErrConflict},
			{"Delete", func() error { return st.Delete(ctx, "a") }, nil},
		} {
			w.breaks(once(f))
			if err := c.call(); !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("%s: %s: %v, want %v", how, c.name, err, c.want)
			}
		}
	}
}

// limited counts the tries that a retryer of the second kind lets through, as
// the SDK's adaptive mode does.
type limited struct {
	aws.RetryerV2
	tries int
}

func (l *limited) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	l.tries++
	return l.RetryerV2.GetAttemptToken(ctx)
}

func TestRetryerThatLimitsTriesIsAsked(t *testing.T) {
	l := &limited{RetryerV2: retry.NewStandard()}
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w), func(o *dynamodb.Options) { o.Retryer = l }), dynamostore.Options{})
	l.tries = 0
	w.breaks(once(fails))
	ok(t, st.Create(t.Context(), record("a")))
	if l.tries != 2 {
		t.Errorf("it was asked about %d tries, want 2", l.tries)
	}
}

// TestRetryerOfOnesOwnIsUsed: also one of the first kind, and none at all.
func TestRetryerOfOnesOwnIsUsed(t *testing.T) {
	for name, c := range map[string]struct {
		retryer aws.Retryer
		asked   string
		fails   bool
	}{
		"none":       {aws.NopRetryer{}, "PutItem", true},
		"two tries":  {retry.AddWithMaxAttempts(retry.NewStandard(), 2), "PutItem PutItem", false},
		"first kind": {struct{ aws.Retryer }{retry.NewStandard()}, "PutItem PutItem", false},
	} {
		w := newWire(t)
		st := migrated(t, dial(find(t), over(w), func(o *dynamodb.Options) { o.Retryer = c.retryer }), dynamostore.Options{})
		w.breaks(once(fails))
		if err := st.Create(t.Context(), record("a")); (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
		if got := w.heard(); got != c.asked {
			t.Errorf("%s: asked %q, want %q", name, got, c.asked)
		}
	}
}

const counter = sessions.Key[int]("counter")

// TestNothingIsLostOrDoneTwiceOnAFailingService: managers of several processes
// count in one session while answers are lost, tries fail before and after
// they are carried out, and the table is throttled.
func TestNothingIsLostOrDoneTwiceOnAFailingService(t *testing.T) {
	ctx := t.Context()
	address := find(t)
	ready := migrated(t, client(t, address), dynamostore.Options{})
	opts := dynamostore.Options{Table: *ready.Table().TableName}
	first := manager(t, ready)
	id, token := begin(t, first)

	var mu sync.Mutex
	var sure, unsure int
	var all sync.WaitGroup
	for i := range 8 {
		w := newWire(t)
		dice := rand.New(rand.NewPCG(uint64(i), 1)) // under the wire's lock
		failed := fails
		failed.after = true
		w.fault = func(string) fault {
			switch dice.IntN(20) {
			case 0, 1:
				return fault{lost: true}
			case 2:
				return failed
			case 3:
				return fails
			case 4:
				return throttles
			}
			return fault{}
		}
		m := manager(t, open(t, dial(address, over(w), hurried), opts))
		for range 4 {
			all.Go(func() {
				for range 10 {
					err := count(ctx, m, token)
					mu.Lock()
					if err == nil {
						sure++
					} else {
						unsure++
					}
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	s, err := first.Open(ctx, token)
	ok(t, err)
	n, err := counter.Get(s)
	ok(t, err)
	t.Logf("%d increments acknowledged, %d of unknown outcome, counted %d", sure, unsure, n)
	if n < sure || n > sure+unsure || sure == 0 {
		t.Errorf("counted %d, want %d to %d", n, sure, sure+unsure)
	}
	if s.ID() != id {
		t.Errorf("the session's id is %s, was %s", s.ID(), id)
	}
}
