package torch

import "github.com/wangkuiyi/gotorch/cgotorch"

// currentDevice is the accelerator's device that is meant where an index is missing.
var currentDevice = deviceMode{slot: cgotorch.CurrentDevice}

// SetCurrentDevice sets the device that is meant where one of its type has no index, in all
// goroutines but those within [exports.WithCurrentDevice].
func (exports) SetCurrentDevice(device Device) { currentDevice.set(device) }

// WithCurrentDevice calls f with another such device, which the caller makes libtorch's on
// the thread, too. The goroutine is locked to its thread for the length of f.
func (exports) WithCurrentDevice(device Device, f func()) { currentDevice.with(device, f) }

// CurrentDevice returns that device, or the zero Device where none was set.
func (exports) CurrentDevice() Device { return currentDevice.get() }

// DeviceAt returns the device of d's type with an index.
func (exports) DeviceAt(d Device, index int) Device { return Device{kind: d.kind, index: int8(index)} }

// Accelerator calls a method of libtorch's accelerators for op. pass passes its arguments and
// take takes its results, where they are not nil. It panics where the method fails.
func (exports) Accelerator(op, name string, pass func(c *Call), take func(r *Results)) {
	accelerator(op, name, pass, take)
}

func accelerator(op, name string, pass func(c *Call), take func(r *Results)) {
	callMethod(op, name, cgotorch.CallAccelerator, pass, take)
}

// callMethod calls a method of the seam by its name.
func callMethod(op, name string, call func(*cgotorch.Args) (cgotorch.Results, *cgotorch.Error), pass func(c *Call), take func(r *Results)) {
	var c Call
	c.String(name)
	if pass != nil {
		pass(&c)
	}
	r := c.through(op, call)
	if take != nil {
		take(&r)
	}
}
