package testserver_test

import (
	"net/http"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

func TestFirestoreEmulatorIsKilledAndStartsAgain(t *testing.T) {
	s := testserver.Private(t, testserver.Firestore)
	answers := func() {
		t.Helper()
		reply, err := http.Get("http://" + s.Address)
		if err != nil {
			t.Fatal(err)
		}
		if err := reply.Body.Close(); err != nil || reply.StatusCode != http.StatusOK {
			t.Errorf("answered %s, error %v", reply.Status, err)
		}
	}
	answers()
	s.Kill()
	if listens(s.Address) {
		t.Error("it listens after it was killed")
	}
	s.Start()
	answers()
}
