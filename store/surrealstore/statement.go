package surrealstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/store/internal/pages"
)

// statements are all that the server executes but those of Migrate. Each is a
// transaction by itself. Those that write return a value for each record that
// they have written.
type statements struct{ create, load, save, touch, remove, list, sweep string }

func newStatements(table string) statements {
	const columns = "id, version, expires, subject, data"
	table = quoted(table)
	s := statements{
		create: "CREATE $id CONTENT { version: 1, expires: $expires, subject: $subject, data: $data } RETURN VALUE version",
		load:   "SELECT " + columns + " FROM $id",
		save: "UPDATE $id SET version = $version + 1, expires = $expires, subject = $subject, data = $data" +
			" WHERE version = $version AND expires > $now RETURN VALUE version",
		touch: "UPDATE $id SET expires = math::max([expires, $expires])" +
			" WHERE version = $version AND expires > $now RETURN VALUE version",
		remove: "DELETE $id RETURN VALUE $before.version",
		// LIMIT comes after a sort, for without one the engine may limit what it
		// reads of the index, before it filters.
		list: fmt.Sprintf("SELECT %s FROM %s WHERE subject = $subject AND expires > $now AND id > $after ORDER BY id LIMIT %d",
			columns, table, pages.Size),
		sweep: "DELETE (SELECT VALUE id FROM " + table + " WHERE expires <= $now LIMIT $limit)" +
			" WHERE expires <= $now RETURN VALUE $before.version",
	}
	own := strings.NewReplacer("$before", "$before", "$", "$"+prefix)
	for _, text := range []*string{&s.create, &s.load, &s.save, &s.touch, &s.remove, &s.list, &s.sweep} {
		*text = own.Replace(*text)
	}
	return s
}

// prefix begins the names of all variables. Versions 2 of the server prefer a
// variable that the client's Let has set to one of the same name that comes with
// a statement: an $id of the program would be the id of every record.
const prefix = "surrealstore_"

// quoted returns a name as it may stand in a statement, were it a word of the
// language.
func quoted(name string) string { return "`" + name + "`" }

type vars = map[string]any

// query executes one statement. One that met another transaction was not
// committed, and is executed again until the context ends.
func query[T any](ctx context.Context, s *Store, statement string, v vars) (T, error) {
	const shortest, longest = time.Millisecond, 64 * time.Millisecond
	own := make(vars, len(v))
	for name, value := range v {
		own[prefix+name] = value
	}
	for most := shortest; ; most = min(2*most, longest) {
		result, err := ask[T](ctx, s.db, statement, own)
		if err == nil || !retryable(err) {
			return result, err
		}
		pause, stop := context.WithTimeout(ctx, rand.N(most))
		<-pause.Done()
		stop()
		if ctx.Err() != nil {
			return result, fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// ask executes one statement once. The client panics where a connection ends
// at the wrong moment, and where a proxy answers in place of the server.
func ask[T any](ctx context.Context, db *surrealdb.DB, statement string, v vars) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the client has no connection: %v", r)
		}
	}()
	if err := ctx.Err(); err != nil {
		return result, err
	}
	results, err := surrealdb.Query[T](ctx, db, statement, v)
	switch {
	case err != nil:
		return result, err
	case results == nil || len(*results) != 1:
		return result, errors.New("the server sent no result")
	}
	return (*results)[0].Result, nil
}

// said returns what a server answered, "" where the error is another.
func said(err error) string {
	var failed *surrealdb.QueryError
	var refused *surrealdb.RPCError
	switch {
	case errors.As(err, &failed):
		return failed.Message
	case errors.As(err, &refused):
		return refused.Error()
	}
	return ""
}

// retryable reports whether a transaction met another one and was not
// committed. There is no code, only the text, whose end is the same in all
// versions.
func retryable(err error) bool {
	return strings.HasSuffix(strings.TrimRight(said(err), ". "), "This transaction can be retried")
}

// exists reports whether there is a record with the id of a CREATE. The text
// names the record in between.
func exists(err error) bool {
	text := strings.TrimRight(said(err), ". ")
	return strings.HasPrefix(text, "Database record ") && strings.HasSuffix(text, " already exists")
}
