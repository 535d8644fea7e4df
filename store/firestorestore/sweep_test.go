package firestorestore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

// expire creates expired records, many at once.
func expire(t *testing.T, st *firestorestore.Store, records int) {
	t.Helper()
	var all sync.WaitGroup
	for w := range 20 {
		all.Go(func() {
			for i := w; i < records; i += 20 {
				r := store.Record{ID: fmt.Sprintf("expired-%d", i), Expires: time.Now().Add(-time.Minute)}
				if err := st.Create(t.Context(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestR109_SweepDeletesManyInOneRequest and spares sessions that are used
// again in the meantime.
func TestR109_SweepDeletesManyInOneRequest(t *testing.T) {
	const records, used = 1200, 40
	ctx, opts := t.Context(), options()
	client := connect(t, server(t))
	writer := open(t, client, opts)
	expire(t, writer, records)
	docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	var once sync.Once
	between := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		once.Do(func() { // before the first delete, by a process whose clock is behind
			for i := range used {
				_, err := docs[i*len(docs)/used].Ref.Update(ctx, []firestore.Update{{Path: "record.expires", Value: time.Now().Add(time.Hour).UnixMilli()}})
				if err != nil {
					t.Error(err)
				}
			}
		})
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	w := new(wire)
	st := open(t, connect(t, server(t), append(w.options(), grpc.WithChainUnaryInterceptor(between))...), opts)
	if n, err := st.Sweep(ctx, 5000); n != records-used || err != nil {
		t.Errorf("swept %d, error %v; want %d", n, err, records-used)
	}
	if sent := len(w.took()); sent > records/10 {
		t.Errorf("a sweep of %d records took %d requests", records, sent)
	}
	left, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	if len(left) != used {
		t.Errorf("%d records are left, want the %d that were used", len(left), used)
	}
}
