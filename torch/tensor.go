package torch

import (
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Tensor is a multi-dimensional array of one element type, on one device. A nil
// *Tensor is Python's None.
//
// A Tensor is a reference to one of libtorch's; its memory is freed when Go's
// garbage collector finds it unreachable, when [Tensor.Close] is called, or at
// the end of the [Scope] that it was made in. Any goroutine may close it at any
// moment: operations that are running end as if it were open, and later ones panic
// with an [Error] of the kind ClosedError. Reading from many goroutines is fine, but
// as with any Go value, a tensor must not be changed while another goroutine uses it.
//
// Its zero value is closed, and so is a copy of a Tensor by value, which go vet reports.
// The runtime allows one finalizer for each object, and
// this package sets it: use runtime.AddCleanup on a tensor, not runtime.SetFinalizer.
//
// https://docs.pytorch.org/docs/stable/tensors.html
type Tensor struct {
	handle cgotorch.Handle // 0 in a zero Tensor only
	scope  *scope          // what it was made in, or nil
	state  atomic.Uint64   // lifetime.go says what is in it
	self   uintptr         // where it is: a copy of a Tensor counts as closed
	_      noCopy
}

// noCopy lets go vet find tensors copied by value.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// info asks a tensor for its properties.
func (x *Tensor) info(method string, info *cgotorch.Info) {
	if x == nil || !x.hold() {
		x.refuse("torch.Tensor." + method)
	}
	err := cgotorch.TensorInfo(x.handle, info)
	x.release()
	if err != nil {
		check("torch.Tensor."+method, err)
	}
}

// Shape returns the size of each dimension, in a new slice; those of a nested
// tensor are -1.
func (x *Tensor) Shape() []int {
	var info cgotorch.Info
	x.info("Shape", &info)
	return info.Sizes()
}

// Size returns the size of one dimension; negative ones count from the last.
func (x *Tensor) Size(dim int) int {
	var info cgotorch.Info
	x.info("Size", &info)
	n := info.Dim()
	if dim < -n || dim >= n {
		panic(Errorf("torch.Tensor.Size", IndexError,
			"Dimension out of range (expected to be in range of [%d, %d], but got %d)", min(-n, -1), max(n-1, 0), dim))
	}
	return info.Size((dim + n) % n)
}

// Dim returns the number of dimensions.
func (x *Tensor) Dim() int {
	var info cgotorch.Info
	x.info("Dim", &info)
	return info.Dim()
}

// Numel returns the number of elements.
func (x *Tensor) Numel() int {
	var info cgotorch.Info
	x.info("Numel", &info)
	return info.Numel()
}

// Stride returns, for each dimension, how many elements lie between neighbours.
func (x *Tensor) Stride() []int {
	var info cgotorch.Info
	x.info("Stride", &info)
	return info.Strides()
}

// StorageOffset returns where in its storage the first element is, in elements.
func (x *Tensor) StorageOffset() int {
	var info cgotorch.Info
	x.info("StorageOffset", &info)
	return info.StorageOffset()
}

// ElementSize returns the size of an element in bytes.
func (x *Tensor) ElementSize() int {
	var info cgotorch.Info
	x.info("ElementSize", &info)
	return info.ItemSize()
}

// DType returns the type of the elements.
func (x *Tensor) DType() DType {
	var info cgotorch.Info
	x.info("DType", &info)
	return dtypeOf(info.DType())
}

// Device returns where the elements are.
func (x *Tensor) Device() Device {
	var info cgotorch.Info
	x.info("Device", &info)
	return deviceOf(info.Device())
}

// IsMeta reports whether the tensor is on the device [Meta], without elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_meta.html
func (x *Tensor) IsMeta() bool { return x.Device().IsMeta() }

// IsContiguous reports whether the elements lie in memory in row-major order.
func (x *Tensor) IsContiguous() bool {
	var info cgotorch.Info
	x.info("IsContiguous", &info)
	return info.IsContiguous()
}

// RequiresGrad reports whether gradients are computed for the tensor.
// [Tensor.SetRequiresGrad] changes it.
func (x *Tensor) RequiresGrad() bool {
	var info cgotorch.Info
	x.info("RequiresGrad", &info)
	return info.RequiresGrad()
}

// IsLeaf reports whether no recorded operation made the tensor: its gradient is
// kept by Backward.
func (x *Tensor) IsLeaf() bool {
	var info cgotorch.Info
	x.info("IsLeaf", &info)
	return info.IsLeaf()
}

// IsInference reports whether the tensor was made in inference mode.
func (x *Tensor) IsInference() bool {
	var info cgotorch.Info
	x.info("IsInference", &info)
	return info.IsInference()
}

// Layout returns how the elements are kept.
func (x *Tensor) Layout() Layout {
	var info cgotorch.Info
	x.info("Layout", &info)
	return Layout(info.Layout() + 1)
}

// IsSparse reports whether the tensor is a sparse one of coordinates.
func (x *Tensor) IsSparse() bool { return x.Layout() == SparseCOO }

// IsSparseCSR reports whether the tensor is a sparse one of compressed rows.
func (x *Tensor) IsSparseCSR() bool { return x.Layout() == SparseCSR }

// IsNested reports whether the tensor is a nested one, a list of tensors of different
// sizes that [NestedTensor] made.
//
// https://docs.pytorch.org/docs/stable/nested.html
func (x *Tensor) IsNested() bool {
	var info cgotorch.Info
	x.info("IsNested", &info)
	return isNested(&info)
}

// isNested reports whether the tensor is a nested one, which has no sizes of its own.
func isNested(info *cgotorch.Info) bool { return info.Dim() > 0 && info.Size(0) < 0 }

// IsQuantized reports whether the dtype is a quantized one.
func (x *Tensor) IsQuantized() bool {
	d := x.DType()
	return d == QInt8 || d == QUint8 || d == QInt32
}

// NBytes returns the size of all elements in bytes.
func (x *Tensor) NBytes() int { return x.Numel() * x.ElementSize() }
