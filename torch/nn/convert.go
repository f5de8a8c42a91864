package nn

import (
	"cmp"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// To converts all parameters and buffers, with their gradients, in place. A dtype
// is for those of floating-point or complex numbers, and must be of such itself; a
// memory format is for those of four or five dimensions. It panics with the reason
// if the device cannot be used, and where it would need values of the device
// [torch.Meta]. To that device and back there are new parameters in the place of
// the old ones; optimizers are made after that.
//
//	net.To(torch.CUDA(0), torch.BFloat16)
//	net.To(torch.ChannelsLast)
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to
func (m *Module) To(targets ...torch.Target) {
	var device torch.Device
	for _, t := range targets {
		device = cmp.Or(internals.DeviceOf(t), device)
		dtype, _ := t.(torch.DType)
		if x, ok := t.(*torch.Tensor); ok {
			dtype = x.DType()
		}
		if dtype != 0 && !dtype.IsFloatingPoint() && !dtype.IsComplex() {
			panic(torch.Errorf("nn.Module.To", torch.TypeError,
				"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=%v", dtype))
		}
	}
	m.convert(func(x *torch.Tensor) *torch.Tensor {
		if x.IsMeta() && device != (torch.Device{}) && !device.IsMeta() {
			panic(torch.Errorf("nn.Module.To", torch.NotImplementedError, "Cannot copy out of meta tensor; no data! Please use ToEmpty"+
				" instead of To when moving module from meta to a different device."))
		}
		return x.To(targetsFor(x, targets)...)
	})
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
				list = append(list, internals.DeviceOf(t))
			}
		}
	}
	return list
}

// ToEmpty moves all parameters and buffers to a device without their values, such
// as those of a module that was made on [torch.Meta]. From and to that device there
// are new parameters in the place of the old ones; optimizers are made after that.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to_empty
func (m *Module) ToEmpty(device torch.Device) {
	m.convert(func(x *torch.Tensor) *torch.Tensor {
		return torch.EmptyLike(x, torch.TensorOptions{Device: device})
	})
}

// convert puts f of every parameter, its gradient and every buffer in their places.
func (m *Module) convert(f func(x *torch.Tensor) *torch.Tensor) {
	converted := map[*torch.Tensor]*torch.Tensor{} // what two modules share stays one
	for _, module := range m.Modules() {
		for _, s := range slices.Concat(module.base().parameters, module.base().buffers) {
			x := *s.tensor
			if x == nil {
				continue
			}
			if converted[x] == nil {
				converted[x] = s.converted(f)
			}
			*s.tensor = converted[x]
		}
	}
}

// converted returns f of the slot's tensor. A parameter gets the data of that, and
// stays the tensor that optimizers know, where libtorch allows it.
func (s slot) converted(f func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	p := *s.tensor
	data, grad := f(p), p.Grad()
	if s.buffer {
		return data.Keep()
	}
	if grad != nil {
		grad = f(grad)
	}
	p.SetGrad(nil) // it could not stay while the data changes
	if data.IsMeta() == p.IsMeta() {
		p.SetData(data)
	} else {
		p = NewParameter(data).SetRequiresGrad(p.RequiresGrad())
	}
	p.SetGrad(grad)
	return p
}
