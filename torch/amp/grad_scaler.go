package amp

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// GradScaler multiplies losses by a scale, and divides the gradients by it before an
// optimizer uses them. Where gradients are infinite or NaN the optimizer takes no
// step, and the scale goes down; after many steps without such it goes up. It is
// for one goroutine.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler
type GradScaler struct {
	device         torch.Device
	initScale      float64
	growthFactor   float64
	backoffFactor  float64
	growthInterval int
	enabled        bool
	initialTracker int
	scale          *torch.Tensor // made by the first Scale
	tracker        *torch.Tensor // how many steps were taken since the scale changed
	optimizers     map[optim.Grouped]*progress
}

// GradScalerOptions are the options of [NewGradScaler].
type GradScalerOptions struct {
	Device         torch.Device // of a type; default: CUDA
	InitScale      *float64     // the first scale; default: 65536
	GrowthFactor   *float64     // of the scale after GrowthInterval steps; default: 2
	BackoffFactor  *float64     // of the scale where no step is taken; default: 0.5
	GrowthInterval *int         // steps in a row until the scale grows; default: 2000
	Enabled        *bool        // scale and check; default: true
}

// stage is how far an optimizer is in an iteration.
type stage int

const (
	ready stage = iota
	unscaled
	stepped
)

// progress is what happened to an optimizer since the last Update.
type progress struct {
	stage stage
	found map[torch.Device]*torch.Tensor // 1 where a gradient is not finite, else 0
}

// NewGradScaler returns a scaler. One for CUDA is not enabled where CUDA cannot be
// used. It panics if GrowthFactor is 1 or less, or BackoffFactor 1 or more.
func NewGradScaler(options ...GradScalerOptions) *GradScaler {
	o := option.First(options)
	if o.Device == (torch.Device{}) {
		o.Device = torch.CUDA(0)
	}
	s := &GradScaler{
		device: o.Device, initScale: option.Or(o.InitScale, 65536), growthFactor: option.Or(o.GrowthFactor, 2),
		backoffFactor: option.Or(o.BackoffFactor, 0.5), growthInterval: option.Or(o.GrowthInterval, 2000),
		optimizers: map[optim.Grouped]*progress{},
	}
	s.enabled = (o.Enabled == nil || *o.Enabled) && (!o.Device.IsCUDA() || cuda.IsAvailable())
	if s.enabled && s.growthFactor <= 1 {
		panic(torch.Errorf("amp.NewGradScaler", torch.RuntimeError, "The growth factor must be > 1.0."))
	}
	if s.enabled && s.backoffFactor >= 1 {
		panic(torch.Errorf("amp.NewGradScaler", torch.RuntimeError, "The backoff factor must be < 1.0."))
	}
	return s
}

// Scale returns output, most often a loss, times the scale, on output's device and
// with its gradients; output itself if the scaler is not enabled.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.scale
func (s *GradScaler) Scale(output *torch.Tensor) *torch.Tensor {
	if !s.enabled {
		return output
	}
	if s.scale == nil {
		s.scale = number(s.initScale, torch.Float32, output.Device())
		s.tracker = number(s.initialTracker, torch.Int32, output.Device())
	}
	return output.Mul(s.scale.To(output.Device()))
}

// ScaleAll is [GradScaler.Scale] for several outputs.
func (s *GradScaler) ScaleAll(outputs ...*torch.Tensor) []*torch.Tensor {
	scaled := make([]*torch.Tensor, len(outputs))
	for i, x := range outputs {
		scaled[i] = s.Scale(x)
	}
	return scaled
}

// number returns a tensor without dimensions, which outlives scopes.
func number(v any, dtype torch.DType, device torch.Device) *torch.Tensor {
	return torch.Full([]int{}, v, torch.TensorOptions{DType: dtype, Device: device}).Keep()
}

// mustHaveScaled panics if nothing was scaled yet.
func (s *GradScaler) mustHaveScaled(op string) {
	if s.scale == nil {
		panic(torch.Errorf("amp.GradScaler."+op, torch.RuntimeError,
			"Attempted %s but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.", op))
	}
}

// progressOf returns what happened to an optimizer since the last Update.
func (s *GradScaler) progressOf(optimizer optim.Grouped) *progress {
	p := s.optimizers[optimizer]
	if p == nil {
		p = &progress{}
		s.optimizers[optimizer] = p
	}
	return p
}

