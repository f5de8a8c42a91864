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

// Target is what [Tensor.To] converts to: a [DType], a [Device], a [MemoryFormat],
// a *[Tensor], which stands for its dtype and device, or [ToOptions].
type Target interface{ target() (DType, Device) }

func (d DType) target() (DType, Device)        { return d, Device{} }
func (d Device) target() (DType, Device)       { return 0, d }
func (f MemoryFormat) target() (DType, Device) { return 0, Device{} }
func (x *Tensor) target() (DType, Device)      { return x.DType(), x.Device() }
func (o ToOptions) target() (DType, Device)    { return 0, Device{} }

// ToOptions are the options of [Tensor.To].
type ToOptions struct {
	NonBlocking bool // do not wait for a copy between page-locked memory and CUDA
	Copy        bool // copy though nothing changes
}

// targetOf returns the dtype and the device that a target stands for; nil, Python's
// None, stands for none.
func targetOf(op string, t Target) (DType, Device) {
	switch t.(type) {
	case nil:
		return 0, Device{}
	case DType, Device, MemoryFormat, ToOptions, *Tensor:
		return t.target()
	}
	panic(Errorf(op, TypeError, "want a DType, a Device, a MemoryFormat, a *Tensor or ToOptions, not a %T", t))
}

// To returns x converted to the targets: a dtype, a device, a memory format. If
// nothing changes the result is x itself, as a new reference; else it is a copy,
// which gradients flow through. It panics with the reason if the device cannot be
// used.
//
//	x.To(torch.Float64)
//	x.To(torch.CUDA(0), torch.BFloat16)
//	x.To(torch.CUDA(0), torch.ToOptions{NonBlocking: true})
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
func (x *Tensor) To(targets ...Target) *Tensor {
	var dtype DType
	var device Device
	var format MemoryFormat
	var o ToOptions
	for _, t := range targets {
		switch t := t.(type) {
		case MemoryFormat:
			format = t
		case ToOptions:
			o = t
		}
		d, v := targetOf("torch.Tensor.To", t)
		if d != 0 {
			dtype = d
		}
		if v.kind != 0 {
			device = v
		}
	}
	return x.convert(dtype, device, format, o)
}

func (x *Tensor) convert(dtype DType, device Device, format MemoryFormat, o ToOptions) *Tensor {
	var c Call
	c.Tensor(x)
	c.Options(&TensorOptions{DType: dtype, Device: device})
	if format != 0 || o != (ToOptions{}) {
		c.Bool(o.NonBlocking)
		c.Bool(o.Copy)
		c.MemoryFormat(format)
	}
	return c.One(opToDtypeLayout)
}

// DeviceOf returns the device that a target stands for; that of a dtype is the
// zero Device.
func (exports) DeviceOf(t Target) Device {
	_, device := targetOf("torch.DeviceOf", t)
	return device
}
