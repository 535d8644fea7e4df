package surrealstore_test

import (
	"context"
	"testing"

	"github.com/fxamacker/cbor/v2"
	surrealdb "github.com/surrealdb/surrealdb.go"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/surrealcbor"

	"github.com/gosessions/sessions/store/surrealstore"
)

type answer = connection.RPCResponse[cbor.RawMessage]

// hooked is a connection whose requests pass a hook first.
type hooked struct {
	*surrealstore.Connection
	hook func(send func() (*answer, error)) (*answer, error)
	seen func(params []any)
}

func (h *hooked) Send(ctx context.Context, method string, params ...any) (*answer, error) {
	send := func() (*answer, error) { return h.Connection.Send(ctx, method, params...) }
	if h.seen != nil {
		h.seen(params)
	}
	if h.hook == nil {
		return send()
	}
	return h.hook(send)
}

// hook returns a client whose requests can be made to fail.
func hook(t *testing.T, s server) (*surrealdb.DB, *hooked) {
	t.Helper()
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: s.url})
	ok(t, err)
	h := &hooked{Connection: conn}
	db, err := surrealdb.FromConnection(t.Context(), h)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close(context.WithoutCancel(t.Context()))) })
	ok(t, s.login(t.Context(), db))
	return db, h
}

// failed is the answer to a statement that failed.
func failed(t *testing.T, text string) *answer {
	b, err := surrealcbor.Marshal([]map[string]any{{"status": "ERR", "time": "1ms", "result": text}})
	ok(t, err)
	raw := cbor.RawMessage(b)
	return &answer{Result: &raw}
}