// Unscale divides the gradients of an optimizer's parameters by the scale, in place,
// and looks for infinite and NaN ones. Call it to see or clip the gradients before
// [GradScaler.Step], which does it otherwise. It panics if nothing was scaled, if
// it was called since the last Update, and on Float16 gradients.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.unscale_
func (s *GradScaler) Unscale(optimizer optim.Grouped) {
	argument.NotNil("amp.GradScaler.Unscale", "the optimizer", optimizer)
	const op = "GradScaler.Unscale"
	if !s.enabled {
		return
	}
	s.mustHaveScaled("Unscale")
	p := s.progressOf(optimizer)
	switch p.stage {
	case unscaled:
		panic(torch.Errorf("amp."+op, torch.RuntimeError,
			"unscale_() has already been called on this optimizer since the last update()."))
	case stepped:
		panic(torch.Errorf("amp."+op, torch.RuntimeError, "unscale_() is being called after step()."))
	}
	torch.Scope(func() {
		inverse := s.scale.To(torch.Float64).Reciprocal().To(torch.Float32)
		p.found = map[torch.Device]*torch.Tensor{}
		for kind, grads := range gradients(op, optimizer) {
			found := p.found[kind.device]
			if found == nil {
				found = number(0, torch.Float32, kind.device)
				p.found[kind.device] = found
			}
			var c torch.Call
			c.NoGrad()
			c.Tensors(grads)
			c.Tensor(found)
			c.Tensor(inverse.To(kind.device))
			c.Do(opCheckAndUnscale)
		}
	})
	p.stage = unscaled
}

var opCheckAndUnscale = torch.NewOperator("aten::_amp_foreach_non_finite_check_and_unscale_(Tensor(a!)[] self, Tensor(b!) found_inf, Tensor inv_scale) -> ()")

// kind is what gradients that are unscaled in one call share.
type kind struct {
	device torch.Device
	dtype  torch.DType
}

// gradients returns the gradients of an optimizer's parameters, of sparse ones the
// elements.
func gradients(op string, optimizer optim.Grouped) map[kind][]*torch.Tensor {
	list := map[kind][]*torch.Tensor{}
	for _, group := range optimizer.Groups() {
		for _, p := range internals.GradInfos(group.Parameters()) {
			grad := p.Grad
			if grad == nil {
				continue
			}
			if grad.DType() == torch.Float16 {
				panic(torch.Errorf("amp."+op, torch.ValueError, "Attempting to unscale FP16 gradients."))
			}
			if grad.IsSparse() {
				var c torch.Call
				c.Tensor(grad)
				grad = c.One(opValues)
			}
			k := kind{grad.Device(), grad.DType()}
			list[k] = append(list[k], grad)
		}
	}
	return list
}

var opValues = torch.NewOperator("aten::_values(Tensor(a) self) -> Tensor(a)")

// FoundInf reports whether the gradients of an optimizer's parameters were infinite
// or NaN when they were last unscaled since the last Update.
func (s *GradScaler) FoundInf(optimizer optim.Grouped) bool {
	if p := s.optimizers[optimizer]; p != nil {
		for _, found := range p.found {
			if found.Item() != 0 {
				return true
			}
		}
	}
	return false
}

// Step lets an optimizer take a step with unscaled gradients, unless one of them is
// infinite or NaN, and reports whether it did. Fused optimizers are no exception:
// their gradients are unscaled before the step. It panics as
// [GradScaler.Unscale] does, if it was called since the last Update, and if no
// parameter has a gradient. LBFGS cannot be used, since its step evaluates the loss
// itself.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.step
func (s *GradScaler) Step(optimizer optim.Optimizer) bool {
	const op = "GradScaler.Step"
	argument.NotNil("amp."+op, "the optimizer", optimizer)
	if !s.enabled {
		optimizer.Step()
		return true
	}
	s.mustHaveScaled("Step")
	p := s.progressOf(optimizer)
	if p.stage == stepped {
		panic(torch.Errorf("amp."+op, torch.RuntimeError, "step() has already been called since the last update()."))
	}
	if p.stage == ready {
		s.Unscale(optimizer)
	}
	if len(p.found) == 0 {
		panic(torch.Errorf("amp."+op, torch.RuntimeError, "No inf checks were recorded for this optimizer."))
	}
	finite := !s.FoundInf(optimizer)
	if finite {
		optimizer.Step()
	}
	p.stage = stepped
	return finite
}

// Update ends an iteration, after Step was called for all optimizers: it lowers the
// scale if one of them took no step, and raises it after GrowthInterval iterations
// in which all did. A number sets the scale instead. It panics if nothing was
// scaled or no gradients were unscaled.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.update
func (s *GradScaler) Update(scale ...float64) {
	if !s.enabled {
		return
	}
	s.mustHaveScaled("Update")
	torch.Scope(func() {
		if len(scale) > 0 {
			s.scale.FillInplace(scale[0])
		} else {
			s.adjust()
		}
	})
	s.optimizers = map[optim.Grouped]*progress{}
}

