package surrealstore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
)

func TestExampleCountsVisits(t *testing.T) {
	s := find(t)
	scenario.Program(t, "SURREALDB_URL="+s.url, "SURREALDB_USER="+s.auth.Username, "SURREALDB_PASSWORD="+s.auth.Password)
}
