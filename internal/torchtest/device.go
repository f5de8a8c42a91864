package torchtest

import (
	"os"

	"github.com/wangkuiyi/gotorch/torch"
)

// EnvDevice names the device of golden tensors, and the default device of tests, such as
// "cuda". Without it both are the CPU. On another device values are compared within the
// tolerances that tests give.
const EnvDevice = "GOTORCH_TEST_DEVICE"

// device is where golden tensors are.
var device = torch.CPU

// useDevice sets the device that EnvDevice names.
func useDevice() error {
	name := os.Getenv(EnvDevice)
	if name == "" {
		return nil
	}
	named, err := torch.ParseDevice(name)
	if err == nil {
		device = named
		torch.SetDefaultDevice(named)
	}
	return err
}
