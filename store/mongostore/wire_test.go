package mongostore_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// answer decides about a command: it may ask the server or not, and change
// what that says. No answer breaks the connection. The request is without the
// documents that are written.
type answer func(command string, request bson.Raw, ask func() bson.Raw) bson.Raw

// pass leaves a command to the server.
func pass(_ string, _ bson.Raw, ask func() bson.Raw) bson.Raw { return ask() }

// wire stands between clients and a server, and takes part in what they say.
// It ends with its test.
type wire struct {
	address string // a URI

	listener net.Listener
	all      sync.WaitGroup

	mu     sync.Mutex
	answer answer
	conns  []net.Conn
}

func newWire(t testing.TB) *wire {
	t.Helper()
	server := strings.TrimPrefix(server(t), "mongodb://")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	ok(t, err)
	w := &wire{address: "mongodb://" + l.Addr().String(), listener: l, answer: pass}
	w.all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			w.all.Go(func() { w.serve(client, server) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.mu.Unlock()
		w.all.Wait()
	})
	return w
}

// set decides about commands from now on.
func (w *wire) set(a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = a
}

// once decides about the next of a kind of commands, and passes the others.
func (w *wire) once(command string, a answer) {
	var done sync.Once
	w.set(func(c string, request bson.Raw, ask func() bson.Raw) bson.Raw {
		decide := answer(pass)
		if c == command {
			done.Do(func() { decide = a })
		}
		return decide(c, request, ask)
	})
}

func (w *wire) serve(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	for {
		question, err := message(client)
		if err != nil {
			return
		}
		// An OP_QUERY, as a client's first, has flags, a name and two numbers
		// before the document, an OP_MSG flags and a kind.
		begin := 16 + 4 + 1
		query := binary.LittleEndian.Uint32(question[12:]) == 2004
		if query {
			begin = 16 + 4 + len("admin.$cmd\x00") + 8
		}
		request := document(question[begin:])
		command, err := request.IndexErr(0)
		if err != nil {
			return
		}
		w.mu.Lock()
		decide := w.answer
		w.mu.Unlock()
		reply := decide(command.Key(), request, func() bson.Raw {
			if _, err := server.Write(question); err != nil {
				return nil
			}
			reply, err := message(server)
			if err != nil {
				return nil
			}
			return document(reply[16+answerHead(query):])
		})
		if reply == nil {
			return
		}
		head := make([]byte, 16+answerHead(query))
		binary.LittleEndian.PutUint32(head, uint32(len(head)+len(reply)))
		copy(head[8:12], question[4:8])
		if binary.LittleEndian.PutUint32(head[12:], 2013); query {
			binary.LittleEndian.PutUint32(head[12:], 1)
			binary.LittleEndian.PutUint32(head[32:], 1)
		}
		if _, err := client.Write(append(head, reply...)); err != nil {
			return
		}
	}
}

// answerHead is what comes before the document of an answer.
func answerHead(query bool) int {
	if query {
		return 20
	}
	return 5
}

// message reads one with its length.
func message(c net.Conn) ([]byte, error) {
	m := make([]byte, 16)
	if _, err := io.ReadFull(c, m); err != nil {
		return nil, err
	}
	m = append(m, make([]byte, binary.LittleEndian.Uint32(m)-16)...)
	_, err := io.ReadFull(c, m[16:])
	return m, err
}

// document is the one that b begins with.
func document(b []byte) bson.Raw { return bson.Raw(b[:binary.LittleEndian.Uint32(b)]) }

// with returns a document with more fields, or others.
func with(t testing.TB, document bson.Raw, fields ...bson.E) bson.Raw {
	t.Helper()
	var d bson.D
	if err := bson.Unmarshal(document, &d); err != nil {
		t.Error(err)
	}
	for _, f := range fields {
		for i := range d {
			if d[i].Key == f.Key {
				d[i].Value, f.Key = f.Value, ""
			}
		}
		if f.Key != "" {
			d = append(d, f)
		}
	}
	return raw(t, d)
}

func raw(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(d)
	if err != nil {
		t.Error(err)
	}
	return b
}

// failure is what a server answers to a command that it refuses.
func failure(t testing.TB, code int, name, text string, labels ...string) bson.Raw {
	d := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: text}, {Key: "code", Value: int32(code)}, {Key: "codeName", Value: name}}
	if len(labels) > 0 {
		d = append(d, bson.E{Key: "errorLabels", Value: labels})
	}
	return raw(t, d)
}
