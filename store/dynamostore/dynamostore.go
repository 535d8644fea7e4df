package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/gosessions/sessions/store"
)

// Store keeps records in DynamoDB. It is safe for concurrent use, and any
// number of processes may use one table. It starts no goroutine.
type Store struct {
	client *dynamodb.Client
	opts   Options
	table  *string

	sweeping chan struct{} // has an element while Sweep is at work
	swept    attributes    // key of the item that Sweep has read last
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

// errLost is the fault of a write that was tried again by the client.
var errLost = errors.New("the outcome is unknown: the answer to the first try was lost, and a second try found its condition not met")

// Create inserts a record. The id of an expired record is taken until
// DynamoDB has collected it.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := check(&r); err != nil {
		return fmt.Errorf("dynamostore: create: %w", err)
	}
	var tries attempts
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                s.table,
		Item:                     s.item(&r),
		ConditionExpression:      aws.String("attribute_not_exists(#key)"),
		ExpressionAttributeNames: map[string]string{"#key": s.opts.PartitionKey.Name},
	}, tries.watch)
	return s.outcome("create", err, &tries, store.ErrExists)
}

// Load returns a record that is live by this process's clock. It reads
// strongly consistently.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if !storable(id) {
		return store.Record{}, ended(ctx, store.ErrNotFound)
	}
	var tries attempts
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      s.table,
		Key:            s.key(id),
		ConsistentRead: aws.Bool(true),
	}, tries.watch)
	if err != nil {
		return store.Record{}, s.fault("load", tries.told(err))
	}
	if len(out.Item) == 0 {
		return store.Record{}, store.ErrNotFound
	}
	r, err := s.record(id, out.Item)
	switch {
	case err != nil:
		return store.Record{}, s.fault("load", err)
	case !time.Now().Before(r.Expires):
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Save replaces a live record of the same version. Attributes that others have
// put upon the item stay.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if !storable(r.ID) {
		return ended(ctx, store.ErrConflict)
	}
	if err := check(&r); err != nil {
		return fmt.Errorf("dynamostore: save: %w", err)
	}
	expires := r.Expires.UnixMilli()
	set, remove := "SET #version = :next, #expires = :expires, #ttl = :ttl", ""
	values := attributes{
		":version": number(r.Version), ":next": number(r.Version + 1), ":now": number(time.Now().UnixMilli()),
		":expires": number(expires), ":ttl": ttl(expires),
	}
	put := func(name string, absent bool, value types.AttributeValue) {
		switch {
		case !absent:
			set += ", #" + name + " = :" + name
			values[":"+name] = value
		case remove == "":
			remove = " REMOVE #" + name
		default:
			remove += ", #" + name
		}
	}
	put("subject", r.Subject == "", text(r.Subject))
	put("data", len(r.Data) == 0, &types.AttributeValueMemberB{Value: r.Data})
	var tries attempts
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           s.table,
		Key:                 s.key(r.ID),
		UpdateExpression:    aws.String(set + remove),
		ConditionExpression: aws.String("#version = :version AND #expires > :now"),
		ExpressionAttributeNames: map[string]string{
			"#version": s.opts.Version, "#expires": s.opts.Expires, "#ttl": s.opts.TTL,
			"#subject": s.opts.Subject, "#data": s.opts.Data,
		},
		ExpressionAttributeValues: values,
	}, tries.watch)
	return s.outcome("save", err, &tries, store.ErrConflict)
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	if !storable(id) {
		return ended(ctx, store.ErrConflict)
	}
	ms := expires.UnixMilli()
	var tries attempts
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           s.table,
		Key:                 s.key(id),
		UpdateExpression:    aws.String("SET #expires = :expires, #ttl = :ttl"),
		ConditionExpression: aws.String("#version = :version AND #expires > :now AND #expires < :expires"),
		ExpressionAttributeNames: map[string]string{
			"#version": s.opts.Version, "#expires": s.opts.Expires, "#ttl": s.opts.TTL,
		},
		ExpressionAttributeValues: attributes{
			":version": number(version), ":now": number(time.Now().UnixMilli()),
			":expires": number(ms), ":ttl": ttl(ms),
		},
	}, tries.watch)
	if !conditionFailed(err) {
		return s.fault("touch", tries.told(err))
	}
	// It may be that late already, perhaps by a try whose answer was lost.
	switch r, err := s.Load(ctx, id); {
	case errors.Is(err, store.ErrNotFound):
		return store.ErrConflict
	case err != nil:
		return err
	case r.Version != version:
		return store.ErrConflict
	}
	return nil
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	if !storable(id) {
		return ctx.Err()
	}
	var tries attempts
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: s.table, Key: s.key(id)}, tries.watch)
	return s.fault("delete", tries.told(err))
}

// outcome returns what a conditional write has come to. Where the condition
// was not met it is unmet, unless an earlier try may have written.
func (s *Store) outcome(op string, err error, tries *attempts, unmet error) error {
	switch {
	case !conditionFailed(err):
		return s.fault(op, tries.told(err))
	case tries.lost:
		return s.fault(op, errLost)
	}
	return unmet
}

func conditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}

// ended returns the context's error, or else err.
func ended(ctx context.Context, err error) error {
	if over := ctx.Err(); over != nil {
		return over
	}
	return err
}
