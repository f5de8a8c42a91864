package torch

// Flatten returns x with a run of dimensions joined into one: all of them, those
// from startDim on, or those from startDim to endDim. The result is a view of x
// where its strides allow it, else a copy.
//
// https://docs.pytorch.org/docs/stable/generated/torch.flatten.html
func (x *Tensor) Flatten(startEndDim ...int) *Tensor {
	if len(startEndDim) > 2 {
		panic(Errorf("torch.flatten", TypeError, "takes at most a first and a last dimension, but got %d",
			len(startEndDim)))
	}
	var c Call
	c.Tensor(x)
	for _, d := range startEndDim {
		c.Int(d)
	}
	return c.One(opFlattenUsingInts)
}

// Flatten is [Tensor.Flatten] as a function.
func Flatten(x *Tensor, startEndDim ...int) *Tensor { return x.Flatten(startEndDim...) }

// Squeeze returns x without its dimensions of size 1, or without the given ones
// whose size is 1; an empty list that is not nil names none. The result is a view.
//
// https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html
func (x *Tensor) Squeeze(dim ...int) *Tensor {
	return x.along(opSqueeze, opSqueezeDim, opSqueezeDims, dim)
}

// Squeeze is [Tensor.Squeeze] as a function.
func Squeeze(x *Tensor, dim ...int) *Tensor { return x.Squeeze(dim...) }

// SqueezeInplace takes dimensions of size 1 from x itself and returns it.
func (x *Tensor) SqueezeInplace(dim ...int) *Tensor {
	var c Call
	c.Tensor(x)
	if dim == nil {
		c.Do(opSqueezeInplace)
	} else {
		c.Ints(dim)
		c.Do(opSqueezeDimsInplace)
	}
	return x
}

// ViewDType returns x's bytes as elements of another dtype, as a view. The last
// dimension is scaled where the sizes of elements differ. It panics where strides
// or sizes do not allow it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html
func (x *Tensor) ViewDType(dtype DType) *Tensor {
	var c Call
	c.Tensor(x)
	c.DType(dtype)
	return c.One(opViewDtype)
}

// Slice returns x[start:end:step] along dim, as Python slices: negative indices
// count from the end, and both ends are limited to the size. The result is a view.
func (x *Tensor) Slice(dim, start, end, step int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Int(dim)
	c.Int(start)
	c.Int(end)
	c.Int(step)
	return c.One(opSliceTensor)
}

func (o ToOptions) target() (DType, Device) { return 0, Device{} }

// ToOptions are the options of [Tensor.To].
type ToOptions struct {
	NonBlocking bool // do not wait for a copy between page-locked memory and CUDA
	Copy        bool // copy though nothing changes
}
