package optim

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"

	"github.com/wangkuiyi/gotorch/torch"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Base is what all optimizers share; O is the type of their options. Optimizers
// embed it.
type Base[O any] struct {
	// ParamGroups may be changed between steps, to lower a learning rate for
	// instance. AddParamGroup adds to them.
	ParamGroups []*Group[O]
	rule        rule[O]
	state       map[*torch.Tensor]*state
}

// rule is what makes an optimizer out of Base.
type rule[O any] struct {
	name       string                                     // PyTorch's name of the optimizer
	fields     func(o *O) fields                          // the options, by PyTorch's names
	fill       func(o *O)                                 // gives options their defaults that are nil
	prepare    func(o *O, op string)                      // gives LR its default, panics on options out of range
	check      func(op string, g, i int, p *torch.Tensor) // panics on a parameter that cannot be optimized; or nil
	paths      func(o *O) paths                           // how to take a step
	capturable func(o *O) bool                            // whether a step takes the learning rate and the counts of steps as tensors; or nil
	complex    complexity                                 // how complex numbers are seen
	numbers    []number                                   // the numbers kept of each parameter
	dense      string                                     // the error's words for sparse gradients; "" takes them
	step       func(o *O, b *batch)                       // changes the parameters of a batch
}

// complexity says how PyTorch's loop over the parameters sees complex numbers. The
// results differ in their last bits.
type complexity int

const (
	pairs      complexity = iota // as pairs of real numbers
	decayFirst                   // as pairs, once weight decay is added
	whole                        // as complex numbers
)

// paths are the Foreach and Fused options; nil stands for PyTorch's default.
type paths struct{ foreach, fused *bool }

// number is a number that is kept of each parameter. If there are any the first
// one counts the steps.
type number struct {
	name    string
	initial float64
	integer bool // in Python it is an int, not a tensor
}

// state is what an optimizer remembers of a parameter.
type state struct {
	numbers  [3]float64
	tensors  map[string]*torch.Tensor
	counters *counters // in the place of numbers, once a step was capturable
}

// start makes an optimizer of groups of parameters.
func (b *Base[O]) start(r rule[O], groups []Group[O]) {
	b.rule = r
	b.state = map[*torch.Tensor]*state{}
	params := 0
	for _, g := range groups {
		b.AddParamGroup(g)
		params += len(g.Params)
	}
	if params == 0 {
		panic(torch.Errorf(b.op(), torch.ValueError, "optimizer got an empty parameter list"))
	}
}

// made panics unless a function such as NewSGD made the optimizer.
func (b *Base[O]) made() {
	if b.rule.fields == nil {
		panic(torch.Errorf("optim.Base", torch.RuntimeError, "the optimizer was not made by a function such as NewSGD"))
	}
}

func (b *Base[O]) op() string { return "optim.New" + b.rule.name }

// AddParamGroup adds a group of parameters, for instance of layers that are to be
// trained from now on. It panics as making an optimizer does: on options that
// contradict each other or are out of range, on a parameter that is not a leaf or
// is in a group already.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.add_param_group.html
func (b *Base[O]) AddParamGroup(group Group[O]) {
	b.made()
	g, given := &group, group.LR
	g.fields = b.rule.fields(&g.Options)
	g.rate = g.fields["lr"].(rate)
	g.rate.check(b.op(), given)
	g.follow()
	b.rule.fill(&g.Options)
	if *g.rate.tensor == nil {
		b.rule.prepare(&g.Options, b.op())
	} else {
		*g.rate.number = g.rate.read()
		b.rule.prepare(&g.Options, b.op())
		*g.rate.number = 0
	}
	if given != nil {
		*g.rate.number = *given // 0 too
	}
	if p := b.rule.paths(&g.Options); isOn(p.foreach) && isOn(p.fused) {
		panic(torch.Errorf(b.op(), torch.RuntimeError, "`fused` and `foreach` cannot be `True` together."))
	}
	if g.Names != nil && len(g.Names) != len(g.Params) {
		panic(torch.Errorf(b.op(), torch.ValueError,
			"all optimizer params should be with/without names. Some param names are missing"))
	}
	b.checkParams(g.Params)
	g.added = map[string]float64{}
	b.ParamGroups = append(b.ParamGroups, g)
}

