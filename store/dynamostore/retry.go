package dynamostore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// attempts follows the tries that the client makes of one write. A try whose
// answer was lost may have written; the next one then fails its condition, and
// that does not mean that another has written.
type attempts struct {
	aws.Retryer
	lost bool // the outcome of a try is not known
}

// watch is an option of one call.
func (a *attempts) watch(o *dynamodb.Options) {
	a.Retryer = o.Retryer
	o.Retryer = a
}

// IsErrorRetryable is asked about each try that failed.
func (a *attempts) IsErrorRetryable(err error) bool {
	a.lost = a.lost || !refused(err)
	return a.Retryer.IsErrorRetryable(err)
}

// GetAttemptToken keeps the client's own way to limit its tries, which it has
// if its retryer is of the second kind.
func (a *attempts) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if r, ok := a.Retryer.(aws.RetryerV2); ok {
		return r.GetAttemptToken(ctx)
	}
	return a.GetInitialToken(), nil
}

// refused reports whether the service answered that it has not written.
func refused(err error) bool {
	var answer *awshttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() >= 400 && answer.HTTPStatusCode() < 500
}
