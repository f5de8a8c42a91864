package torch

// Target is what [Tensor.To] converts to: a [DType], a [Device], a [MemoryFormat],
// a *[Tensor], which stands for its dtype and device, or [ToOptions].
type Target interface{ target() (DType, Device) }

func (d DType) target() (DType, Device) { return d, Device{} }

func (d Device) target() (DType, Device) { return 0, d }

func (f MemoryFormat) target() (DType, Device) { return 0, Device{} }

func (x *Tensor) target() (DType, Device) { return x.DType(), x.Device() }

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
