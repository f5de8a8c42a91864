package fsdp

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Options are the options of [FullyShard].
type Options struct {
	// Mesh says among which processes parameters are divided, and on which device they
	// compute: all of a mesh of one dimension, or, of two, those along the last, while those
	// along the first have the same parts. Default: all of the default group, on the CPU.
	Mesh *distributed.DeviceMesh
	// ReshardAfterForward drops gathered parameters after Forward, and gathers them again in
	// the backward pass; nil is true, but for the outermost module, whose parameters are
	// wanted first there.
	ReshardAfterForward *bool
	MixedPrecision      MixedPrecisionPolicy // Python's mp_policy
	// Offload is Python's offload_policy; default: parts are on the mesh's device.
	Offload *CPUOffloadPolicy
	// IgnoredParams are left as they are, and their gradients, too.
	IgnoredParams []*torch.Tensor
}

// MixedPrecisionPolicy says in which dtypes a unit computes. The parts, their gradients and
// the optimizer's state keep theirs.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.MixedPrecisionPolicy
type MixedPrecisionPolicy struct {
	ParamDType  torch.DType // of gathered parameters, and so of what is computed; default: the parameters' own
	ReduceDType torch.DType // in which gradients are added up; default: the parameters' own
	OutputDType torch.DType // to which floating-point outputs are converted; default: none
	// CastForwardInputs is whether floating-point inputs are converted to ParamDType; nil is
	// true.
	CastForwardInputs *bool
}

// CPUOffloadPolicy leaves parts, their gradients and so the optimizer's state in the CPU's
// memory, and moves parameters to the mesh's device when they are gathered.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.CPUOffloadPolicy
type CPUOffloadPolicy struct{}

// Module is a unit: a module whose own parameters are divided. It is Python's FSDPModule.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule
type Module struct {
	module     nn.AnyModule
	parameters []*parameter
	group      *distributed.ProcessGroup // that divides the parameters
	replicas   *distributed.ProcessGroup // that has the same parts, or nil
	device     torch.Device              // that it computes on
	home       torch.Device              // of the parts
	dtype      torch.DType               // of the parameters
	width      int                       // elements of a process's part of a message
	options    Options

	run          *run
	depth        int // of calls of Forward that it is in
	open         []*torch.Tensor
	pops         []func()
	full         *gathered
	coming       *coming
	unreduced    []*torch.Tensor // whole gradients that wait for a pass that moves them
	reduced      []*torch.Tensor // parts of gradients of the pass at hand
	silent       bool            // leaves gradients as they are
	stays        bool            // keeps gathered parameters after backward
	divisor      float64         // of gradients, or 0
	forwardNext  []*Module       // to gather before its Forward computes, for theirs
	backwardNext []*Module       // the same for backward passes
}

// units has the units by weak pointers to their modules.
var units sync.Map

// unitOf returns the unit that a module is, or nil.
func unitOf(module nn.AnyModule) *Module {
	found, _ := units.Load(weak.Make(nn.Base(module)))
	pointer, _ := found.(weak.Pointer[Module])
	return pointer.Value()
}

// FullyShard divides the parameters of a module, but for those of units within it, among
// processes, which makes it a unit. All processes call it, with equal modules, for the
// modules within before those around them: usually for each layer of a network and then
// for the network. It changes the module, whose parameters are this process's parts from
// then on, along their first dimensions: as many rows for each process, but for the last ones.
//
// It fails where the module is a unit already, on parameters without dimensions, of
// different dtypes, on torch.Meta, or that are parts already, and where the mesh has more than
// two dimensions. Tensor-parallel parts, of package tensor/parallel, are divided once more where
// the mesh is of other processes: Slice gives the two dimensions of one mesh, and
// ParallelizeModule goes first.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.fully_shard
func FullyShard(module nn.AnyModule, options ...Options) (*Module, error) {
	const op = "FullyShard"
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	u := &Module{module: module, options: o, device: torch.CPU, group: distributed.DefaultGroup()}
	if o.Mesh != nil {
		u.device = o.Mesh.Device()
		switch groups := o.Mesh.GetAllGroups(); len(groups) {
		case 1:
			u.group = groups[0]
		case 2:
			u.replicas, u.group = groups[0], groups[1]
		default:
			return nil, u.group.WrapError(op, torch.Errorf("", torch.ValueError, "fully_shard expects a 1D or 2D DeviceMesh but got %v", o.Mesh.Shape()))
		}
	}
	if distributed.GetRank(u.group) < 0 || u.group == nil {
		_, err := distributed.Barrier(distributed.Options{Group: u.group}) // says why
		return nil, err
	}
	u.home = u.device
	if o.Offload != nil {
		u.home = torch.CPU
	}
	var refused error
	err = torch.Try(func() { torch.NoGrad(func() { refused = u.begin() }) })
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, u.group.WrapError(op, err)
	}
	return u, nil
}

