package dynamostore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"
)

// advice tells what to do about the codes that DynamoDB answers with.
var advice = map[string]string{
	"ThrottlingException":                    throttled,
	"ProvisionedThroughputExceededException": throttled,
	"RequestLimitExceeded":                   throttled,
	"AccessDeniedException":                  "these credentials may not: allow them the actions that the documentation of dynamostore names, on the table and on its index",
	"UnrecognizedClientException":            credentials,
	"InvalidSignatureException":              credentials,
	"SignatureDoesNotMatch":                  credentials,
	"IncompleteSignatureException":           credentials,
	"MissingAuthenticationTokenException":    credentials,
	"MissingAuthenticationToken":             credentials,
	"ExpiredTokenException":                  "the credentials have expired: give the client a provider that renews them, as config.LoadDefaultConfig does",
	"UnknownOperationException":              "the endpoint does not know this call: is it DynamoDB?",
}

const (
	throttled   = "DynamoDB throttles: give the table and its index more capacity, or set it to PAY_PER_REQUEST"
	credentials = "DynamoDB refuses the credentials: check the keys, the region of the client and the clock"
)

// refusal is an answer that repeats what was signed, which may have a session
// token in it; its text leaves that out.
type refusal struct {
	code string
	err  error
}

func (r refusal) Error() string { return r.code }
func (r refusal) Unwrap() error { return r.err }

// fault says which call failed on which table, and what to do about it where
// that is known.
func (s *Store) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	do := s.advise(err)
	var said smithy.APIError
	if errors.As(err, &said) && advice[said.ErrorCode()] == credentials {
		err = refusal{said.ErrorCode(), err}
	}
	if do != "" {
		do += ": "
	}
	return fmt.Errorf("dynamostore: %s in table %q: %s%w", op, s.opts.Table, do, err)
}

func (s *Store) advise(err error) string {
	if errors.Is(err, errForeign) {
		return "another program's item is under this key, choose another Table or Prefix in Options"
	}
	if do := s.adviseLocal(err); do != "" {
		return do
	}
	var said smithy.APIError
	if !errors.As(err, &said) {
		return ""
	}
	code, message := said.ErrorCode(), said.ErrorMessage()
	switch {
	case code == "ResourceNotFoundException":
		return fmt.Sprintf("there is no such table in region %q: make it with Migrate, or check Options.Table and the client's region and account", s.region())
	case code != "ValidationException":
		return advice[code]
	case strings.Contains(message, "specified index"):
		return fmt.Sprintf("the table has no index %q: make it with Migrate, or check Options.Index", s.opts.Index)
	case strings.Contains(message, "size"):
		return "the session is too large: an item has 400 KB at most, names included, so lower Options.MaxBytes of the manager"
	case strings.Contains(message, "key element"), strings.Contains(message, "key schema"),
		strings.Contains(message, "Missing the key"), strings.Contains(message, "number of conditions on the keys"):
		return "the table has another key than PartitionKey and SortKey in Options say"
	}
	return ""
}

// adviseLocal is about what went wrong before DynamoDB was asked. Another
// service may have answered that the client asked for credentials.
func (s *Store) adviseLocal(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "Missing Region"), s.region() == "" && strings.Contains(text, "resolve endpoint"):
		return "the client has no region: set AWS_REGION, or the region of its configuration"
	case strings.Contains(text, "get identity"), strings.Contains(text, "get credentials"), strings.Contains(text, "static credentials are empty"):
		return "the client has no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role that may be assumed"
	}
	return ""
}

func (s *Store) region() string { return s.client.Options().Region }
