package cuda

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// DeviceProperties is what a CUDA device is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_device_properties.html
type DeviceProperties struct {
	Name string
	UUID string // as nvidia-smi writes it, without "GPU-"

	Major, Minor                  int // the compute capability
	TotalMemory                   int // bytes
	MultiProcessorCount           int
	IsIntegrated                  bool
	IsMultiGPUBoard               bool
	MaxThreadsPerMultiProcessor   int
	MaxThreadsPerBlock            int
	WarpSize                      int
	L2CacheSize                   int // bytes
	ClockRate                     int // kHz
	MemoryClockRate               int // kHz
	MemoryBusWidth                int // bits
	SharedMemoryPerBlock          int // bytes
	SharedMemoryPerMultiprocessor int // bytes
	SharedMemoryPerBlockOptin     int // bytes
	RegsPerMultiprocessor         int
	PCIBusID, PCIDeviceID         int
	PCIDomainID                   int
}

var (
	opProperties    = torch.NewOperator("gotorch_cuda::properties(int device) -> (str, str, int[])")
	opCanAccessPeer = torch.NewOperator("gotorch_cuda::can_access_peer(int device, int peer) -> bool")
)

// mustHaveExtra panics with an error of op where the library of what takes CUDA's headers is not
// there.
func mustHaveExtra(op string) {
	if why := cgotorch.LoadCUDAShim(); why != "" {
		panic(torch.Errorf(op, torch.UnsupportedError, "%s", why))
	}
}

// mustBe returns the device that a function was given, or the current one, with its index. It
// panics with an error of op where the device is not CUDA's or not there.
func mustBe(op string, device []torch.Device) torch.Device {
	d := option.First(device)
	if d == (torch.Device{}) {
		d = torch.CUDA(-1)
	}
	if !d.IsCUDA() {
		panic(torch.Errorf(op, torch.ValueError, "Expected a cuda device, but got: %s", d))
	}
	if _, err := torch.ParseDevice(d.String()); err != nil {
		panic(err)
	}
	if d.Index() < 0 {
		return torch.CUDA(CurrentDevice())
	}
	return d
}

// ask calls an operator of that library with a device's index first or, if before is not nil,
// after what that passes.
func ask(op string, operator *torch.Operator, device []torch.Device, before func(c *torch.Call)) torch.Results {
	d := mustBe(op, device)
	return callExtra(op, operator, func(c *torch.Call) {
		if before != nil {
			before(c)
		}
		c.Int(d.Index())
	})
}

// askLibrary calls an operator of that library that is of no device.
func askLibrary(op string, operator *torch.Operator, pass func(c *torch.Call)) torch.Results {
	mustBe(op, nil)
	return callExtra(op, operator, pass)
}

// callExtra calls an operator of that library. It panics with an error of op where that is not
// there.
func callExtra(op string, operator *torch.Operator, pass func(c *torch.Call)) torch.Results {
	mustHaveExtra(op)
	var c torch.Call
	if pass != nil {
		pass(&c)
	}
	return c.Results(operator)
}

// GetDeviceProperties returns what a device, or the current one, is. It panics where the device
// is not there, and where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_device_properties.html
func GetDeviceProperties(device ...torch.Device) DeviceProperties {
	return propertiesOf("cuda.GetDeviceProperties", device)
}

func propertiesOf(op string, device []torch.Device) DeviceProperties {
	r := ask(op, opProperties, device, nil)
	p := DeviceProperties{Name: r.Text(), UUID: r.Text()}
	r.List()
	p.Major, p.Minor, p.TotalMemory, p.MultiProcessorCount = r.Int(), r.Int(), r.Int(), r.Int()
	p.IsIntegrated, p.IsMultiGPUBoard = r.Int() != 0, r.Int() != 0
	for _, field := range []*int{&p.MaxThreadsPerMultiProcessor, &p.MaxThreadsPerBlock, &p.WarpSize, &p.L2CacheSize,
		&p.ClockRate, &p.MemoryClockRate, &p.MemoryBusWidth, &p.SharedMemoryPerBlock, &p.SharedMemoryPerMultiprocessor,
		&p.SharedMemoryPerBlockOptin, &p.RegsPerMultiprocessor, &p.PCIBusID, &p.PCIDeviceID, &p.PCIDomainID} {
		*field = r.Int()
	}
	return p
}

// GetDeviceName returns the name of a device, or of the current one, as [GetDeviceProperties].
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_device_name.html
func GetDeviceName(device ...torch.Device) string { return GetDeviceProperties(device...).Name }

// GetDeviceCapability returns the compute capability of a device, or of the current one, as
// [GetDeviceProperties].
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_device_capability.html
func GetDeviceCapability(device ...torch.Device) (major, minor int) {
	p := GetDeviceProperties(device...)
	return p.Major, p.Minor
}

// CanDeviceAccessPeer reports whether a device can read the memory of another one, so that
// copies between them need not go through the CPU's. It panics where one is not there, and
// where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.can_device_access_peer.html
func CanDeviceAccessPeer(device, peer torch.Device) bool {
	const op = "cuda.CanDeviceAccessPeer"
	first := mustBe(op, []torch.Device{device})
	r := ask(op, opCanAccessPeer, []torch.Device{peer}, func(c *torch.Call) { c.Int(first.Index()) })
	return r.Bool()
}

// IsBF16Supported reports whether the current device has tensors of BFloat16, false without
// CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_bf16_supported.html
func IsBF16Supported() bool {
	return IsAvailable() && torch.Try(func() {
		torch.Ones([]int{1}, torch.TensorOptions{DType: torch.BFloat16, Device: torch.CUDA(-1)}).Close()
	}) == nil
}

// IsTF32Supported reports whether the current device multiplies matrices of Float32 with 10
// bits behind the point, false without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_tf32_supported.html
func IsTF32Supported() bool {
	if !IsAvailable() {
		return false
	}
	major, _ := GetDeviceCapability()
	return major >= 8
}
