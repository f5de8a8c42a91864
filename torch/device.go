package torch

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Device is where a tensor's elements are. The zero Device stands for "not
// given": the CPU, or the device of another argument. Devices are comparable.
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-device
type Device struct {
	kind  uint8 // libtorch's device type plus one
	index int8  // -1 for the current one
}

// CPU is the processor's own memory.
var CPU = Device{kind: 1, index: -1}

// Meta is the device of tensors that have a shape, a dtype and strides, but no
// elements and no memory. Operators find out the shapes of their results by them,
// however large they are. What needs values panics, and so do operators whose rules
// for meta tensors are a part of Python's torch, not of libtorch, such as relu and
// convolutions.
//
//	net := nn.NewLinear(1<<20, 1<<20, nn.LinearOptions{Device: torch.Meta}) // takes no memory
//
// https://docs.pytorch.org/docs/stable/meta.html
var Meta = Device{kind: 15, index: -1}

// CUDA returns the CUDA device with the given index, or with -1 the current one. It
// does not look whether there is one; [ParseDevice] does. It panics on an index that
// libtorch cannot hold: one below -1 or above 127.
func CUDA(index int) Device {
	if index < -1 || index > math.MaxInt8 {
		panic(Errorf("torch.CUDA", RuntimeError, "Device index must be between 0 and %d inclusive, but got %d",
			math.MaxInt8, index))
	}
	return Device{kind: 2, index: int8(index)}
}

var deviceNames = []string{"cpu", "cuda", "mkldnn", "opengl", "opencl", "ideep", "hip", "fpga", "maia", "xla",
	"vulkan", "metal", "xpu", "mps", "meta", "hpu", "ve", "lazy", "ipu", "mtia", "privateuseone"}

// ParseDevice returns the device that PyTorch's notation names: "cpu", "cuda",
// "cuda:1", "meta". It fails on a device that is not known, and on a CUDA device
// that is not there; the error then says why.
func ParseDevice(name string) (Device, error) {
	device, err := parseDevice(name)
	if err == nil && device.IsCUDA() {
		err = device.available()
	}
	if err != nil {
		return Device{}, err
	}
	return device, nil
}

// parseDevice is ParseDevice for devices that need not be there.
func parseDevice(name string) (Device, error) {
	kind, number, numbered := strings.Cut(name, ":")
	device := Device{index: -1}
	for i, known := range deviceNames {
		if known == kind {
			device.kind = uint8(i + 1)
		}
	}
	index, err := strconv.Atoi(number)
	if device.kind == 0 || numbered && (err != nil || index < 0 || index > 127 || strconv.Itoa(index) != number) {
		return Device{}, Errorf("torch.ParseDevice", RuntimeError, "invalid device string: %q; want \"cpu\", \"cuda\" or \"cuda:N\"", name)
	}
	if numbered {
		device.index = int8(index)
	}
	return device, nil
}

// available returns an error that says why a CUDA device cannot be used.
func (d Device) available() error {
	if err := cgotorch.Load(); err != nil {
		return Errorf("torch.Device", UnsupportedError, "%s", err.Error())
	}
	message := ""
	if trouble := cgotorch.CUDATrouble(); trouble != "" {
		message = "CUDA cannot be used: " + trouble
	} else if n := cgotorch.CUDACount(); int(d.index) >= n {
		message = fmt.Sprintf("invalid device ordinal: there is no %s, only %d CUDA device(s)", d, n)
	} else {
		return nil
	}
	return Errorf("torch.Device", RuntimeError, "%s", message)
}

// String returns PyTorch's notation, such as "cuda:1".
func (d Device) String() string {
	if d.kind == 0 {
		return "device(default)"
	}
	name := fmt.Sprintf("type%d", d.kind-1)
	if int(d.kind) <= len(deviceNames) {
		name = deviceNames[d.kind-1]
	}
	if d.index < 0 {
		return name
	}
	return name + ":" + strconv.Itoa(int(d.index))
}

// Type returns the device's type, such as "cuda".
func (d Device) Type() string {
	name, _, _ := strings.Cut(d.String(), ":")
	return name
}

// Index returns the device's index, or -1 for the current one of its type.
func (d Device) Index() int { return int(d.index) }

// IsCPU reports whether d is the processor.
func (d Device) IsCPU() bool { return d.kind == CPU.kind }

// IsCUDA reports whether d is a CUDA device.
func (d Device) IsCUDA() bool { return d.kind == 2 }

// IsMeta reports whether d is [Meta].
func (d Device) IsMeta() bool { return d.kind == Meta.kind }

// raw returns libtorch's device type and index; d must not be the zero Device. Where d has no
// index it is that of the device that accelerator.SetDeviceIndex or a mode made the current
// one.
func (d Device) raw() (deviceType, index int32) {
	if d.index < 0 && !d.IsCPU() {
		if current := currentDevice.get(); current.kind == d.kind {
			d = current
		}
	}
	return int32(d.kind) - 1, int32(d.index)
}

func deviceOf(deviceType, index int32) Device {
	return Device{kind: uint8(deviceType + 1), index: int8(index)}
}

// mustBeAvailable panics where d is a CUDA device that cannot be used.
func (d Device) mustBeAvailable() {
	if !d.IsCUDA() {
		return
	}
	if err := d.available(); err != nil {
		panic(err)
	}
}

// Synchronize waits until all work on the device is done; on the CPU there is
// nothing to wait for. It panics with the reason where a CUDA device cannot be
// used.
func (d Device) Synchronize() {
	const op = "torch.Device.Synchronize"
	if !d.IsCUDA() {
		return
	}
	d.mustBeAvailable()
	accelerator(op, "synchronize", func(c *Call) {
		_, index := d.raw()
		c.Int(int(index))
	}, nil)
}