// begin finds the unit's parameters, divides them, and registers the hooks.
func (u *Module) begin() error {
	base := nn.Base(u.module)
	if unitOf(u.module) != nil {
		return torch.Errorf("", torch.ValueError, "the module is fully sharded already")
	}
	if err := u.find(base); err != nil {
		return err
	}
	for _, p := range u.parameters {
		p.offset = u.width
		u.width += p.chunk * p.row
		p.divide(u)
	}
	for _, buffer := range base.Buffers() {
		if buffer.Device() != u.device && !buffer.IsMeta() {
			buffer.SetData(buffer.To(u.device))
		}
	}
	key := weak.Make(base)
	units.Store(key, weak.Make(u))
	runtime.AddCleanup(base, func(key weak.Pointer[nn.Module]) { units.Delete(key) }, key)
	base.RegisterForwardPreHook(u.enter, nn.HookOptions{Prepend: true}) // other hooks find whole parameters
	base.RegisterForwardHook(u.leave, nn.HookOptions{AlwaysCall: true})
	for _, module := range u.holders() {
		if module != base {
			module.RegisterForwardPreHook(u.mustBeOpen)
		}
	}
	return nil
}

// find lists the parameters of the module that are in no unit within it, each with all its
// places.
func (u *Module) find(base *nn.Module) error {
	known := map[*torch.Tensor]*parameter{}
	others := map[*torch.Tensor]bool{}
	for _, x := range u.options.IgnoredParams {
		others[x] = true
	}
	for _, module := range base.Modules() {
		if inner := unitOf(module); inner != nil {
			for _, p := range inner.parameters {
				others[p.shard] = true
			}
		}
	}
	for _, n := range base.NamedParameters() {
		if others[n.Tensor] {
			continue
		}
		p, err := u.newParameter(n.Name, n.Tensor)
		if err != nil {
			return err
		}
		if dtype := n.Tensor.DType(); u.dtype == 0 {
			u.dtype = dtype
		} else if dtype != u.dtype {
			return torch.Errorf("", torch.ValueError, "FSDP expects uniform original parameter dtype but got %v, and %v for %s: make units of them",
				u.dtype, dtype, n.Name)
		}
		known[n.Tensor] = p
		u.parameters = append(u.parameters, p)
	}
	for _, n := range base.NamedTensors() {
		if p := known[n.Tensor]; p != nil {
			dot := strings.LastIndex(n.Name, ".")
			p.places = append(p.places, place{nn.Base(base.GetSubmodule(n.Name[:max(dot, 0)])), n.Name[dot+1:]})
		}
	}
	return nil
}

// holders returns the modules that have the unit's parameters.
func (u *Module) holders() (list []*nn.Module) {
	for _, p := range u.parameters {
		for _, place := range p.places {
			if !slices.Contains(list, place.module) {
				list = append(list, place.module)
			}
		}
	}
	return list
}

func (u *Module) size() int { return distributed.GetWorldSize(u.group) }
func (u *Module) rank() int { return distributed.GetRank(u.group) }

// computeDType returns the dtype of gathered parameters.
func (u *Module) computeDType() torch.DType {
	if d := u.options.MixedPrecision.ParamDType; d != 0 {
		return d
	}
	return u.dtype
}

