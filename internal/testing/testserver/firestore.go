package testserver

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
)

// firestore is Google's emulator, as gcloud installs it. It keeps everything
// in memory: killed, it forgets it all.
func firestore() *backend {
	const program = "cloud_firestore_emulator"
	return &backend{
		programs: []string{program},
		check: func(string) error {
			if _, err := exec.LookPath("java"); err != nil {
				return errors.New("its emulator needs java on PATH")
			}
			return nil
		},
		// The program is a script that runs Java and cannot be killed with it.
		serve: func(bin, _ string, port int) []string {
			return []string{"java", "-Duser.language=en", "-cp", filepath.Join(bin, "cloud-firestore-emulator.jar"),
				"com.google.cloud.datastore.emulator.firestore.CloudFirestore", "--host=127.0.0.1", fmt.Sprint("--port=", port)}
		},
		ping:    pingFirestore,
		address: func(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) },
		stop:    syscall.SIGKILL,
	}
}

// pingFirestore asks for the page that says that the emulator is up.
func pingFirestore(c net.Conn) error {
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")); err != nil {
		return err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("refused: %s", r.Status)
	}
	return nil
}
