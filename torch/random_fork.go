package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// ForkRNGOptions are the options of [ForkRNG].
type ForkRNGOptions struct {
	Devices []Device // whose generators are kept beside the CPU's; an empty list is none; default: all CUDA devices
	Enabled *bool    // false only calls the function; default: true
}

// ForkRNG calls f and then sets the default generators back to the states that they had
// before: those of the CPU and of Devices. So f draws the same random numbers as without
// ForkRNG, and what follows draws those that it would draw without f. Generators belong to
// the process, not to the goroutine: others that draw meanwhile are set back, too. It
// panics where a device is not there.
//
// https://docs.pytorch.org/docs/stable/random.html#torch.random.fork_rng
func ForkRNG(f func(), options ...ForkRNGOptions) {
	mustCall("torch.ForkRNG", f)
	o := option.First(options)
	if !option.Or(o.Enabled, true) {
		f()
		return
	}
	if o.Devices == nil && cgotorch.Load() == nil {
		for i := range cgotorch.CUDACount() {
			o.Devices = append(o.Devices, CUDA(i))
		}
	}
	for _, device := range append([]Device{CPU}, o.Devices...) {
		generator := DefaultGenerator(device)
		state := generator.State().Keep()
		defer func() {
			generator.SetState(state)
			state.Close()
		}()
	}
	f()
}
