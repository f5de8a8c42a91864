package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// workerEnv is set in the processes that make the calls.
const workerEnv = "GOTORCH_OPFUZZ_WORKER"

// order is what a worker is to do.
type order struct {
	Seed uint64
	Work []work
}

// work are calls of one operator, by their numbers.
type work struct {
	Op       string
	From, To int
}

// event is what a worker says: that a call begins, and then how it ended.
type event struct {
	Op      string  `json:",omitempty"`
	Call    int     `json:",omitempty"`
	Outcome outcome `json:",omitempty"`
	Text    string  `json:",omitempty"` // the error, or a panic with its stack
}

// outcome is how a call ended.
type outcome int

const (
	begins   outcome = iota
	gave             // it gave results
	refused          // it gave an error
	unmade           // its arguments could not be made
	panicked         // it panicked
)

// obey makes the calls of an order, and writes an event before and after each.
func obey(in io.Reader, out io.Writer, call func(op string, seed uint64, number int) event) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	events := json.NewEncoder(out)
	for _, w := range o.Work {
		for n := w.From; n < w.To; n++ {
			if err := events.Encode(event{Op: w.Op, Call: n}); err != nil {
				return err
			}
			if err := events.Encode(call(w.Op, o.Seed, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tryCall makes a call and says how it ended.
func tryCall(op string, seed uint64, number int) (e event) {
	defer func() {
		if v := recover(); v != nil {
			e = event{Outcome: panicked, Text: fmt.Sprintf("%v\n%s", v, debug.Stack())}
		}
	}()
	torch.Scope(func() {
		_, err := makeCall(op, seed, number)
		switch {
		case err == nil:
			e.Outcome = gave
		case errors.As(err, new(setupError)):
			e = event{Outcome: unmade, Text: fmt.Sprintf("%.100q", err)}
		default:
			e = event{Outcome: refused, Text: fmt.Sprintf("%.150q", err)}
		}
	})
	return e
}

// makeCall makes a call; random operators draw the same numbers each time.
func makeCall(op string, seed uint64, number int) ([]any, error) {
	p, err := callOf(op, seed, number)
	if err != nil {
		return nil, err
	}
	torch.ManualSeed(int64(number))
	return p.run(operator)
}

// callOf returns a call of the operator with that name.
func callOf(op string, seed uint64, number int) (program, error) {
	s, err := parsed(op)
	if err != nil {
		return nil, err
	}
	return randomCall(s, seed, number), nil
}

var (
	operator = remember(torch.Op)
	parsed   = remember(func(name string) (*schema.Schema, error) {
		op, err := operator(name)
		if err != nil {
			return nil, err
		}
		return schema.Parse(op.Schema())
	})
)

// remember returns find with what it found before.
func remember[V any](find func(name string) (V, error)) func(name string) (V, error) {
	known := map[string]V{}
	return func(name string) (V, error) {
		if v, ok := known[name]; ok {
			return v, nil
		}
		v, err := find(name)
		if err == nil {
			known[name] = v
		}
		return v, err
	}
}
