package dynamostore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/gosessions/sessions/store"
)

// errForeign is the fault of an item that is no record.
var errForeign = errors.New("the item is no record of this package")

// grace is how much longer than the record lives DynamoDB is to keep the item,
// so that its clock decides nothing.
const grace = time.Minute

// attributes of an item, by name.
type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number[N int64 | uint64](n N) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

// ttl returns when DynamoDB may collect a record, in seconds, rounded up.
func ttl(expires int64) types.AttributeValue {
	return number((expires+grace.Milliseconds())/1000 + 1)
}

// storable reports whether an id can be a record's. DynamoDB's text is UTF-8,
// and the client would change what is not, so that it may be another's id.
func storable(id string) bool { return id != "" && len(id) <= maxID && utf8.ValidString(id) }

// check returns what keeps a record from being stored.
func check(r *store.Record) error {
	switch {
	case len(r.ID) == 0 || len(r.ID) > maxID:
		return fmt.Errorf("the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	case !utf8.ValidString(r.ID):
		return errors.New("the id is not UTF-8")
	case len(r.Subject) > maxPartitionKey:
		return fmt.Errorf("the subject has %d bytes, the key of an index has %d at most", len(r.Subject), maxPartitionKey)
	case !utf8.ValidString(r.Subject):
		return errors.New("the subject is not UTF-8")
	}
	return nil
}

// key returns the table's key for an id.
func (s *Store) key(id string) attributes {
	key := attributes{s.opts.PartitionKey.Name: text(s.opts.PartitionKey.of(id))}
	if s.opts.SortKey.Name != "" {
		key[s.opts.SortKey.Name] = text(s.opts.SortKey.of(id))
	}
	return key
}

// id returns the id of a record by its key; it is not ok for the key of
// something else.
func (s *Store) id(item attributes) (id string, ok bool) {
	hash, ok := item[s.opts.PartitionKey.Name].(*types.AttributeValueMemberS)
	if !ok {
		return "", false
	}
	id, begins := strings.CutPrefix(hash.Value, s.opts.PartitionKey.Prefix)
	id, ends := strings.CutSuffix(id, s.opts.PartitionKey.Suffix)
	if !begins || !ends || !storable(id) {
		return "", false
	}
	if s.opts.SortKey.Name == "" {
		return id, true
	}
	sort, ok := item[s.opts.SortKey.Name].(*types.AttributeValueMemberS)
	return id, ok && sort.Value == s.opts.SortKey.of(id)
}

// item returns a new record as it is stored. An index takes no item whose key
// is missing, and refuses one whose key is empty.
func (s *Store) item(r *store.Record) attributes {
	expires := r.Expires.UnixMilli()
	item := s.key(r.ID)
	item[s.opts.Version] = number(uint64(1))
	item[s.opts.Expires] = number(expires)
	item[s.opts.TTL] = ttl(expires)
	if r.Subject != "" {
		item[s.opts.Subject] = text(r.Subject)
	}
	if len(r.Data) > 0 {
		item[s.opts.Data] = &types.AttributeValueMemberB{Value: r.Data}
	}
	return item
}

// record reads an item.
func (s *Store) record(id string, item attributes) (r store.Record, err error) {
	version, err := s.number(item, s.opts.Version)
	if err != nil {
		return r, err
	}
	expires, err := s.number(item, s.opts.Expires)
	if err != nil {
		return r, err
	}
	r.ID = id
	if r.Version, err = strconv.ParseUint(version, 10, 64); err != nil {
		return store.Record{}, fmt.Errorf("%w: %q is %q", errForeign, s.opts.Version, version)
	}
	ms, err := strconv.ParseInt(expires, 10, 64)
	if err != nil {
		return store.Record{}, fmt.Errorf("%w: %q is %q", errForeign, s.opts.Expires, expires)
	}
	r.Expires = time.UnixMilli(ms)
	switch a := item[s.opts.Subject].(type) {
	case nil:
	case *types.AttributeValueMemberS:
		r.Subject = a.Value
	default:
		return store.Record{}, fmt.Errorf("%w: %q is no text", errForeign, s.opts.Subject)
	}
	switch a := item[s.opts.Data].(type) {
	case nil:
	case *types.AttributeValueMemberB:
		r.Data = a.Value
	default:
		return store.Record{}, fmt.Errorf("%w: %q is no binary", errForeign, s.opts.Data)
	}
	return r, nil
}

func (s *Store) number(item attributes, name string) (string, error) {
	switch a := item[name].(type) {
	case nil:
		return "", fmt.Errorf("%w: it has no %q", errForeign, name)
	case *types.AttributeValueMemberN:
		return a.Value, nil
	}
	return "", fmt.Errorf("%w: %q is no number", errForeign, name)
}
