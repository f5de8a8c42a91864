package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// repeated is a function of tensors that is called again and again. If it is to be
// captured, the first call makes what later ones find, such as an optimizer's state, the
// second is captured, and those after it run the graph. Inputs of another size, as the
// last minibatch has, get a graph of their own.
type repeated struct {
	function func(in []*torch.Tensor) []*torch.Tensor
	capture  bool
	called   bool
	graph    *graph.Captured
}

// run calls the function. It panics on one that cannot be captured.
func (r *repeated) run(in ...*torch.Tensor) []*torch.Tensor {
	switch {
	case r.graph != nil:
		return r.graph.Run(in...)
	case !r.capture || !r.called:
		r.called = true
		return r.function(in)
	}
	captured, err := graph.Capture(r.function, in, graph.CaptureOptions{Recapture: true})
	if err != nil {
		panic(err)
	}
	r.graph = captured
	return captured.First
}
