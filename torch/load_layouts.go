package torch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

var (
	opSparseUnsafe     = NewOperator("aten::_sparse_coo_tensor_unsafe(Tensor indices, Tensor values, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool? is_coalesced=None) -> Tensor")
	opCompressedUnsafe = NewOperator("aten::_sparse_compressed_tensor_unsafe(Tensor compressed_indices, Tensor plain_indices, Tensor values, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opCoalescedIn      = NewOperator("aten::_coalesced_(Tensor(a!) self, bool coalesced) -> Tensor(a!)")
	opCheckSparse      = NewOperator("aten::_validate_sparse_coo_tensor_args(Tensor indices, Tensor values, int[] size, bool? is_coalesced=None, bool? check_pinning=None) -> ()")
	opCheckCompressed  = NewOperator("aten::_validate_sparse_compressed_tensor_args(Tensor compressed_indices, Tensor plain_indices, Tensor values, int[] size, Layout layout, bool? check_pinning=None) -> ()")
	opEmptyQuantized   = NewOperator("aten::_empty_affine_quantized(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, float scale=1., int zero_point=0, MemoryFormat? memory_format=0) -> Tensor")
	opEmptyPerChannel  = NewOperator("aten::_empty_per_channel_affine_quantized(SymInt[] size, *, Tensor scales, Tensor zero_points, int axis, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=0) -> Tensor")
)

// layout returns a layout by its name.
func (l *loader) layout(args pickle.Tuple) (any, error) {
	name, err := argument[string](args, 0)
	if err != nil {
		return nil, err
	}
	for layout := Strided; int(layout) < len(layoutNames); layout++ {
		if layout.String() == name {
			return layout, nil
		}
	}
	return nil, fmt.Errorf("there is no layout %q", brief.Text(name))
}

// sparse makes a sparse tensor: layout, (indices, values, size, is_coalesced) or
// (compressed indices, plain indices, values, size). Its indices are checked when all
// elements are there.
func (l *loader) sparse(args pickle.Tuple) (any, error) {
	layout, err1 := argument[Layout](args, 0)
	data, err2 := argument[pickle.Tuple](args, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a sparse tensor: %w", err)
	}
	n := 3 // parts that are tensors
	if layout == SparseCOO {
		n = 2
	}
	parts := make([]*Tensor, n)
	for i := range parts {
		var err error
		if parts[i], err = argument[*Tensor](data, i); err != nil {
			return nil, fmt.Errorf("a sparse tensor: %w", err)
		}
	}
	size, err := l.ints(data, n)
	if err == nil {
		err = l.budget.Take(tensorSize)
	}
	if err != nil {
		return nil, fmt.Errorf("a sparse tensor: %w", err)
	}
	coalesced := len(data) > n+1 && data[n+1] == true
	var x *Tensor
	err = Try(func() {
		switch layout {
		case SparseCOO:
			x = l.coordinates(parts, size, coalesced)
		case SparseCSR, SparseCSC, SparseBSR, SparseBSC:
			x = l.compressed(parts, size, layout)
		default:
			panic(Errorf("torch.Load", ValueError, "a sparse tensor has the layout %v", layout))
		}
	})
	return x, err
}

// coordinates makes a tensor of coordinates.
func (l *loader) coordinates(parts []*Tensor, size []int, coalesced bool) *Tensor {
	o := TensorOptions{DType: parts[1].DType(), Layout: SparseCOO, Device: parts[1].Device()}
	var c Call
	c.Tensor(parts[0])
	c.Tensor(parts[1])
	c.Ints(size)
	c.Options(&o)
	x := c.One(opSparseUnsafe)
	l.tensors = append(l.tensors, x)
	if coalesced {
		var c Call
		c.Tensor(x)
		c.Bool(true)
		c.Do(opCoalescedIn)
	}
	l.checks = append(l.checks, func() {
		var c Call
		c.Tensor(parts[0])
		c.Tensor(parts[1])
		c.Ints(size)
		c.OptionalBool(&coalesced)
		c.Do(opCheckSparse)
	})
	return x
}

// compressed makes a tensor of compressed rows or columns.
func (l *loader) compressed(parts []*Tensor, size []int, layout Layout) *Tensor {
	o := TensorOptions{DType: parts[2].DType(), Layout: layout, Device: parts[2].Device()}
	var c Call
	for _, part := range parts {
		c.Tensor(part)
	}
	c.Ints(size)
	c.Options(&o)
	x := c.One(opCompressedUnsafe)
	l.tensors = append(l.tensors, x)
	l.checks = append(l.checks, func() {
		var c Call
		for _, part := range parts {
			c.Tensor(part)
		}
		c.Ints(size)
		c.Layout(layout)
		c.Do(opCheckCompressed)
	})
	return x
}

// quantized makes a quantized tensor: storage, offset, size, stride, what it was
// quantized by, requires_grad, hooks.
func (l *loader) quantized(args pickle.Tuple) (any, error) {
	s, err1 := argument[storageRef](args, 0)
	offset, err2 := argument[int](args, 1)
	size, err3 := l.ints(args, 2)
	stride, err4 := l.ints(args, 3)
	by, err5 := argument[pickle.Tuple](args, 4)
	scheme, err6 := argument[QScheme](by, 0)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return nil, fmt.Errorf("a quantized tensor: %w", err)
	}
	if !strings.HasPrefix(s.dtype.String(), "torch.q") {
		return nil, fmt.Errorf("a quantized tensor has a storage of %v", s.dtype)
	}
	offset, err := s.place(s.dtype, offset, size, stride)
	if err == nil {
		err = l.budget.Take(tensorSize)
	}
	if err != nil {
		return nil, err
	}
	device := s.loadedStorage.bytes.Device()
	if device.IsMeta() {
		return nil, errors.New("a quantized tensor cannot be on the device meta: load it with MapLocation: torch.CPU")
	}
	var x *Tensor
	failed := Try(func() {
		if x, err = l.emptyQuantized(s.dtype, device, size, scheme, by); err != nil {
			return
		}
		setStorage(x, s.handle, offset, size, stride)
	})
	return x, errors.Join(failed, err)
}

