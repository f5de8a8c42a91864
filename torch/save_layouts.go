package torch

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// encodeSparse returns what a sparse tensor is in a pickle: its layout and its parts.
func (s *saver) encodeSparse(x *Tensor) (any, error) {
	var parts []*Tensor
	var more []any
	switch x.Layout() {
	case SparseCOO:
		parts = []*Tensor{x.part(opUnderscoreIndices), x.part(opUnderscoreValues)} // also of what is not coalesced
		more = []any{x.IsCoalesced()}
	case SparseCSR, SparseBSR:
		parts = []*Tensor{x.CrowIndices(), x.ColIndices(), x.Values()}
	case SparseCSC, SparseBSC:
		parts = []*Tensor{x.CcolIndices(), x.RowIndices(), x.Values()}
	default:
		return nil, fmt.Errorf("a tensor of layout %v cannot be saved: save its ToDense()", x.Layout())
	}
	var data pickle.Tuple
	for _, part := range parts {
		defer part.Close()
		call, err := s.encodeTensor(part)
		if err != nil {
			return nil, err
		}
		data = append(data, call)
	}
	data = append(append(data, size(x.Shape())), more...)
	return &pickle.Call{Func: globalSparse, Args: pickle.Tuple{x.Layout().pickled(), data}}, nil
}

// part calls an operator of one tensor.
func (x *Tensor) part(op *Operator) *Tensor {
	var c Call
	c.Tensor(x)
	return c.One(op)
}

// encodeQuantized returns what a quantized tensor is in a pickle: what it was quantized
// by, and its integers.
func (s *saver) encodeQuantized(x *Tensor, requiresGrad bool) (any, error) {
	scheme := x.QScheme()
	parameters := pickle.Tuple{scheme.global()}
	switch scheme {
	case PerTensorAffine:
		parameters = append(parameters, x.QScale(), x.QZeroPoint())
	case PerChannelAffine, PerChannelAffineFloatQParams:
		parameters[0] = PerChannelAffine.global()
		for _, part := range []*Tensor{x.QPerChannelScales(), x.QPerChannelZeroPoints()} {
			defer part.Close()
			call, err := s.encodeTensor(part)
			if err != nil {
				return nil, err
			}
			parameters = append(parameters, call)
		}
		parameters = append(parameters, x.QPerChannelAxis())
	default:
		return nil, fmt.Errorf("a tensor of scheme %v cannot be saved: save its Dequantize()", scheme)
	}
	storage := s.storage(x)
	if storage.dtype != x.DType() {
		return nil, fmt.Errorf("a tensor of dtype %v cannot be saved: save its Dequantize()", x.DType())
	}
	return &pickle.Call{Func: globalQuantized, Args: pickle.Tuple{storage.id(x.DType()), x.StorageOffset(), ints(x.Shape()), ints(x.Stride()),
		parameters, requiresGrad, &pickle.Dict{Ordered: true}}}, nil
}

// global returns the scheme's name in a file.
func (q QScheme) global() pickle.Global { return pickle.Global{Module: "torch", Name: qschemeNames[q]} }

// pickled returns the call that makes a layout.
func (l Layout) pickled() any {
	return &pickle.Call{Func: globalLayout, Args: pickle.Tuple{l.String()}}
}

// size returns the call that makes a torch.Size.
func size(shape []int) any {
	return &pickle.Call{Func: globalSize, Args: pickle.Tuple{ints(shape)}}
}

// The indices and the values of a tensor of coordinates, coalesced or not.
var (
	opUnderscoreIndices = NewOperator("aten::_indices(Tensor(a) self) -> Tensor(a)")
	opUnderscoreValues  = NewOperator("aten::_values(Tensor(a) self) -> Tensor(a)")
)
