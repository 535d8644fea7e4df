//go:build unix

package testserver

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// apart makes a command run as a user in place of root, and out of reach of
// an interrupt from the terminal, which is for the tests.
func apart(cmd *exec.Cmd, name string) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	uid, gid, err := instead(name)
	if err != nil || uid < 0 {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir}
	return nil
}

// own gives a folder to the user who runs the server.
func own(dir, name string) error {
	uid, gid, err := instead(name)
	if err != nil || uid < 0 {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// instead returns who runs a server in place of root, -1 for nobody else.
func instead(name string) (uid, gid int, err error) {
	if name == "" || os.Geteuid() != 0 {
		return -1, -1, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, fmt.Errorf("root cannot run it: %w", err)
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}
