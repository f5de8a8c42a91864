package distributed

import (
	"errors"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// Libtorch waits for ever for a store whose process takes connections and then says nothing,
// since it is stopped, or its machine is cut off. So whatever asks a store, does so on a
// goroutine of its own, which stays behind with its thread until the store answers or the
// connection ends.

// ask calls a method of the store that the process that has it answers, and returns what
// take reads in the answer. It waits for that as long as limit says, or the store's timeout
// where that is 0.
func ask[T any](s *Store, op, name string, limit time.Duration, pass func(c *torch.Call), take func(r *torch.Results) T) (answer T, err error) {
	if limit <= 0 {
		if limit, err = s.Timeout(); err != nil {
			return answer, s.as(op, err)
		}
	}
	answer, err, answered := within(answerLimit(limit), func() (answer T, err error) {
		err = s.call(op, name, pass, func(r *torch.Results) {
			if take != nil {
				answer = take(r)
			}
		})
		return answer, err
	}, nil)
	if !answered {
		return answer, s.silence("Store."+op, limit)
	}
	return answer, err
}

// as returns an error of one method as that of another one.
func (s *Store) as(op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Op = "Store." + op
	}
	return err
}

// silence is the error of a store that does not answer.
func (s *Store) silence(op string, limit time.Duration) error {
	return &Error{Op: op, Rank: -1, Missing: []string{s.silent()}, Err: refusal(torch.RuntimeError, "timed out after %v: the store does not answer", limit)}
}

// silent says which process it is that does not answer.
func (s *Store) silent() string { return s.holder + ", whose store does not answer" }

// answerLimit is how long to wait for a store's answer: its timeout, after which it says that
// a key is not there, and some time for that. Libtorch knows no limit.
func answerLimit(timeout time.Duration) time.Duration {
	const least, most = 500 * time.Millisecond, 5 * time.Second
	return timeout + max(least, min(timeout, most))
}

// within returns what f does, unless that takes too long. Then f goes on by itself, and late
// gets its value, if it is not nil and there is one.
func within[T any](limit time.Duration, f func() (T, error), late func(value T)) (value T, err error, done bool) { //nolint:staticcheck // the error is f's
	type result struct {
		value T
		err   error
	}
	results := make(chan result, 1)
	go func() {
		value, err := f()
		results <- result{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-results:
		return r.value, r.err, true
	case <-timer.C:
	}
	if late != nil {
		go func() {
			if r := <-results; r.err == nil {
				late(r.value)
			}
		}()
	}
	return value, nil, false
}
