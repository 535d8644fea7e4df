package testserver

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// process is one run of a server. It ends with the test binary, however that
// ends: a shell waits for the end of a pipe that only the binary holds open,
// and then stops the server and removes its folder.
type process struct {
	cmd     *exec.Cmd
	watcher *exec.Cmd
	pipe    io.Closer
	done    chan struct{} // closed when the server has ended
}

// watch is what the shell does. Its arguments are signal, process and folder.
const watch = `read -r _; kill -"$1" "$2"; rm -rf "$3"`

func launch(in *instance) (*process, error) {
	log, err := os.Create(in.log())
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := in.serve(in.bin, in.dir, in.port)
	p := &process{cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = in.dir, log, log
	if err := apart(p.cmd, in.user); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // its log says why it ended
		close(p.done)
	}()
	p.watcher = exec.Command("sh", "-c", watch, "sh", fmt.Sprint(int(in.stop)), fmt.Sprint(p.cmd.Process.Pid), in.dir)
	p.pipe, err = p.watcher.StdinPipe()
	if err == nil {
		err = apart(p.watcher, "")
	}
	if err == nil {
		err = p.watcher.Start()
	}
	if err != nil {
		p.watcher = nil
		p.end(in.stop)
		return nil, fmt.Errorf("no shell to watch over the server: %w", err)
	}
	return p, nil
}

// end stops the server by a signal, waits for its end, and leaves the folder.
func (p *process) end(how syscall.Signal) {
	_ = p.cmd.Process.Signal(how) // fails if it has ended by itself
	<-p.done
	if p.watcher != nil {
		_ = p.watcher.Process.Kill()
		_ = p.watcher.Wait()
		_ = p.pipe.Close()
	}
}
