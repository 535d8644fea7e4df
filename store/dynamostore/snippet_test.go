package dynamostore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

// cloudFormation and terraform are the table that Migrate makes.
const (
	cloudFormation = `Resources:
  Sessions:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: {{.TableName}}
      BillingMode: {{.BillingMode}}
      AttributeDefinitions:
{{- range .AttributeDefinitions}}
        - {AttributeName: {{.AttributeName}}, AttributeType: {{.AttributeType}}}
{{- end}}
      KeySchema:
{{- range .KeySchema}}
        - {AttributeName: {{.AttributeName}}, KeyType: {{.KeyType}}}
{{- end}}
      GlobalSecondaryIndexes:
{{- range .GlobalSecondaryIndexes}}
        - IndexName: {{.IndexName}}
          KeySchema:
{{- range .KeySchema}}
            - {AttributeName: {{.AttributeName}}, KeyType: {{.KeyType}}}
{{- end}}
          Projection: {ProjectionType: {{.Projection.ProjectionType}}}
{{- end}}
      TimeToLiveSpecification: {AttributeName: {{.TTL}}, Enabled: true}
`
	terraform = `resource "aws_dynamodb_table" "sessions" {
  name         = "{{.TableName}}"
  billing_mode = "{{.BillingMode}}"
{{- range .KeySchema}}
  {{if eq .KeyType "HASH"}}hash_key     {{else}}range_key    {{end}}= "{{.AttributeName}}"
{{- end}}
{{range .AttributeDefinitions}}
  attribute {
    name = "{{.AttributeName}}"
    type = "{{.AttributeType}}"
  }
{{- end}}
{{range .GlobalSecondaryIndexes}}
  global_secondary_index {
    name            = "{{.IndexName}}"
{{- range .KeySchema}}
    hash_key        = "{{.AttributeName}}"
{{- end}}
    projection_type = "{{.Projection.ProjectionType}}"
  }
{{- end}}

  ttl {
    attribute_name = "{{.TTL}}"
    enabled        = true
  }
}
`
)

// TestTemplatesInTheDocumentation are the table that the code makes.
func TestTemplatesInTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/dynamodb.md")
	ok(t, err)
	active := `{"Table":{"TableStatus":"ACTIVE","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"subject","AttributeType":"S"}],` +
		`"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"GlobalSecondaryIndexes":[{"IndexName":"by-subject","IndexStatus":"ACTIVE",` +
		`"KeySchema":[{"AttributeName":"subject","KeyType":"HASH"}]}]}}`
	a := &script{t: t, answers: []fault{{status: 200, body: active}, {status: 200, body: "{}"}, {status: 200, body: "{}"}}}
	st := open(t, dial("http://127.0.0.1:9", over(a)), dynamostore.Options{})
	ok(t, st.Migrate(t.Context()))
	last, found := strings.CutPrefix(a.asked[len(a.asked)-1], "UpdateTimeToLive ")
	if !found {
		t.Fatalf("asked %q", a.asked)
	}
	var live struct {
		TimeToLiveSpecification struct{ AttributeName string }
	}
	ok(t, json.Unmarshal([]byte(last), &live))
	for name, snippet := range map[string]string{"CloudFormation": cloudFormation, "Terraform": terraform} {
		var want strings.Builder
		ok(t, template.Must(template.New(name).Parse(snippet)).Execute(&want, struct {
			*dynamodb.CreateTableInput
			TTL string
		}{st.Table(), live.TimeToLiveSpecification.AttributeName}))
		if !strings.Contains(string(text), "\n"+want.String()+"```\n") {
			t.Errorf("docs/dynamodb.md has another table for %s, want\n%s", name, want.String())
		}
	}
}

// TestPolicyInTheDocumentation allows what the calls ask for, and nothing else.
func TestPolicyInTheDocumentation(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w)), dynamostore.Options{})
	w.heard()
	ok(t, st.Create(ctx, record("b")))
	for op, err := range everything(ctx, st, "a") {
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", op, err)
		}
	}
	asked := strings.Fields(w.heard())
	slices.Sort(asked)
	want := map[string][]string{}
	for _, action := range slices.Compact(asked) {
		resource := "table/" + dynamostore.DefaultTable
		if action == "Query" {
			resource += "/index/" + dynamostore.DefaultIndex
		}
		want[resource] = append(want[resource], "dynamodb:"+action)
	}

	text, err := os.ReadFile("../../docs/dynamodb.md")
	ok(t, err)
	_, text, _ = bytes.Cut(text, []byte("```json\n"))
	text, _, _ = bytes.Cut(text, []byte("```"))
	var policy struct {
		Statement []struct {
			Action   []string
			Resource string
		}
	}
	ok(t, json.Unmarshal(text, &policy))
	got := map[string][]string{}
	for _, s := range policy.Statement {
		_, resource, _ := strings.Cut(s.Resource, ":ACCOUNT:")
		got[resource] = append(got[resource], s.Action...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/dynamodb.md has another policy (-want +got):\n%s", diff)
	}
}
