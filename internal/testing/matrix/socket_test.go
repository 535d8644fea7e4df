package matrix

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Socket is a WebSocket without a library: a handler for /socket.
func Socket(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := Count(r.Context()); err != nil {
			t.Error(err)
			return
		}
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		for {
			var head [6]byte // with the mask
			if _, err := io.ReadFull(buffered, head[:]); err != nil {
				return // the client has closed the connection
			}
			if _, err := io.CopyN(io.Discard, buffered, int64(head[1]&^masked)); err != nil {
				t.Error(err)
				return
			}
			n, err := CountAndSave(r.Context())
			if err != nil {
				t.Error(err)
				return
			}
			text := fmt.Sprint(n)
			if _, err := io.Copy(conn, strings.NewReader(string([]byte{opFinal | opText, byte(len(text))})+text)); err != nil {
				t.Error(err)
				return
			}
		}
	})
}
