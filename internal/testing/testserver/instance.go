package testserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// patience is how long a server may take to be there.
const patience = time.Minute

// instance is a server of our own, with a folder and a port that outlast its
// process.
type instance struct {
	*backend
	bin, dir string
	port     int
	reserved io.Closer // keeps the port; nil until there is one
	process  *process  // nil while it is down
}

// errEnded is the error of a server that did not start.
var errEnded = errors.New("the server ended before it was ready")

// newInstance makes a server's folder and starts it.
func newInstance(b *backend) (in *instance, err error) {
	in = &instance{backend: b}
	if in.bin, err = b.find(); err != nil {
		return nil, err
	}
	if in.dir, err = os.MkdirTemp("", "testserver-"); err != nil {
		return nil, err
	}
	if err = in.prepare(); err == nil {
		err = in.startSomewhere()
	}
	if err != nil {
		return nil, errors.Join(err, in.remove())
	}
	return in, nil
}

// prepare fills the folder.
func (in *instance) prepare() error {
	if err := os.WriteFile(filepath.Join(in.dir, "init.sql"), []byte(in.script), 0o644); err != nil {
		return err
	}
	if err := own(in.dir, in.user); err != nil {
		return err
	}
	if in.setup == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args := in.setup(in.bin, in.dir)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = in.dir
	if err := apart(cmd, in.user); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, tail(out))
	}
	return nil
}

// startSomewhere starts the server on a free port, and tries others if it ends.
func (in *instance) startSomewhere() (err error) {
	for range 3 {
		if in.reserved != nil {
			_ = in.reserved.Close()
		}
		if in.port, in.reserved, err = reserve(firstPort, lastPort); err != nil {
			return err
		}
		if err = in.start(); !errors.Is(err, errEnded) {
			return err
		}
	}
	return err
}

// start returns once the server takes queries. A server that was killed a
// moment ago may have left processes that keep the next one from starting:
// then it is tried again.
func (in *instance) start() error {
	deadline := time.Now().Add(patience)
	for {
		p, err := launch(in)
		if err != nil {
			return err
		}
		if err = in.await(p, deadline); err == nil {
			in.process = p
			return nil
		}
		p.end(in.stop)
		if time.Now().After(deadline) || !in.leftover() {
			log, _ := os.ReadFile(in.log())
			return fmt.Errorf("%w: %s", err, tail(log))
		}
	}
}

// await asks the server again and again until it answers or has ended: then
// whoever answers is another.
func (in *instance) await(p *process, deadline time.Time) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := in.answer()
		select {
		case <-p.done:
			return errEnded
		case now := <-tick.C:
			if err == nil {
				return nil
			}
			if now.After(deadline) {
				return fmt.Errorf("the server is not ready after %v: %w", patience, err)
			}
		}
	}
}

func (in *instance) answer() error {
	c, err := net.DialTimeout("tcp4", fmt.Sprintf("127.0.0.1:%d", in.port), time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	return in.ping(c)
}

// leftover reports whether a process of a killed server keeps the new one from
// starting.
func (in *instance) leftover() bool {
	log, _ := os.ReadFile(in.log())
	return in.blocked != "" && bytes.Contains(log, []byte(in.blocked))
}

func (in *instance) log() string { return filepath.Join(in.dir, "log") }

func (in *instance) remove() error {
	if in.process != nil {
		in.process.end(in.stop)
	}
	if in.reserved != nil {
		_ = in.reserved.Close()
	}
	return os.RemoveAll(in.dir)
}

// tail returns the end of what a program has written.
func tail(out []byte) []byte {
	out = bytes.TrimSpace(out)
	return out[max(0, len(out)-2000):]
}
