package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// program runs the program, and returns its address and what stops it.
func program(t *testing.T, c config) (url string, stop func() error) {
	t.Helper()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, w, "127.0.0.1:0", c)
		_ = w.Close()
	}()
	line, _ := bufio.NewReader(r).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		cancel()
		t.Fatalf("printed %q, error %v", line, <-ended)
	}
	return url, func() error { cancel(); return <-ended }
}

func TestUsersStaySignedInWhenTheProgramIsStartedAgain(t *testing.T) {
	c := quick()
	c.db = filepath.Join(t.TempDir(), "a b?#%.db")
	url, stop := program(t, c)
	b := newBrowser(t, url).signUp("ann", annsPassword)
	want(t, "end", stop(), nil)
	b.url, stop = program(t, c)
	want(t, "started again", b.who(), "ann") // a cookie knows no port
	want(t, "end", stop(), nil)
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	c := quick()
	c.db = filepath.Join(t.TempDir(), "login.db")
	b := newBrowser(t, start(t, c)).signUp("ann", annsPassword)
	for _, path := range []string{c.db, c.db + ".key"} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" {
			want(t, path, info.Mode().Perm(), fs.FileMode(0o600))
		}
	}
	key, _ := os.ReadFile(c.db + ".key")
	for _, path := range []string{c.db, c.db + "-wal"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range map[string]string{"key": string(key), "password": annsPassword, "token": b.cookie()} {
			want(t, what+" in "+path, bytes.Contains(data, []byte(secret)), false)
		}
	}
	if left, _ := filepath.Glob(c.db + ".key?*"); left != nil {
		t.Errorf("left %q", left)
	}
}

func TestProcessesThatStartTogetherShareAKey(t *testing.T) {
	db := filepath.Join(t.TempDir(), "login.db")
	var wg sync.WaitGroup
	keys := make([]string, 20)
	for i := range keys {
		wg.Go(func() {
			key, err := openKey(db)
			want(t, "error", err, nil)
			keys[i] = string(key)
		})
	}
	wg.Wait()
	for _, key := range keys {
		want(t, "key", key == keys[0], true)
	}
	want(t, "bytes", len(keys[0]), 32)
	other, _ := openKey(filepath.Join(t.TempDir(), "login.db"))
	want(t, "key of another database", string(other) == keys[0], false)
}

func TestFaultsAtTheStartSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	short := filepath.Join(dir, "short.db")
	if err := os.WriteFile(short+".key", []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for db, reason := range map[string]string{
		filepath.Join(dir, "none", "x.db"): "make its folder first",
		dir:                                "name a file in it",
		short:                              "has 5 bytes, not 32: restore it, or remove it",
	} {
		c := quick()
		c.db = db
		if _, err := newSite(t.Context(), c); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: error %v, want one with %q", db, err, reason)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if _, ok := errors.AsType[*net.OpError](run(t.Context(), io.Discard, taken.Addr().String(), quick())); !ok {
		t.Error("an address that is taken is no error")
	}
}
