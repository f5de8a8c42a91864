package debugmode

import (
	"fmt"
	"math"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/moduletrack"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// NaNOptions are the options of [FindNaN].
type NaNOptions struct {
	// Modules are the modules to name in the error, with those within, as in [LogOptions].
	Modules []nn.AnyModule
	// Inf makes an infinite result as bad as a NaN.
	Inf bool
}

// FindNaN calls f and panics with a *[torch.Error] at the first operator whose results
// have a NaN though no argument has one, in the calling goroutine, in backward passes and
// optimizers' steps too. The error names the operator, the module that ran, in its field
// Module, and the line of the program that the operator was called for; in a backward pass
// that is the line that called it.
//
//	err := torch.Try(func() { debugmode.FindNaN(func() { step(net, batch) }) })
//	// Net.fc2: aten::log: result 0 has NaN, but no argument has (called at net.go:31)
//
// Unlike anomaly detection it sees the forward pass, names what made the NaN rather than
// what got it, and finds it at each operator. It reads every result, which waits for the
// device. Tensors without a value yet, as of Empty, are no results. It panics if f is nil.
//
// https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection
func FindNaN(f func(), options ...NaNOptions) {
	argument.NotNil("debugmode.FindNaN", "the function", f)
	o := option.First(options)
	finder := &finder{inf: o.Inf, tracker: moduletrack.New(o.Modules...)}
	defer finder.tracker.Close()
	torch.WithDispatch(finder, f, torch.DispatchOptions{Scoped: true})
}

// finder is the mode of FindNaN.
type finder struct {
	inf     bool
	tracker *moduletrack.Tracker
}

// Dispatch checks the results of an operator.
func (n *finder) Dispatch(call *torch.DispatchCall) []any {
	name := call.Op.Name()
	changes := strings.Contains(call.Op.Schema(), "!")
	had := changes && n.first(call.Args) >= 0 // what it is after the call says nothing
	results := call.Run()
	if had || strings.HasPrefix(name, "aten::empty") || strings.HasPrefix(name, "aten::new_empty") || strings.HasPrefix(name, "aten::resize_") {
		return results
	}
	i := n.first(results)
	if i < 0 && len(results) == 0 && changes { // what it changed is all that it gives
		if at := n.first(call.Args); at >= 0 {
			n.fail(call, fmt.Sprintf("argument %d", at))
		}
	}
	if i >= 0 && (changes || n.first(call.Args) < 0) {
		n.fail(call, fmt.Sprintf("result %d", i))
	}
	return results
}

// fail panics with the error of an operator.
func (n *finder) fail(call *torch.DispatchCall, where string) {
	what := "NaN"
	if n.inf {
		what = "NaN or Inf"
	}
	message := fmt.Sprintf("%s has %s, but no argument had", where, what)
	if internals.InBackward() {
		message += ", in the backward pass"
	}
	if file, line := internals.Caller(); file != "" {
		message += fmt.Sprintf(" (called at %s:%d)", file, line)
	}
	err := torch.Errorf(call.Op.Name(), torch.RuntimeError, "%s", message)
	err.Module = n.tracker.Innermost()
	err.Arguments = list(call.Args)
	panic(err)
}

// first returns which of the values is the first that has a NaN, or −1.
func (n *finder) first(values []any) int {
	for i, v := range values {
		if n.bad(v) {
			return i
		}
	}
	return -1
}

// bad reports whether a value has a NaN.
func (n *finder) bad(v any) bool {
	switch v := v.(type) {
	case float64:
		return math.IsNaN(v) || n.inf && math.IsInf(v, 0)
	case []float64:
		for _, number := range v {
			if n.bad(number) {
				return true
			}
		}
	case []*torch.Tensor:
		for _, x := range v {
			if n.bad(x) {
				return true
			}
		}
	case []any:
		return n.first(v) >= 0
	case *torch.Tensor:
		return v != nil && n.badTensor(v)
	}
	return false
}

func (n *finder) badTensor(x *torch.Tensor) bool {
	if d := x.DType(); !d.IsFloatingPoint() && !d.IsComplex() || x.Layout() != torch.Strided || x.IsMeta() || x.Numel() == 0 {
		return false
	}
	if x.ElementSize() == 1 { // few operators take these dtypes
		x = x.To(torch.Float32)
	}
	if n.inf {
		return !x.IsFinite().All().Bool()
	}
	return x.IsNaN().Any().Bool()
}
