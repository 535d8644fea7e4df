// Command testall runs the tests of all modules, then prints a table of the
// stores. The table has the server that each store was tested on, and the
// number of clauses of the contract that passed, or how to get the server for
// which the store was skipped. At the end it prints what failed.
//
//	go run ./internal/testing/cmd/testall [flags of go test]
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testall:", err)
	}
	os.Exit(code)
}

// run returns the exit code of go test.
func run(flags []string) (int, error) {
	cmd := exec.Command("go", slices.Concat([]string{"test", "-json"}, flags, []string{"work"})...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	results := NewResults(os.Stdout, slices.Contains(flags, "-v"))
	readErr := results.Read(stdout)
	waitErr := cmd.Wait()
	if err := errors.Join(results.WriteTable(), results.WriteFailures()); err != nil {
		return 1, err
	}
	if readErr != nil {
		return 1, readErr
	}
	if exit, ok := errors.AsType[*exec.ExitError](waitErr); ok {
		return max(exit.ExitCode(), 1), nil // -1 for a signal
	}
	if waitErr != nil {
		return 1, waitErr
	}
	return 0, nil
}
