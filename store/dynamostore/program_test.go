package dynamostore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
)

func TestExampleCountsVisits(t *testing.T) {
	scenario.Program(t, "AWS_ENDPOINT_URL_DYNAMODB="+find(t), "AWS_REGION=local", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x")
}
