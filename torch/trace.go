package torch

import "github.com/wangkuiyi/gotorch/cgotorch"

// trace tells tensors apart while a program is recorded.
type trace struct{ trace *cgotorch.Trace }

// NewTrace returns a trace, which Free frees.
func (exports) NewTrace() *trace {
	t, err := cgotorch.NewTrace()
	check("trace", err)
	return &trace{t}
}

// Stand returns a tensor of the same layout that has no memory and must not be used but
// for its shape: always a reference to the same one for one tensor, and with one storage
// for tensors that share theirs. The trace keeps neither tensor nor memory. It panics
// for a tensor that has no strides.
func (t *trace) Stand(x *Tensor) *Tensor {
	handle := x.use("trace")
	defer x.release()
	stand, err := t.trace.Stand(handle)
	check("trace", err)
	return newTensor(stand, 0)
}

// Free frees the trace.
func (t *trace) Free() { t.trace.Free() }
