package checkpoint

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// A state is what a call of a function depends on besides its inputs.
type state struct {
	device     torch.Device // the default
	casts      []cast
	generators []generator
}

// cast is autocast for a type of device.
type cast struct {
	device  torch.Device
	options torch.AutocastOptions
}

// generator is a default generator's state.
type generator struct {
	of    *torch.Generator
	state *torch.Tensor
}

// stateOf takes note of what is now, for a function of these inputs. random says whether
// that is to include random states.
func stateOf(in []*torch.Tensor, random bool) state {
	s := state{device: torch.DefaultDevice()}
	devices := []torch.Device{torch.CPU}
	for _, x := range in {
		if x != nil && x.Device().IsCUDA() && !slices.Contains(devices, x.Device()) {
			devices = append(devices, x.Device())
		}
	}
	for _, device := range []torch.Device{torch.CPU, torch.CUDA(0)} {
		enabled, cache := torch.IsAutocastEnabled(device), torch.IsAutocastCacheEnabled()
		o := torch.AutocastOptions{Enabled: &enabled, CacheEnabled: &cache}
		if enabled {
			o.DType = torch.AutocastDType(device)
		}
		s.casts = append(s.casts, cast{device, o})
	}
	if random {
		for _, device := range devices {
			g := torch.DefaultGenerator(device)
			s.generators = append(s.generators, generator{g, g.State().Keep()})
		}
	}
	return s
}

// restore calls f with what was.
func (s state) restore(f func()) {
	now := make([]*torch.Tensor, len(s.generators))
	for i, g := range s.generators {
		now[i] = g.of.State()
		g.of.SetState(g.state)
	}
	defer func() {
		for i, g := range s.generators {
			g.of.SetState(now[i])
		}
	}()
	for _, c := range s.casts {
		inner := f
		f = func() { torch.Autocast(c.device, inner, c.options) }
	}
	if s.device != torch.DefaultDevice() {
		inner := f
		f = func() { torch.WithDevice(s.device, inner) }
	}
	f()
}