// reduceDType returns the dtype in which gradients are added up.
func (u *Module) reduceDType() torch.DType {
	if d := u.options.MixedPrecision.ReduceDType; d != 0 {
		return d
	}
	return u.dtype
}

// Wrapped returns the module.
func (u *Module) Wrapped() nn.AnyModule { return u.module }

// Forward returns what the module's Forward does, which must be that of a [nn.Layer], with its
// hooks: it is nn.Call.
func (u *Module) Forward(x *torch.Tensor) *torch.Tensor {
	layer, ok := u.module.(nn.Layer)
	if !ok {
		panic(torch.Errorf("fsdp.Module.Forward", torch.TypeError,
			"a %T has no Forward(*torch.Tensor) *torch.Tensor: use Call, which calls what it has", u.module))
	}
	return nn.Call(layer, x)
}

// Call calls forward, which calls the module with the inputs, between the unit's hooks: it is
// nn.CallAll.
func (u *Module) Call(forward func(inputs []*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) []*torch.Tensor {
	return nn.CallAll(u.module, forward, inputs...)
}

// RecurseOptions say whether a setting is for the units within, too.
type RecurseOptions struct {
	Recurse *bool // nil is true
}

// within returns the unit and, unless the options say otherwise, those within it.
func (u *Module) within(options []RecurseOptions) []*Module {
	list := []*Module{u}
	if !option.Or(option.First(options).Recurse, true) {
		return list
	}
	for _, module := range nn.Base(u.module).Modules() {
		if inner := unitOf(module); inner != nil && inner != u {
			list = append(list, inner)
		}
	}
	return list
}

// SetRequiresGradientSync says whether backward passes move gradients. Without it they add up
// within this process, as whole gradients, until a pass that does: so several small batches
// make a large one, at the price of the memory.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_requires_gradient_sync
func (u *Module) SetRequiresGradientSync(on bool, options ...RecurseOptions) {
	for _, unit := range u.within(options) {
		unit.silent = !on
	}
}

// SetReshardAfterForward is the option ReshardAfterForward, from now on.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_reshard_after_forward
func (u *Module) SetReshardAfterForward(on bool, options ...RecurseOptions) {
	for _, unit := range u.within(options) {
		unit.options.ReshardAfterForward = new(on)
	}
}

// SetReshardAfterBackward says whether gathered parameters are dropped after a backward pass,
// as they are by default. Small batches that add up need not gather them each time.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_reshard_after_backward
func (u *Module) SetReshardAfterBackward(on bool, options ...RecurseOptions) {
	for _, unit := range u.within(options) {
		unit.stays = !on
	}
}

// SetGradientDivideFactor sets what the sums of gradients are divided by, for the number of
// processes, which makes means of them.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_gradient_divide_factor
func (u *Module) SetGradientDivideFactor(factor float64) {
	if !(factor > 0) {
		panic(torch.Errorf("fsdp.Module.SetGradientDivideFactor", torch.ValueError, "the factor %v is not positive", factor))
	}
	u.divisor = factor
}

// SetModulesToForwardPrefetch sets the units whose parameters begin to come when this one's
// Forward begins; by default there are none.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_modules_to_forward_prefetch
func (u *Module) SetModulesToForwardPrefetch(modules []*Module) {
	u.forwardNext = slices.Clone(modules)
}

// SetModulesToBackwardPrefetch sets the units whose parameters begin to come when this one's
// part of a backward pass begins, for the one before it in the latest forward pass.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.set_modules_to_backward_prefetch
func (u *Module) SetModulesToBackwardPrefetch(modules []*Module) {
	u.backwardNext = slices.Clone(modules)
}

// Reshard drops the unit's gathered parameters.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.reshard
func (u *Module) Reshard() { u.reshard() }

// Unshard gathers the unit's parameters for the Forward to come, unless they are there. All
// processes call it.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html#torch.distributed.fsdp.FSDPModule.unshard
func (u *Module) Unshard() { u.unshard() }
