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
	// silence is for how long a server may answer nothing to somebody who waits
	// for it, before the connection is given up at the end of his patience.
	silence = time.Second

	// writeLimit bounds the write of one message.
	writeLimit = 5 * time.Second
)

var errSilent = errors.New("the server is silent")

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
	heard   time.Time                 // when the last message came
	err     error                     // why it has ended
}

// newLink starts two goroutines that end when the link does.
func newLink(ws *websocket.Conn, codec *connection.Config, work *sync.WaitGroup) *link {
	l := &link{
		ws: ws, codec: codec, out: make(chan []byte), lost: make(chan struct{}),
		waiting: make(map[string]chan *response), heard: time.Now(),
	}
	work.Go(l.read)
	work.Go(l.write)
	return l
}

func (l *link) read() {
	for {
		_, message, err := l.ws.ReadMessage()
		if err != nil {
			l.end(err)
			return
		}
		res := new(response)
		if err := l.codec.Unmarshaler.Unmarshal(message, res); err != nil {
			l.end(fmt.Errorf("the server sent what is no answer: %w", err))
			return
		}
		l.mu.Lock()
		l.heard = time.Now()
		if answer, ok := l.waiting[fmt.Sprint(res.ID)]; ok {
			answer <- res // there is room for one
			delete(l.waiting, fmt.Sprint(res.ID))
		}
		l.mu.Unlock()
	}
}

// write alone writes, so that whoever calls can leave when he has to.
func (l *link) write() {
	for {
		select {
		case message := <-l.out:
			err := l.ws.SetWriteDeadline(time.Now().Add(writeLimit))
			if err == nil {
				err = l.ws.WriteMessage(websocket.BinaryMessage, message)
			}
			if err != nil {
				l.end(err)
				return
			}
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
// with the link; the server may have carried out the request all the same.
func (l *link) call(ctx context.Context, req connection.RPCRequest) (*response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	began, answer := time.Now(), make(chan *response, 1)
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
		return nil, l.cause()
	case <-ctx.Done():
		l.doubt(ctx, began)
		return nil, ctx.Err()
	}
	select {
	case res := <-answer:
		return res, nil
	case <-ctx.Done():
		l.doubt(ctx, began)
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

func (l *link) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, id)
}

// cause returns why the link has ended.
func (l *link) cause() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Errorf("%w: %w", errLost, l.err)
}

// doubt ends a link that may be half open: somebody has waited until his
// deadline, for a while, and nobody was answered meanwhile.
func (l *link) doubt(ctx context.Context, began time.Time) {
	l.mu.Lock()
	heard := l.heard
	l.mu.Unlock()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && time.Since(began) >= silence && heard.Before(began) {
		l.end(errSilent)
	}
}
