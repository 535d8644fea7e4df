package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// prove uses a version as others will: new modules in empty folders get each
// package from the proxy, and run it.
func (c *candidate) prove(version string, out io.Writer) error {
	if err := c.proveTags(version); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: a fetch of its tags gives the checksums in go.sum\n", version)
	for _, m := range c.modules {
		if !m.released {
			continue
		}
		said, err := c.proveModule(m, version)
		if err != nil {
			return fmt.Errorf("%s@%s: %w", m.path, version, err)
		}
		fmt.Fprintf(out, "%s@%s: %s\n", m.path, version, said)
	}
	said, err := c.proveMix(version)
	fmt.Fprintln(out, said)
	return err
}

// proveTags fetches each module by its tag from the copy, and compares the
// checksums with those of the proxy, which the go.sum files have.
func (c *candidate) proveTags(version string) error {
	args := []string{"mod", "download", "-json"}
	for _, m := range c.modules {
		if m.released {
			args = append(args, m.path+"@"+version)
		}
	}
	env := append(c.env(),
		"GOPROXY=direct", "GOMODCACHE="+filepath.Join(c.temp, "tags"), "GIT_ALLOW_PROTOCOL=file", "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=url.file://"+c.dir+".insteadOf", "GIT_CONFIG_VALUE_0=https://"+c.root)
	text, err := output(command(c.temp, env, "go", args...))
	if err != nil {
		return err
	}
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var m struct{ Path, Version, Sum string }
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if want := c.sums[m.Path+"@"+m.Version]; m.Sum != want {
			return fmt.Errorf("%s@%s by its tag has checksum %s, in go.sum %s", m.Path, m.Version, m.Sum, want)
		}
	}
}

// proveModule returns what a program that uses the module said.
func (c *candidate) proveModule(m repoModule, version string) (string, error) {
	consumers := filepath.Join(c.dir, "internal", "release", "testdata", "consumer")
	var said []string
	var err error
	switch name := path.Base(m.path); {
	case m.dir == ".":
		var hello, login string
		hello, err = c.proveReadme(version)
		if err == nil {
			login, err = c.consume([]string{m.path + "@" + version}, filepath.Join(consumers, "login", "main.go"))
		}
		said = append(said, "the README's program: "+hello, "login: "+login)
	case name == "internal":
		said = append(said, "fetched by the stores that require it")
	case strings.HasPrefix(m.dir, "examples/"):
		var page string
		page, err = c.proveExample(m, version)
		said = append(said, page)
	default:
		program := []string{filepath.Join(consumers, name, "main.go")}
		if strings.HasPrefix(m.dir, "store/") {
			program = []string{filepath.Join(consumers, "store", name+".go"), filepath.Join(consumers, "store", "main.go")}
		}
		if _, statErr := os.Stat(program[0]); statErr != nil {
			needed, _ := filepath.Rel(c.dir, program[0])
			return "", fmt.Errorf("no program proves it; write %s", needed)
		}
		var used string
		used, err = c.consume([]string{m.path + "@" + version}, program...)
		said = append(said, used)
	}
	if err != nil {
		return "", err
	}
	installed, err := c.proveCommands(m, version)
	return strings.Join(append(said, installed...), "; "), err
}

// consume runs the files as a program in a new module that gets the modules.
func (c *candidate) consume(gets []string, files ...string) (string, error) {
	dir, err := c.newModule(gets, files...)
	if err != nil {
		return "", err
	}
	return output(command(dir, c.env(), "go", "run", "."))
}

