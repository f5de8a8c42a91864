package torch

import (
	"context"
	"runtime"
	gotrace "runtime/trace"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
)

// Profiling reports whether torch/profiler records operators.
func (exports) Profiling() bool { return cgotorch.Profiling() }

// StartProfiler starts to record the operators of all threads: with the shapes of their
// inputs, the memory that they take and their FLOPs. stack, unless it is nil, is called
// in operators and returns a number for where the goroutine is.
func (exports) StartProfiler(shapes, memory, flops bool, stack func() int) error {
	config := cgotorch.ProfilerConfig{Shapes: shapes, Memory: memory, FLOPs: flops}
	if err := cgotorch.Load(); err != nil {
		return err
	}
	if stack != nil {
		config.Stack = callback(func([]*Tensor, int) callbackReply {
			return internal.CallbackReply[*Tensor]{Number: stack()}
		})
	}
	if err := cgotorch.StartProfiler(config); err != nil {
		return errorOf("torch/profiler", err)
	}
	return nil
}

// ProfilingTensors reports whether the profiler wants to know what tensors are.
func (exports) ProfilingTensors() bool { return cgotorch.ProfilingTensors() }

// TellParameters tells the profiler that tensors are parameters, and what their gradients are.
func (e exports) TellParameters(parameters []*Tensor) {
	Scope(func() {
		var grads []*Tensor
		for _, info := range e.GradInfos(parameters) {
			if info.Grad != nil {
				grads = append(grads, info.Grad)
			}
		}
		tellRole(internal.RoleParameter, parameters)
		tellRole(internal.RoleGradient, grads)
	})
}

// TellOptimizerState tells the profiler that tensors are what an optimizer remembers.
func (exports) TellOptimizerState(tensors []*Tensor) { tellRole(internal.RoleOptimizerState, tensors) }

func tellRole(role internal.TensorRole, tensors []*Tensor) {
	if len(tensors) == 0 {
		return
	}
	const op = "torch/profiler"
	var c Call
	c.notNil(op, tensors)
	c.through(op, func(args *cgotorch.Args) (cgotorch.Results, *cgotorch.Error) {
		return cgotorch.Results{}, cgotorch.TellRole(int64(role), args)
	})
}

// StopProfiler stops it and returns what it recorded.
func (exports) StopProfiler() (cgotorch.Recorded, error) {
	recorded, err := cgotorch.StopProfiler()
	if err != nil {
		return recorded, errorOf("torch/profiler", err)
	}
	return recorded, nil
}

// Region calls f, which is a call of that name for the profiler, if it runs, and a region
// for runtime/trace.
func (e exports) Region(name string, f func()) {
	if r := e.EnterRegion(name); r != nil {
		defer r.Leave()
	}
	f()
}

// profiledRegion is what EnterRegion entered.
type profiledRegion struct {
	trace  *gotrace.Region
	call   cgotorch.Region
	called bool
}

// EnterRegion enters a region, if the profiler or runtime/trace runs, else returns nil.
// Leave leaves it, in the same goroutine, which is locked to its thread meanwhile.
func (exports) EnterRegion(name string) *profiledRegion {
	if !cgotorch.Profiling() && !gotrace.IsEnabled() {
		return nil
	}
	r := &profiledRegion{trace: gotrace.StartRegion(context.Background(), name)}
	if cgotorch.Profiling() {
		cgotorch.LockThread()
		call, err := cgotorch.EnterRegion(name)
		if err != nil {
			cgotorch.UnlockThread()
			check("torch/profiler", err)
		}
		r.call, r.called = call, true
	}
	return r
}

// Here reports whether the calling goroutine may leave the region.
func (r *profiledRegion) Here() bool { return !r.called || r.call.Here() }

// Leave leaves the region.
func (r *profiledRegion) Leave() {
	if r.called {
		r.call.Leave()
		cgotorch.UnlockThread()
	}
	r.trace.End()
}

// OnThread calls f on one thread, so that a region that begins in it lies on the thread of one
// that ends in it.
func (exports) OnThread(f func()) {
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	f()
}

// Frames returns the calls that a stack is made of, from the innermost one on, without
// those between the program and libtorch.
func (exports) Frames(counters []uintptr) (list []runtime.Frame) {
	frames := runtime.CallersFrames(counters)
	for more := len(counters) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		name := frame.Function
		plumbing := strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "_cgo") ||
			strings.Contains(name, "gotorch/cgotorch.") || strings.Contains(name, "gotorch/torch.")
		if !plumbing || strings.HasSuffix(frame.File, "_test.go") {
			list = append(list, frame)
		}
	}
	return list
}
