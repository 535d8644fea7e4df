package surrealstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var errReadOnly = errors.New("the server wrote nothing: this user may only read")

// advice tells what to do about what a server says.
var advice = []struct{ says, do string }{
	{"Specify a namespace to use", "choose namespace and database with Use, on each connection"},
	{"Specify a database to use", "choose namespace and database with Use, on each connection"},
	{"The namespace ", "the namespace is missing: check what Use is given"},
	{"The database ", "the database is missing: check what Use is given"},
	{"' does not exist", "the table is missing: call Migrate, or check the namespace and database that the client uses"},
	{"read only transaction", "the namespace or the database was removed: check what Use is given"},
	{"problem with authentication", "the server refuses this user: check what SignIn is given, and namespace and database of the user"},
	{"token has expired", "sign in again: see the documentation of surrealstore about tokens"},
	{"session has expired", "sign in again: see the documentation of surrealstore about tokens"},
	{"IAM error", "this user may not: it needs the role EDITOR on the database"},
	{"Anonymous access not allowed", "sign in, on each connection"},
	{"Not enough permissions", "this user may not: it needs the role EDITOR on the database"},
	{"Couldn't coerce", "the table has other fields: choose another in Options.Table"},
	{"Found ", "the table has other fields: choose another in Options.Table"},
	{"already contains", "the table has other indexes: choose another in Options.Table"},
}

// quotes is where the server quotes what it was to write, which may be secret.
var quotes = regexp.MustCompile(`(?s)((?:but found|already contains) ).*|(^Found ).*( for field )`)

// fault says which call failed on which table, and what to do about it where
// that is known.
func (s *Store) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	do := ""
	switch text := said(err); {
	case errors.Is(err, errForeign):
		do = "choose another in Options.Table: "
	case errors.Is(err, errReadOnly):
		do = "it needs the role EDITOR on the database: "
	case text != "":
		for _, a := range advice {
			if strings.Contains(text, a.says) {
				do = a.do + ": "
				break
			}
		}
		if quotes.MatchString(text) {
			err = errors.New(quotes.ReplaceAllString(text, "$1$2…$3"))
		}
	}
	return fmt.Errorf("surrealstore: %s: table %s: %s%w", op, s.table, do, err)
}

// again reads once more where the connection has failed: a read does nothing
// twice. A Connection makes a new one for it.
func again[T any](ctx context.Context, read func() (T, error)) (T, error) {
	v, err := read()
	if err == nil || ctx.Err() != nil || said(err) != "" || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errClosed) {
		return v, err
	}
	return read()
}
