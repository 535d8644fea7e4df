package matrix

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
)

// serveSocket is a WebSocket without a library.
func serveSocket(w http.ResponseWriter, r *http.Request) error {
	if _, err := Count(r.Context()); err != nil {
		return err
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	w.Header().Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for {
		var head [6]byte // with the mask
		if _, err := io.ReadFull(buffered, head[:]); err != nil {
			return nil // the client has closed the connection
		}
		if _, err := io.CopyN(io.Discard, buffered, int64(head[1]&^masked)); err != nil {
			return nil
		}
		n, err := CountAndSave(r.Context())
		if err != nil {
			return nil // the client misses the answer
		}
		text := fmt.Sprint(n)
		if _, err := conn.Write(append([]byte{opFinal | opText, byte(len(text))}, text...)); err != nil {
			return nil
		}
	}
}
