package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/wangkuiyi/gotorch/torch"
)

// RequestError is the error of a request that is itself at fault.
type RequestError struct {
	Status int // of HTTP, such as 400 or 404
	Err    error
}

// Error returns what is wrong, for whoever sent the request.
func (e *RequestError) Error() string {
	if e.Err == nil {
		return http.StatusText(e.Status)
	}
	return e.Err.Error()
}

// Unwrap returns the error within.
func (e *RequestError) Unwrap() error { return e.Err }

// refuse returns the error of a request that is not as it must be.
func refuse(format string, args ...any) error {
	return &RequestError{http.StatusBadRequest, fmt.Errorf(format, args...)}
}

// statusClosed is what nginx logs where the client has gone; nobody gets it.
const statusClosed = 499

// Status returns the status of HTTP that says what an error of this package means: 429 for
// [ErrBusy], 503 for [ErrClosed], 504 where the time was up, 400 and others for a
// [RequestError], and 500 for what is the model's fault. nil gives 200.
func Status(err error) int {
	var request *RequestError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &request):
		return request.Status
	case errors.Is(err, ErrBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, ErrClosed), errors.Is(err, errMemory):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return statusClosed
	case errors.Is(err, &torch.Error{Kind: torch.IndexError}): // such as a word that the model does not know
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
