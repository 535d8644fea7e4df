package surrealstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/gorilla/websocket"
	"github.com/surrealdb/surrealdb.go/pkg/connection"
)

const (
	// silence is for how long a server may owe answers and send none, before the
	// connection is given up as soon as somebody gives up waiting.
	silence = time.Second

	// writeLimit bounds the write of one message.
	writeLimit = 5 * time.Second
)

var (
	errUnsent  = errors.New("nothing was sent")
	errSilent  = errors.New("the server is silent")
	errExpired = errors.New("its session has expired")
)

type response = connection.RPCResponse[cbor.RawMessage]

// link is one WebSocket, which many calls share. It ends with its first fault.
type link struct {
	ws    *websocket.Conn
	codec *connection.Config
	out   chan []byte
	lost  chan struct{} // closed when the link has ended

	mu      sync.Mutex
	waiting map[string]chan *response // by request
	last    uint64                    // request
	silent  time.Time                 // since when an answer is owed and no message has come
	retired bool                      // it ends with the last call
	err     error                     // why it has ended
}

// newLink starts two goroutines that end when the link does, which is with its
// context at the latest.
func newLink(ctx context.Context, ws *websocket.Conn, codec *connection.Config, work *sync.WaitGroup) *link {
	l := &link{
		ws: ws, codec: codec, out: make(chan []byte), lost: make(chan struct{}),
		waiting: make(map[string]chan *response),
	}
	work.Go(l.read)
	work.Go(func() { l.write(ctx) })
	return l
}

func (l *link) read() {
	for {
		_, message, err := l.ws.ReadMessage()
		if err != nil {
			l.end(err)
			return
		}
		res, err := l.decode(message)
		if err != nil {
			l.end(fmt.Errorf("the server sent what is no answer: %w", err))
			return
		}
		l.mu.Lock()
		l.silent = time.Time{}
		if answer, ok := l.waiting[fmt.Sprint(res.ID)]; ok {
			answer <- res // there is room for one
			delete(l.waiting, fmt.Sprint(res.ID))
		}
		l.mu.Unlock()
	}
}

// decode makes an error of what the client's decoder panics at.
func (l *link) decode(message []byte) (res *response, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	res = new(response)
	return res, l.codec.Unmarshaler.Unmarshal(message, res)
}

// write alone writes, so that whoever calls can leave when he has to.
func (l *link) write(ctx context.Context) {
	for {
		select {
		case message := <-l.out:
			l.mu.Lock()
			if l.silent.IsZero() {
				l.silent = time.Now()
			}
			l.mu.Unlock()
			err := l.ws.SetWriteDeadline(time.Now().Add(writeLimit))
			if err == nil {
				err = l.ws.WriteMessage(websocket.BinaryMessage, message)
			}
			if err != nil {
				l.end(err)
				return
			}
		case <-ctx.Done():
			l.end(errClosed)
			return
		case <-l.lost:
			return
		}
	}
}

// end ends the link, and tells all who wait.
func (l *link) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.lost)
		_ = l.ws.Close()
	}
}

func (l *link) ended() bool {
	select {
	case <-l.lost:
		return true
	default:
		return false
	}
}

// call sends a request and returns the answer. It ends with its context, and
// with the link; the server may have carried out the request all the same,
// unless the error is errUnsent.
func (l *link) call(ctx context.Context, req connection.RPCRequest) (*response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	answer := make(chan *response, 1)
	l.mu.Lock()
	l.last++
	id := strconv.FormatUint(l.last, 10)
	l.waiting[id] = answer
	l.mu.Unlock()
	defer l.forget(id)
	req.ID = id
	message, err := l.codec.Marshaler.Marshal(req)
	if err != nil {
		return nil, err
	}
	select {
	case l.out <- message:
	case <-l.lost:
		return nil, fmt.Errorf("%w: %w", errUnsent, l.cause())
	case <-ctx.Done():
		l.doubt()
		return nil, ctx.Err()
	}
	select {
	case res := <-answer:
		return res, nil
	case <-ctx.Done():
		l.doubt()
		return nil, ctx.Err()
	case <-l.lost:
	}
	select { // the answer may have come before
	case res := <-answer:
		return res, nil
	default:
		return nil, l.cause()
	}
}

// forget ends a call, and with the last of a link that is retired the link.
func (l *link) forget(id string) {
	l.mu.Lock()
	delete(l.waiting, id)
	over := l.retired && len(l.waiting) == 0
	l.mu.Unlock()
	if over {
		l.end(errExpired)
	}
}

// retire ends the link when nobody waits for it any more.
func (l *link) retire() {
	l.mu.Lock()
	l.retired = true
	l.mu.Unlock()
	l.forget("")
}

// cause returns why the link has ended.
func (l *link) cause() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Errorf("%w: %w", errLost, l.err)
}

// doubt ends a link that may be half open: somebody has given up, and for a
// while nobody was answered.
func (l *link) doubt() {
	l.mu.Lock()
	silent := l.silent
	l.mu.Unlock()
	if !silent.IsZero() && time.Since(silent) >= silence {
		l.end(errSilent)
	}
}
