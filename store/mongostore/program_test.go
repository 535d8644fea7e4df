package mongostore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
)

func TestExampleCountsVisits(t *testing.T) {
	scenario.Program(t, "MONGODB_URI="+testserver.Find(t, testserver.MongoDB).Address)
}
