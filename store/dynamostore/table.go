package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Table returns the definition of the table with its index, paid by request,
// to be changed as you like and given to CreateTable. Time to live, on the
// attribute Options.TTL, is not a part of it.
func (s *Store) Table() *dynamodb.CreateTableInput {
	hash := s.opts.PartitionKey.Name
	in := &dynamodb.CreateTableInput{
		TableName:            s.table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{ofText(hash)},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash}},
	}
	if sort := s.opts.SortKey.Name; sort != "" {
		in.AttributeDefinitions = append(in.AttributeDefinitions, ofText(sort))
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange})
	}
	in.AttributeDefinitions = append(in.AttributeDefinitions, ofText(s.opts.Subject))
	in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
		IndexName:  aws.String(s.opts.Index),
		KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String(s.opts.Subject), KeyType: types.KeyTypeHash}},
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}}
	return in
}

func ofText(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
}

// Migrate creates what is missing of the table, its index and time to live,
// and returns when they can be used. It changes nothing that is there, and
// returns an error if that does not fit the options. An engine without time to
// live is left without. Several processes may call it at once. A backfill of
// an index on a large table may take longer than the context allows; then
// DynamoDB goes on by itself.
func (s *Store) Migrate(ctx context.Context) error {
	return s.fault("migrate", s.migrate(ctx))
}

func (s *Store) migrate(ctx context.Context) error {
	t, err := s.active(ctx, false)
	if err == nil {
		err = s.fits(t)
	}
	if err == nil && s.index(t) == nil {
		err = s.addIndex(ctx, t)
	}
	if err == nil {
		err = s.expire(ctx)
	}
	return err
}

// describe returns the table as it is, nil if there is none.
func (s *Store) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: s.table})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return out.Table, nil
}

// active waits until the table can be used, and its index, if it has one or
// must have one. It creates the table where there is none, also when one that
// was being deleted is gone. What is being updated can be used meanwhile. A
// description may be a little behind, and an engine may not add indexes at all.
func (s *Store) active(ctx context.Context, indexed bool) (*types.TableDescription, error) {
	const enough = 9 // answers without the index, in about 10 seconds
	vain := 0
	for pause := shortest; ; pause = min(2*pause, 5*time.Second) {
		t, err := s.describe(ctx)
		if err == nil && t == nil {
			_, err = s.client.CreateTable(ctx, s.Table())
			if underWay(err) {
				err = nil // by another process
			}
		}
		if err != nil {
			return nil, err
		}
		if t != nil {
			index := s.index(t)
			switch status := t.TableStatus; {
			case status == types.TableStatusCreating, status == types.TableStatusDeleting:
			case status != types.TableStatusActive && status != types.TableStatusUpdating:
				return nil, fmt.Errorf("the table is in the state %s", status)
			case index != nil:
				if index.IndexStatus == types.IndexStatusActive || index.IndexStatus == types.IndexStatusUpdating {
					return t, nil
				}
			case status == types.TableStatusUpdating:
			case !indexed:
				return t, nil
			case vain == enough:
				return nil, fmt.Errorf("the index %q was not added", s.opts.Index)
			default:
				vain++
			}
		}
		if err := wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func (s *Store) index(t *types.TableDescription) *types.GlobalSecondaryIndexDescription {
	for i := range t.GlobalSecondaryIndexes {
		if aws.ToString(t.GlobalSecondaryIndexes[i].IndexName) == s.opts.Index {
			return &t.GlobalSecondaryIndexes[i]
		}
	}
	return nil
}

// fits returns an error if the table has other keys than the options say.
func (s *Store) fits(t *types.TableDescription) error {
	want := s.Table()
	if got, want := schema(t.KeySchema, t.AttributeDefinitions), schema(want.KeySchema, want.AttributeDefinitions); got != want {
		return fmt.Errorf("the table is there and has the key %s, Options.PartitionKey and SortKey say %s", got, want)
	}
	if index := s.index(t); index != nil {
		got, want := schema(index.KeySchema, t.AttributeDefinitions), schema(want.GlobalSecondaryIndexes[0].KeySchema, want.AttributeDefinitions)
		if got != want {
			return fmt.Errorf("the index %q is there and has the key %s, want %s", s.opts.Index, got, want)
		}
	}
	return nil
}

// schema describes a key.
func schema(key []types.KeySchemaElement, defs []types.AttributeDefinition) (text string) {
	for _, k := range key {
		kind := types.ScalarAttributeType("?")
		for _, d := range defs {
			if aws.ToString(d.AttributeName) == aws.ToString(k.AttributeName) {
				kind = d.AttributeType
			}
		}
		text += fmt.Sprintf("(%s %q %s)", k.KeyType, aws.ToString(k.AttributeName), kind)
	}
	return text
}

// addIndex adds the index to a table, with the table's capacity if that is
// provisioned; else it is 0.
func (s *Store) addIndex(ctx context.Context, t *types.TableDescription) error {
	def := s.Table()
	create := &types.CreateGlobalSecondaryIndexAction{
		IndexName: def.GlobalSecondaryIndexes[0].IndexName, KeySchema: def.GlobalSecondaryIndexes[0].KeySchema,
		Projection: def.GlobalSecondaryIndexes[0].Projection,
	}
	if p := t.ProvisionedThroughput; p != nil && aws.ToInt64(p.ReadCapacityUnits) > 0 {
		create.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: p.ReadCapacityUnits, WriteCapacityUnits: p.WriteCapacityUnits}
	}
	for {
		_, err := s.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName:                   s.table,
			AttributeDefinitions:        def.AttributeDefinitions,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: create}},
		})
		if err != nil && !underWay(err) {
			return err
		}
		if t, err = s.active(ctx, err == nil); err != nil || s.index(t) != nil {
			return err
		}
		if err := wait(ctx, shortest); err != nil { // the table was being changed otherwise
			return err
		}
	}
}

// underWay reports whether another process is at the same change.
func underWay(err error) bool {
	var busy *types.ResourceInUseException
	return errors.As(err, &busy)
}

// expire turns time to live on, unless it is.
func (s *Store) expire(ctx context.Context) error {
	out, err := s.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: s.table})
	if err == nil && out.TimeToLiveDescription != nil {
		switch d := out.TimeToLiveDescription; d.TimeToLiveStatus {
		case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
			if name := aws.ToString(d.AttributeName); name != s.opts.TTL {
				return fmt.Errorf("time to live is on for the attribute %q, Options.TTL is %q", name, s.opts.TTL)
			}
			return nil
		}
	}
	if err == nil {
		_, err = s.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName:               s.table,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(s.opts.TTL), Enabled: aws.Bool(true)},
		})
	}
	var said smithy.APIError
	if errors.As(err, &said) && said.ErrorCode() == "UnknownOperationException" {
		return nil
	}
	return err
}
