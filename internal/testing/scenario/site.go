package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

const counter = sessions.Key[int]("counter")

// site is a program that serves sessions on the loopback.
type site struct {
	url    string
	server *http.Server
	done   chan struct{}
}

// patience is the time for a save, because machines that test are busy.
const patience = time.Minute

// open serves a store's sessions until close. A save may take the given time.
func open(st store.Store, save time.Duration) (*site, error) {
	m, err := sessions.New(st, sessions.Options{
		Cookie:      sessions.CookieOptions{InsecureHTTP: true}, // no TLS on the loopback
		LoadTimeout: patience,
		SaveTimeout: save,
		OnEvent:     func(context.Context, sessions.Event) {},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			w.Header().Set("Connection", "close") // otherwise the server waits for the body of a held request
			sessions.DefaultErrorHandler(w, r, err)
		},
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	area, err := newArea(m)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/members", area)
	mux.Handle("/", sessions.HandlerFunc(pages{m}.serve))
	mux.HandleFunc("/public", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "welcome") })
	s := &site{
		url:    "http://" + listener.Addr().String(),
		server: &http.Server{Handler: m.Handler(mux)},
		done:   make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(listener) // until close
	}()
	return s, nil
}

func (s *site) close() {
	_ = s.server.Close() // a request that still waits has failed already
	<-s.done
}

// pages are the pages of a site. A request names the steps that its handler
// takes, each as "verb:argument:argument". The response is the result of the
// last step.
type pages struct{ m *sessions.Manager }

func (p pages) serve(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	shown := ""
	for _, step := range r.URL.Query()["do"] {
		verb, args, _ := strings.Cut(step, ":")
		first, second, _ := strings.Cut(args, ":")
		var err error
		if shown, err = p.step(w, r, s, verb, first, second); err != nil {
			if errors.Is(err, errors.ErrUnsupported) {
				http.Error(w, err.Error(), http.StatusNotImplemented)
				return
			}
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
	}
	_, _ = fmt.Fprint(w, shown)
}

func (p pages) step(w http.ResponseWriter, r *http.Request, s *sessions.Session, verb, first, second string) (string, error) {
	switch verb {
	case "wait": // until the browser goes on; 102 tells it that the session is loaded
		w.WriteHeader(http.StatusProcessing)
		_, err := io.Copy(io.Discard, r.Body)
		return "", err
	case "who":
		n, err := counter.Get(s)
		return fmt.Sprintf("%q %d", s.Subject(), n), err
	case "count":
		n, err := counter.Update(s, func(n int) int { return n + 1 })
		return fmt.Sprint(n), err
	case "login":
		return "hello", s.SetSubject(first)
	case "logout":
		s.Destroy()
		return "bye", nil
	case "renew":
		return "renewed", s.Renew()
	case "id":
		return s.ID(), nil
	case "revoke", "revokeAll", "list":
		return p.admin(r.Context(), verb, first, second)
	}
	return value(r.Context(), s, verb, first, second)
}

// admin lists the IDs of a subject, or ends sessions.
func (p pages) admin(ctx context.Context, verb, first, second string) (string, error) {
	switch verb {
	case "revoke":
		return "revoked", p.m.Revoke(ctx, first)
	case "revokeAll":
		return "revoked", p.m.RevokeAllExcept(ctx, first, second)
	}
	var ids []string
	for s, err := range p.m.List(ctx, first) {
		if err != nil {
			return "", err
		}
		ids = append(ids, s.ID())
	}
	return strings.Join(sorted(ids), " "), nil
}
