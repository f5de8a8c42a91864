package cuda

import (
	"math/rand/v2"

	"github.com/wangkuiyi/gotorch/torch"
)

// ManualSeed seeds the random numbers of the current device. Without CUDA it does nothing.
// torch.ManualSeed seeds those of all devices and the CPU's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.manual_seed.html
func ManualSeed(seed int64) {
	if IsAvailable() {
		torch.DefaultGenerator(torch.CUDA(-1)).ManualSeed(seed)
	}
}

// ManualSeedAll seeds the random numbers of all CUDA devices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.manual_seed_all.html
func ManualSeedAll(seed int64) {
	for i := range DeviceCount() {
		torch.DefaultGenerator(torch.CUDA(i)).ManualSeed(seed)
	}
}

// Seed seeds the random numbers of the current device with a number that nobody can foresee.
// Without CUDA it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.seed.html
func Seed() { ManualSeed(rand.Int64()) }

// SeedAll seeds the random numbers of all CUDA devices with one number that nobody can foresee.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.seed_all.html
func SeedAll() { ManualSeedAll(rand.Int64()) }

// InitialSeed returns what the random numbers of the current device were seeded with. It
// panics without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.initial_seed.html
func InitialSeed() int64 { return generatorOf("cuda.InitialSeed", nil).InitialSeed() }

// RNGState returns the state of the random numbers of a device, or of the current one, a CPU
// tensor of Uint8. It panics without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_rng_state.html
func RNGState(device ...torch.Device) *torch.Tensor {
	return generatorOf("cuda.RNGState", device).State()
}

// SetRNGState sets a state that [RNGState] returned.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.set_rng_state.html
func SetRNGState(state *torch.Tensor, device ...torch.Device) {
	generatorOf("cuda.SetRNGState", device).SetState(state)
}

// RNGStateAll returns the states of all CUDA devices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_rng_state_all.html
func RNGStateAll() []*torch.Tensor {
	states := make([]*torch.Tensor, DeviceCount())
	for i := range states {
		states[i] = RNGState(torch.CUDA(i))
	}
	return states
}

// SetRNGStateAll sets the states that [RNGStateAll] returned.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.set_rng_state_all.html
func SetRNGStateAll(states []*torch.Tensor) {
	for i, state := range states {
		SetRNGState(state, torch.CUDA(i))
	}
}

// generatorOf returns the generator of a device, or of the current one.
func generatorOf(op string, device []torch.Device) *torch.Generator {
	return torch.DefaultGenerator(mustBe(op, device))
}
