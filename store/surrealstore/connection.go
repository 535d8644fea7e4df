package surrealstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/connection/http"
)

// dialLimit bounds making a connection, with all that restores the session.
const dialLimit = 5 * time.Second

var (
	errLost   = errors.New("the connection was lost")
	errClosed = errors.New("the client was closed")
)

// ConnectionOptions say where the server is.
type ConnectionOptions struct {
	// URL is the server's, such as "wss://db.example:8000". It has no user and
	// password: those are for SignIn. An empty path means /rpc.
	URL string

	// Dialer makes the connections. The default has no compression. Subprotocols
	// need not be set. An attempt ends after 5 seconds with any dialer.
	Dialer *websocket.Dialer
}

// Connection is a WebSocket to SurrealDB that is made again when it was lost,
// by the next call that needs it. What SignIn, Authenticate, Use and Let were
// last given is then given to the server again, in the order in which they were
// first called, so a token that has expired meanwhile does no harm; after SignUp
// and the calls with refresh it is the token that is remembered. Do not change
// what they were given. Pass it to [surrealdb.FromConnection].
//
// A call ends with its context. A request is never sent twice: where the
// connection is lost meanwhile, a call returns an error at once, and its outcome
// is unknown. Where somebody gives up waiting, by a deadline or otherwise, and
// the server has owed answers for a second and sent none, the connection is
// taken for half open and given up.
//
// It is safe for concurrent use, and may be used for statements of your own as
// well. Live queries are not supported, nor are the client's Attach and Begin;
// a transaction is one Query, from BEGIN to COMMIT.
type Connection struct {
	connection.Connection // for the codec; it is never connected

	codec  *connection.Config
	url    string
	dialer websocket.Dialer
	work   sync.WaitGroup // goroutines, which Close ends
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	live    *link // the newest
	dialing *dial // nil if nobody dials
	closed  bool
	session []memory
}

// dial is an attempt to connect, for all who wait for it.
type dial struct {
	done chan struct{} // closed when it is over
	link *link
	err  error
}

// NewConnection returns a connection that is not made yet, or all that is
// wrong with the options in one error.
func NewConnection(opts ConnectionOptions) (*Connection, error) {
	u, err := url.Parse(opts.URL)
	switch { // the cause may have a password
	case opts.URL == "":
		return nil, errors.New("surrealstore: ConnectionOptions.URL is empty: such as ws://localhost:8000")
	case err != nil:
		return nil, errors.New("surrealstore: ConnectionOptions.URL is no URL: such as ws://localhost:8000")
	}
	var faults []error
	if u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
		faults = append(faults, errors.New("ConnectionOptions.URL begins with neither ws:// nor wss:// and a host"))
	}
	if u.User != nil {
		faults = append(faults, errors.New("ConnectionOptions.URL has a user: give user and password to SignIn"))
	}
	if u.RawQuery != "" || u.Fragment != "" {
		faults = append(faults, errors.New("ConnectionOptions.URL has a query or a fragment: it ends with its path"))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("surrealstore: %w", errors.Join(faults...))
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/rpc"
	}
	c := &Connection{codec: connection.NewConfig(u), url: u.String()}
	c.Connection = http.New(c.codec)
	c.dialer = websocket.Dialer{Proxy: websocket.DefaultDialer.Proxy}
	if opts.Dialer != nil {
		c.dialer = *opts.Dialer
	}
	c.dialer.Subprotocols = []string{"cbor"}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Connect makes the connection, unless there is one.
func (c *Connection) Connect(ctx context.Context) error {
	_, err := c.link(ctx)
	return err
}

// Close ends the connection, and all calls. It can not be used again. It waits
// for an attempt to connect, which is at most 5 seconds.
func (c *Connection) Close(context.Context) error {
	c.mu.Lock()
	live := c.live
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	if live != nil {
		_ = live.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
		live.end(errClosed)
	}
	c.work.Wait()
	return nil
}

// Send sends a request and returns the answer.
func (c *Connection) Send(ctx context.Context, method string, params ...any) (*response, error) {
	return c.Call(ctx, &connection.RPCRequest{Method: method, Params: params})
}

// Call sends a request and returns the answer.
func (c *Connection) Call(ctx context.Context, req *connection.RPCRequest) (*response, error) {
	if req.Method == string(connection.Live) {
		return nil, errLive
	}
	for repeated := false; ; repeated = true {
		l, err := c.link(ctx)
		if err != nil {
			return nil, err
		}
		res, err := l.call(ctx, *req)
		switch {
		case errors.Is(err, errUnsent) && !repeated:
			continue
		case err != nil:
			return nil, err
		case res.Error == nil:
			return res, nil
		case repeated || !strings.Contains(res.Error.Error(), "session has expired"):
			return nil, res.Error
		}
		c.retire(l) // nothing was carried out
	}
}

// retire takes a link whose session has expired out of use. The session is not
// made again on that link: a server that signs in beside other requests of one
// session may never answer them.
func (c *Connection) retire(l *link) {
	c.mu.Lock()
	if c.live == l {
		c.live = nil
	}
	c.mu.Unlock()
	l.retire()
}

// link returns one that has not ended, as far as is known.
func (c *Connection) link(ctx context.Context) (*link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.closed || c.live != nil && !c.live.ended() {
		defer c.mu.Unlock()
		if c.closed {
			return nil, errClosed
		}
		return c.live, nil
	}
	if c.dialing == nil {
		d := &dial{done: make(chan struct{})}
		c.dialing = d
		c.work.Go(func() { c.connect(d) })
	}
	d := c.dialing
	c.mu.Unlock()
	select {
	case <-d.done:
		return d.link, d.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// connect makes a link, in a goroutine of its own: whoever asked for it first
// may not be able to wait as long as the others.
func (c *Connection) connect(d *dial) {
	ctx, cancel := context.WithTimeout(c.ctx, dialLimit)
	defer cancel()
	ws, answer, err := c.dialer.DialContext(ctx, c.url, nil)
	if answer != nil {
		_ = answer.Body.Close()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, answer.Status)
		}
	}
	if err != nil {
		err = fmt.Errorf("no connection to %s: %w", c.url, err)
	} else {
		d.link = newLink(c.ctx, ws, c.codec, &c.work)
		if err = c.restore(ctx, d.link); err != nil {
			d.link.end(err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		err = errClosed
		if d.link != nil {
			d.link.end(err)
		}
	}
	if d.err = err; err == nil {
		c.live = d.link
	}
	c.dialing = nil
	close(d.done)
}