// adjust changes the scale by what was found.
func (s *GradScaler) adjust() {
	var sum *torch.Tensor
	for _, p := range s.optimizers {
		for _, found := range p.found {
			found = found.To(s.scale.Device())
			if sum == nil {
				sum = found
			} else {
				sum = sum.Add(found)
			}
		}
	}
	if sum == nil {
		panic(torch.Errorf("amp.GradScaler.Update", torch.RuntimeError, "No inf checks were recorded prior to update."))
	}
	var c torch.Call
	c.NoGrad()
	c.Tensor(s.scale)
	c.Tensor(s.tracker)
	c.Tensor(sum)
	c.Float(s.growthFactor)
	c.Float(s.backoffFactor)
	c.Int(s.growthInterval)
	c.Do(opUpdateScale)
}

var opUpdateScale = torch.NewOperator("aten::_amp_update_scale_(Tensor(a!) self, Tensor(b!) growth_tracker, Tensor found_inf, float scale_growth_factor, float scale_backoff_factor, int growth_interval) -> Tensor(a!)")

// IsEnabled reports whether the scaler scales and checks.
func (s *GradScaler) IsEnabled() bool { return s.enabled }

// GetScale returns the scale; 1 if the scaler is not enabled. It waits for the
// device.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.get_scale
func (s *GradScaler) GetScale() float64 {
	switch {
	case !s.enabled:
		return 1
	case s.scale == nil:
		return s.initScale
	}
	return s.scale.Item()
}

// GrowthFactor returns the factor by which the scale goes up.
func (s *GradScaler) GrowthFactor() float64 { return s.growthFactor }

// SetGrowthFactor sets the factor by which the scale goes up.
func (s *GradScaler) SetGrowthFactor(factor float64) { s.growthFactor = factor }

// BackoffFactor returns the factor by which the scale goes down.
func (s *GradScaler) BackoffFactor() float64 { return s.backoffFactor }

// SetBackoffFactor sets the factor by which the scale goes down.
func (s *GradScaler) SetBackoffFactor(factor float64) { s.backoffFactor = factor }

// GrowthInterval returns after how many steps in a row the scale goes up.
func (s *GradScaler) GrowthInterval() int { return s.growthInterval }

// SetGrowthInterval sets after how many steps in a row the scale goes up.
func (s *GradScaler) SetGrowthInterval(steps int) { s.growthInterval = steps }

// fields returns what a state dict holds, by Python's names.
func (s *GradScaler) fields() statedict.Fields {
	return statedict.Fields{
		"scale": &s.initScale, "growth_factor": &s.growthFactor, "backoff_factor": &s.backoffFactor,
		"growth_interval": &s.growthInterval, "_growth_tracker": &s.initialTracker,
	}
}

// StateDict returns what a checkpoint needs to go on after an Update, by Python's
// names: "scale", "growth_factor", "backoff_factor", "growth_interval" and
// "_growth_tracker". It is empty if the scaler is not enabled.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.state_dict
func (s *GradScaler) StateDict() map[string]any {
	dict := map[string]any{}
	if !s.enabled {
		return dict
	}
	for name, at := range s.fields() {
		dict[name] = statedict.Get(at)
	}
	if s.scale != nil {
		dict["scale"], dict["_growth_tracker"] = s.scale.Item(), s.tracker.Int()
	}
	return dict
}

// LoadStateDict goes on from a state dict. It does nothing if the scaler is not
// enabled, and fails on a dict that is empty, or lacks a value or has one of a wrong
// kind; the scaler is as before then.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.load_state_dict
func (s *GradScaler) LoadStateDict(dict map[string]any) error {
	if !s.enabled {
		return nil
	}
	if len(dict) == 0 {
		return loadError(torch.RuntimeError, "The source state dict is empty, possibly because it was saved "+
			"from a disabled instance of GradScaler.")
	}
	loaded := *s
	for name, at := range loaded.fields() {
		if !statedict.Set(at, dict[name]) {
			return loadError(torch.ValueError, fmt.Sprintf("%s cannot be %s", name, brief.Value(dict[name])))
		}
	}
	*s = loaded
	if s.scale != nil {
		s.scale.FillInplace(s.initScale)
		s.tracker.FillInplace(s.initialTracker)
	}
	return nil
}

func loadError(kind torch.ErrorKind, message string) error {
	return torch.Errorf("amp.GradScaler.LoadStateDict", kind, "%s", message)
}
