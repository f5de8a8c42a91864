package torch

import (
	"encoding/json"
	"strings"
)

// MarshalJSON lets [json.Marshal] write the elements: a number or a bool for a tensor
// without dimensions, else lists of lists, as json.Marshal writes nested slices and
// Python writes x.tolist(). Numbers of 32 bits or fewer are written as a float32 is, 0.1
// rather than 0.10000000149011612. A nested tensor is the list of its components, and a
// quantized one what it stands for. It fails on NaN and infinities, as encoding/json does,
// on complex numbers, and on tensors that are closed, sparse or on [Meta].
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html
func (x *Tensor) MarshalJSON() (data []byte, err error) {
	failed := Try(func() {
		Scope(func() { NoGrad(func() { data, err = x.marshal() }) })
	})
	if failed != nil {
		return nil, failed
	}
	return data, err
}

// marshal writes a tensor of any kind.
func (x *Tensor) marshal() ([]byte, error) {
	refuse := func(what, remedy string) ([]byte, error) {
		return nil, Errorf("torch.Tensor.MarshalJSON", TypeError, "%s cannot be written as JSON; %s", what, remedy)
	}
	dtype := x.DType()
	switch {
	case x.IsNested():
		return json.Marshal(x.Unbind(0))
	case dtype.IsComplex():
		return refuse("a tensor of dtype "+dtype.String(), "Real and Imag, or ViewAsReal, give its numbers")
	case x.Layout() != Strided:
		return refuse("a tensor of layout "+x.Layout().String(), "ToDense, or its indices and values, can be")
	case x.IsMeta():
		return refuse("a tensor on meta", "it has no elements")
	case dtype == Bool:
		return nestedLists(ToSlice[bool](x), x.Shape())
	case dtype == Uint64:
		return nestedLists(ToSlice[uint64](x), x.Shape())
	case dtype == Float64:
		return nestedLists(ToSlice[float64](x), x.Shape())
	case dtype.IsFloatingPoint() || x.IsQuantized():
		return nestedLists(ToSlice[float32](x), x.Shape())
	}
	return nestedLists(ToSlice[int64](x), x.Shape())
}

// nestedLists writes values in row-major order as lists of a shape.
func nestedLists[T any](values []T, shape []int) ([]byte, error) {
	switch len(shape) {
	case 0:
		return json.Marshal(values[0])
	case 1:
		return json.Marshal(values)
	}
	rows := make([]string, shape[0])
	n := product(shape[1:])
	for i := range rows {
		row, err := nestedLists(values[i*n:(i+1)*n], shape[1:])
		if err != nil {
			return nil, err
		}
		rows[i] = string(row)
	}
	return []byte("[" + strings.Join(rows, ",") + "]"), nil
}
