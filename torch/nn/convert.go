package nn

import "github.com/wangkuiyi/gotorch/torch"

// To converts all parameters and buffers, with their gradients, in place. A dtype
// is for those of floating-point or complex numbers, and must be of such itself; a
// memory format is for those of four or five dimensions. It panics with the reason
// if the device cannot be used.
//
//	net.To(torch.CUDA(0), torch.BFloat16)
//	net.To(torch.ChannelsLast)
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to
func (m *Module) To(targets ...torch.Target) {
	for _, t := range targets {
		dtype, _ := t.(torch.DType)
		if x, ok := t.(*torch.Tensor); ok {
			dtype = x.DType()
		}
		if dtype != 0 && !dtype.IsFloatingPoint() && !dtype.IsComplex() {
			refuse("Module.To", torch.TypeError, "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=%v", dtype)
		}
	}
	m.convert(func(x *torch.Tensor) *torch.Tensor { return x.To(targetsFor(x, targets)...) })
}

// targetsFor returns what x is to be converted to.
func targetsFor(x *torch.Tensor, targets []torch.Target) []torch.Target {
	d := x.DType()
	converts := d.IsFloatingPoint() || d.IsComplex()
	var list []torch.Target
	for _, t := range targets {
		switch t.(type) {
		case torch.MemoryFormat:
			if dim := x.Dim(); dim == 4 || dim == 5 {
				list = append(list, t)
			}
		case torch.Device:
			list = append(list, t)
		default:
			if converts {
				list = append(list, t)
			} else {
				list = append(list, torch.DeviceOf(t))
			}
		}
	}
	return list
}

// ToEmpty moves all parameters and buffers to a device without their values.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to_empty
func (m *Module) ToEmpty(device torch.Device) {
	m.convert(func(x *torch.Tensor) *torch.Tensor {
		return torch.EmptyLike(x, torch.TensorOptions{Device: device})
	})
}

// convert puts f of every parameter, its gradient and every buffer in their places.
func (m *Module) convert(f func(x *torch.Tensor) *torch.Tensor) {
	for _, p := range m.Parameters() {
		grad := p.Grad()
		p.SetGrad(nil) // it could not stay while the data changes
		p.SetData(f(p))
		if grad != nil {
			p.SetGrad(f(grad))
		}
	}
	converted := map[*torch.Tensor]*torch.Tensor{} // a buffer that two modules share stays one
	for _, module := range m.Modules() {
		for _, b := range module.base().buffers {
			x := *b.tensor
			if x == nil {
				continue
			}
			if converted[x] == nil {
				converted[x] = f(x).Keep()
			}
			*b.tensor = converted[x]
		}
	}
}
