package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// workerEnv is set in the processes that make the calls.
const workerEnv = "GOTORCH_OPFUZZ_WORKER"

// memory is the address space that a worker may have.
const memory = 8 << 30

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

// obey does what an order says, and writes an event before and after each call.
func obey(in io.Reader, out io.Writer) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
		return err
	}
	events := json.NewEncoder(out)
	for _, w := range o.Work {
		op, err := operator(w.Op)
		if err != nil {
			return err
		}
		parsed, err := schema.Parse(op.Schema())
		if err != nil {
			return err
		}
		for n := w.From; n < w.To; n++ {
			if err := events.Encode(event{Op: w.Op, Call: n}); err != nil {
				return err
			}
			if err := events.Encode(tryCall(parsed, o.Seed, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tryCall makes a call and says how it ended.
func tryCall(s *schema.Schema, seed uint64, number int) (e event) {
	defer func() {
		if v := recover(); v != nil {
			e = event{Outcome: panicked, Text: fmt.Sprintf("%v\n%s", v, debug.Stack())}
		}
	}()
	torch.Scope(func() {
		_, err := makeCall(s, seed, number)
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
func makeCall(s *schema.Schema, seed uint64, number int) ([]any, error) {
	torch.ManualSeed(int64(number))
	return randomCall(s, seed, number).run(operator)
}

// operator is [torch.Op] that remembers.
var operator = remember(torch.Op)

func remember[K comparable, V any](find func(K) (V, error)) func(K) (V, error) {
	var known sync.Map
	return func(key K) (V, error) {
		if v, ok := known.Load(key); ok {
			return v.(V), nil
		}
		v, err := find(key)
		if err == nil {
			known.Store(key, v)
		}
		return v, err
	}
}
