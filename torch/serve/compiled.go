package serve

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/aoti"
)

// LoadCompiled reads a package of AOTInductor, as [NewCompiled] takes it. It runs the
// package's code.
func LoadCompiled(path string, batch bool) (Model, error) {
	m, err := aoti.Load(path)
	if err != nil {
		return nil, err
	}
	return NewCompiled(m, batch)
}

// NewCompiled returns a model that runs one that AOTInductor compiled, of tensors that lie in
// no tuples or dicts. Its inputs are called input_0, input_1, .... With batch, the first sizes
// of all inputs and outputs count rows that do not depend on each other; they must be
// dynamic. Close closes the model. As many batches run at a time as the model has runners.
func NewCompiled(m *aoti.Model, batch bool) (Model, error) {
	if m == nil {
		return nil, errors.New("there is no model: aoti.Load reads one")
	}
	info := m.Info()
	s := Signature{Platform: "pytorch_aotinductor", Batch: batch}
	for i, in := range info.Inputs {
		spec := Spec{Name: fmt.Sprint("input_", i), DType: in.DType, Shape: make([]int, len(in.Shape))}
		for d, dim := range in.Shape {
			if spec.Shape[d] = dim.Min; dim.Max > dim.Min {
				spec.Shape[d] = -1
			}
		}
		s.Inputs = append(s.Inputs, spec)
	}
	if batch {
		if len(info.Inputs) == 0 || len(info.Inputs[0].Shape) == 0 {
			return nil, errors.New("the model has no rows")
		}
		rows := info.Inputs[0].Shape[0]
		s.BatchSizes = powers(rows.Min, rows.Max)
	}
	if info.Device == "cuda" {
		s.Device = torch.CUDA(0)
	}
	return NewModel(s, runOf(m.Run), m.Close), nil
}