func (c *candidate) newModule(gets []string, files ...string) (string, error) {
	dir, err := os.MkdirTemp(c.temp, "consumer")
	if err != nil {
		return "", err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{{"mod", "init", "consumer"}, append([]string{"get"}, gets...), {"mod", "tidy"}} {
		if _, err := output(command(dir, c.env(), "go", args...)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// proveReadme runs the program at the top of the README.
func (c *candidate) proveReadme(version string) (string, error) {
	readme, err := os.ReadFile(filepath.Join(c.dir, "README.md"))
	if err != nil {
		return "", err
	}
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	if program == nil {
		return "", errors.New("README.md has no program")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		return "", err
	}
	main := filepath.Join(c.temp, "main.go")
	text := strings.Replace(string(program[1]), `"localhost:8080"`, `"`+addr+`"`, 1)
	if err := os.WriteFile(main, []byte(text), 0o644); err != nil {
		return "", err
	}
	dir, err := c.newModule([]string{c.root + "@" + version}, main)
	if err != nil {
		return "", err
	}
	if _, err := output(command(dir, c.env(), "go", "build", ".")); err != nil {
		return "", err
	}
	return visit("http://"+addr, command(dir, nil, filepath.Join(dir, "consumer")))
}

// proveExample runs an example without cloning the repository.
func (c *candidate) proveExample(m repoModule, version string) (string, error) {
	dir, err := os.MkdirTemp(c.temp, "empty")
	if err != nil {
		return "", err
	}
	return visit("", command(dir, c.env(), "go", "run", m.path+"@"+version, "-addr", "127.0.0.1:0"))
}

// visit starts a server and gets its first page. Without a URL, it is the one
// that the server prints. The server is stopped.
func visit(url string, server *exec.Cmd) (said string, err error) {
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run starts a process of its own
	stdout, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	var stderr strings.Builder
	server.Stderr = &stderr
	if err := server.Start(); err != nil {
		return "", err
	}
	defer func() {
		_ = syscall.Kill(-server.Process.Pid, syscall.SIGKILL)
		_ = server.Wait() // killed
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, &stderr)
		}
	}()
	for lines := bufio.NewScanner(stdout); url == ""; {
		if !lines.Scan() {
			return "", errors.New("the server ended before it printed its address")
		}
		url = regexp.MustCompile(`http://[\w.:]+`).FindString(lines.Text())
	}
	// A program that prints no address is asked until it listens.
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(url)
		if err != nil && time.Since(start) < 10*time.Second {
			continue
		}
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return "", fmt.Errorf("GET %s: %s", url, answer.Status)
		}
		line, err := bufio.NewReader(answer.Body).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return "runs and answers " + strings.TrimSpace(line), err
	}
}

// proveCommands installs all commands of a module.
func (c *candidate) proveCommands(m repoModule, version string) ([]string, error) {
	list := command(filepath.Join(c.dir, m.dir), []string{"GOFLAGS="}, "go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	list.Env = append(list.Env, "GOWORK="+filepath.Join(c.dir, "go.work"))
	commands, err := output(list)
	if err != nil {
		return nil, err
	}
	var said []string
	args := []string{"install"}
	for name := range strings.FieldsSeq(commands) {
		if !strings.Contains(name, "/internal/") {
			args = append(args, name+"@"+version)
			said = append(said, "installs "+path.Base(name))
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	bin, err := os.MkdirTemp(c.temp, "bin")
	if err != nil {
		return nil, err
	}
	_, err = output(command(bin, append(c.env(), "GOBIN="+bin), "go", args...))
	return said, err
}

// proveMix builds a program with the new root module and the other modules of
// the last release, as users have who update one module.
func (c *candidate) proveMix(version string) (string, error) {
	if c.last == "" {
		return "no release yet, so none of its stores to build with the new root module", nil
	}
	gets := []string{c.root + "@" + version}
	var imports strings.Builder
	for _, m := range c.modules {
		tag := path.Join(m.dir, c.last)
		if m.dir == "." || !m.released || path.Base(m.path) == "internal" || strings.HasPrefix(m.dir, "examples/") {
			continue
		}
		if found, err := git(c.dir, "tag", "--list", tag); err != nil {
			return "", err
		} else if found == "" {
			continue // the module is new
		}
		gets = append(gets, m.path+"@"+c.last)
		fmt.Fprintf(&imports, "import _ %q\n", m.path)
	}
	for _, m := range c.modules {
		tag := path.Join(m.dir, c.last)
		if found, err := git(c.dir, "tag", "--list", tag); err != nil {
			return "", err
		} else if found == "" {
			continue
		}
		if err := c.publish(m, c.last, tag); err != nil {
			return "", err
		}
	}
	program := filepath.Join(c.temp, "mix.go")
	if err := os.WriteFile(program, []byte("package mix\n\n"+imports.String()), 0o644); err != nil {
		return "", err
	}
	dir, err := c.newModule(gets, program)
	if err != nil {
		return "", err
	}
	if _, err := output(command(dir, c.env(), "go", "build", "./...")); err != nil {
		return "", fmt.Errorf("the root module of %s does not build with the stores of %s; break nothing that they use, or let them follow first: %w", version, c.last, err)
	}
	return fmt.Sprintf("the root module of %s builds with the stores of %s", version, c.last), nil
}
