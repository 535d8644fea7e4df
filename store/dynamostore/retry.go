package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// attempts follows the tries that the client makes of one call, the last one
// that it watches. A try whose answer was lost may have written; the next one
// then fails its condition, and that does not mean that another has written.
type attempts struct {
	aws.Retryer
	lost   bool  // the outcome of a try is not known
	before error // of the last try that did not end with its context
}

// watch is an option of a call, of which it then has the attempts.
func (a *attempts) watch(o *dynamodb.Options) {
	*a = attempts{Retryer: o.Retryer}
	o.Retryer = a
}

// IsErrorRetryable is asked about each try that failed.
func (a *attempts) IsErrorRetryable(err error) bool {
	a.lost = a.lost || !refused(err)
	if !canceled(err) {
		a.before = err
	}
	return a.Retryer.IsErrorRetryable(err)
}

// told returns the error of the call, with what the client waited for when the
// context ended, which its error does not tell.
func (a *attempts) told(err error) error {
	if a.before == nil || !canceled(err) {
		return err
	}
	return fmt.Errorf("%w; the try before: %w", err, a.before)
}

// GetAttemptToken keeps the client's own way to limit its tries, which it has
// if its retryer is of the second kind.
func (a *attempts) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if r, ok := a.Retryer.(aws.RetryerV2); ok {
		return r.GetAttemptToken(ctx)
	}
	return a.GetInitialToken(), nil
}

// refused reports whether nothing was written: the service says so, or there
// was no connection.
func refused(err error) bool {
	var answer *awshttp.ResponseError
	var network *net.OpError
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() != 0: // 0 is none
		return answer.HTTPStatusCode() >= 400 && answer.HTTPStatusCode() < 500
	case errors.As(err, &network):
		return network.Op == "dial"
	}
	return false
}

// canceled reports whether the context ended a try or the wait for the next.
func canceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
