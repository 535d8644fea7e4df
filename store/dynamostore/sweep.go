package dynamostore

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// scanned is how many items a scan reads at a time, so that it takes no more
// than a page's capacity at once.
const scanned = 1000

// Sweep removes up to limit expired records, if Options.SweepByScan is set;
// else it returns errors.ErrUnsupported, for DynamoDB collects them. It reads
// the table from where the last call has stopped, and if it finds fewer than
// limit up to the end, all of it once more. Each record is deleted only if it
// has still expired. Calls of one Store wait for each other.
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
	for _, key := range out.Items {
		if removed == limit {
			return removed, nil
		}
		if _, ok := s.id(key); ok { // in a table of many kinds it may be another's
			_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName:                 s.table,
				Key:                       key,
				ConditionExpression:       aws.String("#expires <= :now"),
				ExpressionAttributeNames:  map[string]string{"#expires": s.opts.Expires},
				ExpressionAttributeValues: attributes{":now": now},
			}, tries.watch)
			switch {
			case err == nil:
				removed++
			case !conditionFailed(err):
				return removed, err
			}
		}
		s.swept = key
	}
	s.swept = out.LastEvaluatedKey
	return removed, nil
}
