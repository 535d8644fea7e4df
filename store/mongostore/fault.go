package mongostore

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Codes of servers for options of an index that they do not have, and for
// being no primary, or not any more.
var (
	refusals  = []int{2, 9, 14, 20, 40, 59, 67, 72, 115, 197, 238, 303}
	elections = []int{10107, 13435, 13436, 189, 91, 11600, 11602}
)

// said reports whether a server has answered by one of the codes.
func said(err error, codes []int) bool {
	return slices.ContainsFunc(mongo.ErrorCodes(err), func(code int) bool { return slices.Contains(codes, code) })
}

// passing reports whether a call may succeed when it is made again: the
// connection was lost, or another server is the primary now.
func passing(err error) bool { return mongo.IsNetworkError(err) || said(err, elections) }

// taken reports whether a document was not inserted because of its id, not
// because of a unique index that somebody has made of other fields.
func taken(err error) bool {
	if !mongo.IsDuplicateKeyError(err) {
		return false
	}
	var failed mongo.WriteException
	if errors.As(err, &failed) {
		for _, e := range failed.WriteErrors {
			keys, ok := e.Raw.Lookup("keyPattern").DocumentOK()
			if ok && keys.Lookup("_id").IsZero() {
				return false
			}
		}
	}
	return true
}

// advice tells what to do about the codes of a server, and about what the
// client only tells in words, once it has marked the server as unknown.
var advice = []struct {
	codes []int
	says  string
	do    string
}{
	{[]int{13}, "", "this user may not: give it the role readWrite on the database"},
	{[]int{18, 8000}, "auth error", "the server refuses this user: check user, password and authSource in the client's options"},
	{elections, "", "the server is no primary: it is being elected or stopped, or the client is connected to one member directly"},
	{[]int{64, 79, 100}, "", "the write was not confirmed by a majority, and may have happened: see how the members of the replica set are"},
	{[]int{11000, 11001}, "", "a unique index of the collection forbids it: drop the index, or name another collection in Options.Collection"},
	{[]int{14031}, "", "the server's disk is full"},
	{[]int{121}, "", "the collection's validator refuses it: drop the validator, or name another collection in Options.Collection"},
	{[]int{166}, "", "this is a view: name another collection in Options.Collection"},
}

// fault says which call failed on which collection, and what to do about it
// where that is known.
func (s *Store) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var failed mongo.WriteException
	if errors.As(err, &failed) {
		for i := range failed.WriteErrors {
			failed.WriteErrors[i].Details = nil // in which a validator quotes the session
		}
	}
	do := ""
	switch {
	case errors.Is(err, errForeign):
		do = "somebody else writes here: name another collection in Options.Collection: "
	case errors.Is(err, errLoose):
		do = "the collection compares text by a collation: name one without in Options.Collection: "
	case errors.Is(err, mongo.ErrClientDisconnected):
		do = "keep the client connected for as long as the store is used: "
	}
	for _, a := range advice {
		if do == "" && (said(err, a.codes) || a.says != "" && strings.Contains(err.Error(), a.says)) {
			do = a.do + ": "
		}
	}
	return fmt.Errorf("mongostore: %s in %s: %s%w", op, s.name, do, err)
}
