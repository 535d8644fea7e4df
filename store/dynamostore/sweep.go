package dynamostore

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// scanned is how many items a scan reads at a time, so that it takes no more
// than a page's capacity at once.
const scanned = 1000

// sweepers is how many records a sweep deletes at once. DynamoDB has no request
// that deletes several, each on its own condition.
const sweepers = 16

// Sweep removes up to limit expired records, if Options.SweepByScan is set;
// else it returns [errors.ErrUnsupported], for DynamoDB collects them. It reads
// the table from where the last call has stopped, and if it finds fewer than
// limit up to the end, all of it once more. It deletes sixteen records at a time,
// each only if it has still expired. Calls of one Store wait for each other.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	if !s.opts.SweepByScan {
		return 0, ended(ctx, errors.ErrUnsupported)
	}
	select {
	case s.sweeping <- struct{}{}:
		defer func() { <-s.sweeping }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	var tries attempts
	again := s.swept != nil // part of the table lies before
	for removed < limit {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		n, err := s.sweepPage(ctx, limit-removed, &tries)
		removed += n
		if err != nil {
			return removed, s.fault("sweep", tries.told(err))
		}
		if s.swept != nil {
			continue
		}
		if !again {
			return removed, nil
		}
		again = false
	}
	return removed, nil
}

// sweepPage removes expired records of the next part of the table. s.swept is
// nil after the last one.
func (s *Store) sweepPage(ctx context.Context, limit int, tries *attempts) (removed int, err error) {
	now := number(time.Now().UnixMilli())
	filter := "attribute_type(#expires, :number) AND #expires <= :now AND attribute_type(#version, :number)"
	values := attributes{":now": now, ":number": text("N")}
	names := map[string]string{"#expires": s.opts.Expires, "#version": s.opts.Version, "#key": s.opts.PartitionKey.Name}
	project := "#key"
	if prefix := s.opts.PartitionKey.Prefix; prefix != "" {
		filter += " AND begins_with(#key, :prefix)"
		values[":prefix"] = text(prefix)
	}
	if sort := s.opts.SortKey.Name; sort != "" {
		names["#sort"] = sort
		project += ", #sort"
	}
	out, err := s.client.Scan(ctx, &dynamodb.ScanInput{
		TableName:                 s.table,
		FilterExpression:          aws.String(filter),
		ProjectionExpression:      aws.String(project),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
		ExclusiveStartKey:         s.swept,
		Limit:                     aws.Int32(scanned),
	}, tries.watch)
	if err != nil {
		return 0, err
	}
	var keys []attributes
	for _, key := range out.Items {
		if _, ok := s.id(key); ok { // in a table of many kinds it may be another's
			keys = append(keys, key)
		}
	}
	for len(keys) > 0 {
		if removed == limit {
			return removed, nil
		}
		group := keys[:min(len(keys), sweepers, limit-removed)]
		n, err := s.remove(ctx, group, now)
		if removed += n; err != nil {
			return removed, err
		}
		keys, s.swept = keys[len(group):], group[len(group)-1]
	}
	s.swept = out.LastEvaluatedKey
	return removed, nil
}

// remove deletes the records of some keys at once, if they have still expired.
// It returns how many it was, and the first error.
func (s *Store) remove(ctx context.Context, keys []attributes, now types.AttributeValue) (removed int, err error) {
	var (
		mu  sync.Mutex
		all sync.WaitGroup
	)
	for _, key := range keys {
		all.Go(func() {
			var tries attempts
			_, fault := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName:                 s.table,
				Key:                       key,
				ConditionExpression:       aws.String("#expires <= :now"),
				ExpressionAttributeNames:  map[string]string{"#expires": s.opts.Expires},
				ExpressionAttributeValues: attributes{":now": now},
			}, tries.watch)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case fault == nil:
				removed++
			case !conditionFailed(fault):
				err = cmp.Or(err, tries.told(fault))
			}
		})
	}
	all.Wait()
	return removed, err
}