// emptyQuantized makes a quantized tensor that has as few elements as it may.
func (l *loader) emptyQuantized(dtype DType, device Device, size []int, scheme QScheme, by pickle.Tuple) (*Tensor, error) {
	o := TensorOptions{DType: dtype, Device: device}
	var c Call
	var op *Operator
	switch scheme {
	case PerTensorAffine:
		scale, err1 := argument[float64](by, 1)
		zeroPoint, err2 := argument[int](by, 2)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("a quantized tensor: %w", err)
		}
		op = opEmptyQuantized
		c.Ints([]int{0})
		c.Options(&o)
		c.Float(scale)
		c.Int(zeroPoint)
		c.MemoryFormat(ContiguousFormat)
	case PerChannelAffine, PerChannelAffineFloatQParams:
		scales, err1 := argument[*Tensor](by, 1)
		zeroPoints, err2 := argument[*Tensor](by, 2)
		axis, err3 := argument[int](by, 3)
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, fmt.Errorf("a quantized tensor: %w", err)
		}
		if axis < 0 || axis >= len(size) || scales.Numel() != size[axis] || zeroPoints.Numel() != size[axis] {
			return nil, fmt.Errorf("a quantized tensor of sizes %d has %d scales and %d zero points along axis %d",
				size, scales.Numel(), zeroPoints.Numel(), axis)
		}
		empty := make([]int, len(size)) // but for the axis, so that it takes no memory
		empty[axis] = size[axis]
		op = opEmptyPerChannel
		c.Ints(empty)
		c.Tensor(scales)
		c.Tensor(zeroPoints)
		c.Int(axis)
		c.Options(&o)
		c.MemoryFormat(ContiguousFormat)
	default:
		return nil, fmt.Errorf("a quantized tensor has the scheme %v", scheme)
	}
	x := c.One(op)
	l.tensors = append(l.tensors, x)
	return x, nil
}
