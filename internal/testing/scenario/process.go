package scenario

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gosessions/sessions/store"
)

// variable gives a second process the address of its database.
const variable = "SESSIONS_SCENARIO_ADDRESS"

// Main is a TestMain for packages with a test that calls TwoProcesses. In the
// processes that this starts it serves sessions from the store that open
// returns for the address, until the test is over. Else it runs the tests.
func Main(m *testing.M, open func(address string) (store.Store, error)) int {
	address, ok := os.LookupEnv(variable)
	if !ok {
		return m.Run()
	}
	if err := serve(address, open); err != nil {
		fmt.Fprintln(os.Stderr, "scenario:", err)
		return 1
	}
	return 0
}

// serve prints where it serves and goes on until its input ends.
func serve(address string, openStore func(string) (store.Store, error)) error {
	st, err := openStore(address)
	if err != nil {
		return err
	}
	s, err := open(st, patience)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Println(s.url)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// TwoProcesses plays every scenario with two processes that share a database.
// Requests take them in turn. The test binary is executed twice more, and its
// TestMain calls Main.
func TwoProcesses(t *testing.T, address string) {
	urls, err := twoProcesses(t, address)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) { report(t, s.over(t.Context(), urls...)) })
	}
}

// CheckTwoProcesses returns what TwoProcesses finds, by scenario.
func CheckTwoProcesses(t *testing.T, address string) (map[string]error, error) {
	urls, err := twoProcesses(t, address)
	if err != nil {
		return nil, err
	}
	found := make(map[string]error)
	for _, s := range Scenarios() {
		found[s.Name] = s.over(t.Context(), urls...)
	}
	return found, nil
}

func twoProcesses(t *testing.T, address string) ([]string, error) {
	var urls []string
	for range 2 {
		url, err := process(t, address)
		if err != nil {
			return nil, err
		}
		urls = append(urls, url)
	}
	return urls, nil
}

// process starts one that ends with the test.
func process(t *testing.T, address string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), variable+"="+address)
	stderr := new(strings.Builder)
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	url, readErr := bufio.NewReader(stdout).ReadString('\n')
	end := func() error { return errors.Join(stdin.Close(), cmd.Wait()) }
	if readErr != nil {
		return "", fmt.Errorf("a second process does not serve: %w; %w: %s", readErr, end(), stderr)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Errorf("a second process: %v: %s", err, stderr)
		}
	})
	return strings.TrimSpace(url), nil
}
