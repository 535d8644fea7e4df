package matrix

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// socket is the client's side of a WebSocket (RFC 6455), as far as short text
// messages need it.
type socket struct {
	conn   net.Conn
	reader *bufio.Reader
	stop   func() bool
}

// dial opens one, and keeps the cookies that come with the upgrade.
func (v *visitor) dial(ctx context.Context, path string) (*socket, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", v.at.Host)
	if err != nil {
		return nil, err
	}
	s := &socket{conn, bufio.NewReader(conn), context.AfterFunc(ctx, func() { _ = conn.Close() })}
	if err := s.upgrade(v, path); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) upgrade(v *visitor, path string) error {
	r, err := http.NewRequest(http.MethodGet, v.tr.url+path, nil)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Origin": v.tr.url,
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
	} {
		r.Header.Set(name, value)
	}
	for _, c := range v.client.Jar.Cookies(v.at) {
		r.AddCookie(c)
	}
	if err := r.Write(s.conn); err != nil {
		return err
	}
	resp, err := http.ReadResponse(s.reader, r)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s: %s", resp.Status, body)
	}
	v.client.Jar.SetCookies(v.at, resp.Cookies())
	return nil
}

func (s *socket) close() {
	s.stop()
	_ = s.conn.Close()
}

const (
	opText  = 0x1
	opFinal = 0x80
	masked  = 0x80
)

// ask sends a text message and returns the next one.
func (s *socket) ask(text string) (string, error) {
	mask := []byte(rand.Text()[:4])
	frame := append([]byte{opFinal | opText, masked | byte(len(text))}, mask...)
	for i := range len(text) {
		frame = append(frame, text[i]^mask[i%4])
	}
	if _, err := s.conn.Write(frame); err != nil {
		return "", err
	}
	var head [2]byte
	if _, err := io.ReadFull(s.reader, head[:]); err != nil {
		return "", err
	}
	if head[0] != opFinal|opText || head[1] > 125 {
		return "", errors.New("the frame is no short text message")
	}
	body := make([]byte, head[1])
	_, err := io.ReadFull(s.reader, body)
	return string(body), err
}
