package main

import (
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// exported is a model that Python has exported.
type exported struct {
	file  string
	shape []int // of the input
	n     int   // how many calls are timed at once
}

// measure times the program once it has planned itself, which it does in its second run
// with inputs of one kind.
func (e exported) measure(quick bool) outcome {
	x := torch.Randn(e.shape)
	program := must(export.Load(filepath.Join(*exports, e.file)))
	forward := func(in tensors) tensors { return tensors{must(program.Run(in[0])).(*torch.Tensor)} }
	torch.NoGrad(func() {
		for range 2 {
			torch.Scope(func() { forward(tensors{x}) })
		}
	})
	return inference{n: e.n}.measure(quick, forward, x)
}
