package mongostore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// lose has the server carry out a command whose answer is lost.
func lose(_ string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
	ask()
	return nil
}

// asReplicaSet makes the server look like a set's primary, so that the client
// sends a write again whose answer was lost, under the same number. If the set
// remembers it answers as it did before, as MongoDB documents it.
func asReplicaSet(t *testing.T, w *wire, remembers bool, then answer) answer {
	var mu sync.Mutex
	seen := make(map[string]bson.Raw)
	host := strings.TrimPrefix(w.address, "mongodb://")
	return func(command string, request bson.Raw, ask func() bson.Raw) bson.Raw {
		number := request.Lookup("txnNumber")
		switch {
		case strings.EqualFold(command, "isMaster"), command == "hello":
			return with(t, ask(), bson.E{Key: "setName", Value: "rs"}, bson.E{Key: "setVersion", Value: int32(1)},
				bson.E{Key: "hosts", Value: bson.A{host}}, bson.E{Key: "me", Value: host}, bson.E{Key: "primary", Value: host})
		case number.IsZero() || !remembers:
			return then(command, request, ask)
		}
		key := request.Lookup("lsid").String() + number.String()
		return then(command, request, func() bson.Raw {
			mu.Lock()
			defer mu.Unlock()
			if seen[key] == nil {
				seen[key] = ask()
			}
			return seen[key]
		})
	}
}

// deployments are the kinds of servers that differ in what becomes of a write
// whose answer is lost.
var deployments = map[string]struct {
	uri           string
	as            func(t *testing.T, w *wire, then answer) answer
	create, touch error // what a store says of those that have happened
}{
	"one server": {
		"/", func(_ *testing.T, _ *wire, then answer) answer { return then }, errUnknown, errUnknown,
	},
	"a replica set": {
		"/?replicaSet=rs", func(t *testing.T, w *wire, then answer) answer { return asReplicaSet(t, w, true, then) }, nil, nil,
	},
	"a replica set that forgets": {
		"/?replicaSet=rs", func(t *testing.T, w *wire, then answer) answer { return asReplicaSet(t, w, false, then) }, store.ErrExists, nil,
	},
}

// errUnknown stands for any other error.
var errUnknown = errors.New("unknown")

// TestAnswerThatIsLost: a write is done once, whoever sends it again.
func TestAnswerThatIsLost(t *testing.T) {
	t.Parallel() // it waits, for the most part
	for name, d := range deployments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			w := newWire(t)
			w.set(d.as(t, w, pass))
			st := open(t, database(t, connect(t, w.address+d.uri, nil)))
			next := func(command string) {
				var done sync.Once
				w.set(d.as(t, w, func(c string, request bson.Raw, ask func() bson.Raw) bson.Raw {
					decide := answer(pass)
					if c == command {
						done.Do(func() { decide = lose })
					}
					return decide(c, request, ask)
				}))
			}
			check := func(op string, err, want error) {
				t.Helper()
				switch {
				case want == errUnknown:
					wants(t, op, err)
				case !errors.Is(err, want):
					t.Errorf("%s: %v, want %v", op, err, want)
				}
			}
			r := record("a")
			next("insert")
			check("Create", st.Create(ctx, r), d.create)
			next("update")
			check("Save", st.Save(ctx, r), errUnknown)
			next("find")
			if got, err := st.Load(ctx, "a"); err != nil || got.Version != 2 {
				t.Errorf("Load: version %d, error %v", got.Version, err)
			}
			next("update")
			check("Touch", st.Touch(ctx, "a", 2, r.Expires.Add(time.Hour)), d.touch)
			next("find")
			if got := ids(t, st, "ann"); len(got) != 1 {
				t.Errorf("List: %q", got)
			}
			if got, err := st.Load(ctx, "a"); err != nil || !got.Expires.Equal(r.Expires.Add(time.Hour)) {
				t.Errorf("after Touch: %+v, %v", got, err)
			}
			next("delete")
			ok(t, st.Delete(ctx, "a"))
			if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("after Delete: %v", err)
			}
		})
	}
}

// TestVisitorNoticesNoLostAnswers: what was written is there once, and the
// visitor is told so, whatever the client and the server make of it.
func TestVisitorNoticesNoLostAnswers(t *testing.T) {
	t.Parallel() // it waits, for the most part
	const counter = sessions.Key[int]("counter")
	for name, d := range deployments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t)
			var writes, lost atomic.Int64
			w.set(d.as(t, w, func(command string, request bson.Raw, ask func() bson.Raw) bson.Raw {
				if command != "insert" && command != "update" || writes.Add(1)%3 != 1 {
					return ask()
				}
				lost.Add(1)
				return lose(command, request, ask)
			}))
			st := open(t, database(t, connect(t, w.address+d.uri, nil)))
			m, err := sessions.New(st, sessions.Options{})
			ok(t, err)
			site := m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				n, err := counter.Update(s, func(n int) int { return n + 1 })
				_, _ = fmt.Fprint(w, n, err)
			}))
			var cookies []*http.Cookie
			for n := range 8 {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				for _, c := range cookies {
					r.AddCookie(c)
				}
				reply := httptest.NewRecorder()
				site.ServeHTTP(reply, r)
				if got, want := reply.Body.String(), fmt.Sprint(n+1, nil); reply.Code != http.StatusOK || got != want {
					t.Errorf("%d %q, want %q", reply.Code, got, want)
				}
				if set := reply.Result().Cookies(); len(set) > 0 {
					cookies = set
				}
			}
			if lost.Load() < 3 {
				t.Errorf("%d of %d answers were lost", lost.Load(), writes.Load())
			}
		})
	}
}
