package mongostore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/scenario"
	"github.com/gosessions/sessions/internal/testserver"
)

func TestExampleCountsVisits(t *testing.T) {
	scenario.Program(t, "MONGODB_URI="+testserver.Find(t, testserver.MongoDB).Address)
}
