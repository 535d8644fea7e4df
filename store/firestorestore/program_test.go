package firestorestore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
)

func TestExampleCountsVisits(t *testing.T) {
	scenario.Program(t, "FIRESTORE_EMULATOR_HOST="+server(t), "GOOGLE_CLOUD_PROJECT=demo")
}