// checkParams panics if params cannot be optimized.
func (b *Base[O]) checkParams(params []*torch.Tensor) {
	known := map[*torch.Tensor]bool{}
	for _, g := range b.ParamGroups {
		for _, p := range g.Params {
			known[p] = true
		}
	}
	own := map[*torch.Tensor]bool{}
	for i, p := range params {
		switch {
		case p == nil:
			panic(torch.Errorf(b.op(), torch.ValueError, "parameter %d is nil", i))
		case !p.IsLeaf():
			panic(torch.Errorf(b.op(), torch.ValueError, "can't optimize a non-leaf Tensor"))
		case own[p]:
			panic(torch.Errorf(b.op(), torch.ValueError, "parameter %d appears twice in its group", i))
		case known[p]:
			panic(torch.Errorf(b.op(), torch.ValueError, "some parameters appear in more than one parameter group"))
		}
		if b.rule.check != nil {
			b.rule.check(b.op(), len(b.ParamGroups), i, p)
		}
		own[p] = true
	}
}

// ZeroGradOptions are the options of ZeroGrad.
type ZeroGradOptions struct {
	SetToNone *bool // drop the gradients rather than fill them with 0; default: true
}

// ZeroGrad drops the gradients of all parameters, or sets them to 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html
func (b *Base[O]) ZeroGrad(options ...ZeroGradOptions) {
	drop := option.Or(option.First(options).SetToNone, true)
	internals.Region(b.region("zero_grad"), func() { b.clear(drop) })
}

// clear is ZeroGrad, which drops the gradients or fills them with zeros.
func (b *Base[O]) clear(drop bool) {
	for _, g := range b.ParamGroups {
		if drop {
			internals.ClearGrads(g.Params)
			continue
		}
		var grads []*torch.Tensor
		for i, p := range internals.GradInfos(g.Params) {
			grad := p.Grad
			if grad == nil {
				continue
			}
			if grad.RequiresGrad() {
				grad = grad.Detach()
				g.Params[i].SetGrad(grad)
			}
			grads = append(grads, grad)
		}
		if len(grads) > 0 {
			listZeroIn.do(grads)
		}
	}
}

// Step changes all parameters that have a gradient. The change is not recorded by
// autograd, and frees at once what it makes on the way.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.step.html
func (b *Base[O]) Step() {
	b.made()
	if b.rule.step == nil {
		panic(torch.Errorf(b.op(), torch.RuntimeError, "the optimizer's Step needs a closure"))
	}
	internals.Region(b.region("step"), b.change)
	b.tellProfiler()
}

// tellProfiler tells the profiler, if it wants to know, what the optimizer's tensors are.
func (b *Base[O]) tellProfiler() {
	if !internals.ProfilingTensors() {
		return
	}
	for _, g := range b.ParamGroups {
		internals.TellParameters(g.Params)
		var remembered []*torch.Tensor
		for _, p := range g.Params {
			if s := b.state[p]; s != nil {
				remembered = slices.AppendSeq(remembered, maps.Values(s.tensors))
				if s.counters != nil {
					remembered = append(remembered, s.counters.tensors[:len(b.rule.numbers)]...)
				}
			}
		}
		internals.TellOptimizerState(remembered)
	}
}

// region is the name of what a method does, in the traces of torch/profiler.
func (b *Base[O]) region(method string) string {
	return "Optimizer." + method + "#" + b.rule.name + "." + method
}

// change is Step.
func (b *Base[O]) change() {
	torch.Scope(func() {
		torch.NoGrad(func() {
			for _, g := range b.ParamGroups {
				g.follow()
				b.rule.fill(&g.Options)
				capturable := b.rule.capturable != nil && b.rule.capturable(&g.Options)
				b.refuseCapture(g, capturable)
				options := &g.Options
				if !capturable {
					options = b.read(g)
				}
				for _, batch := range b.batches(g, capturable) {
					batch.count(b.rule.numbers)
					b.rule.step(options, batch)
					b.commit(batch)
				}
			}
		})
	})
}

// read returns the options of a group with the learning rate as a number, for
// steps that calculate with it in Go.
func (b *Base[O]) read(g *Group[O]) *O {
	if *g.rate.tensor == nil {
		return &g.Options
	}
	options := g.Options
	*b.rule.fields(&options)["lr"].(rate).number = g.rate.read()
	return &options
}

// Groups returns the parameter groups without the type of their options.
func (b *Base[O]) Groups() []ParamGroup {
	list := make([]ParamGroup, len(b.ParamGroups))
	for i, g := range b.ParamGroups {
		list[i] = g
	}
	return list
}

// String returns the optimizer's name and options, in PyTorch's notation.
func (b *Base[O]) String() string {
	text := b.rule.name + " ("
	for i, g := range b.ParamGroups {
		text += fmt.Sprintf("\nParameter Group %d\n%s", i, g.describe())
	}
	return text + ")"
}
