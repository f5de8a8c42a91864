package torch

import (
	"math/rand/v2"
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// Generator is a source of random numbers. Use it from one goroutine at a time
// where the order of numbers matters.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Generator.html
type Generator struct {
	handle cgotorch.Handle // 0 in a zero Generator only
	device Device
	_      noCopy
}

// NewGenerator returns a generator for a device, or for the CPU. It panics where
// the device is not there.
func NewGenerator(device ...Device) *Generator {
	return newGenerator("torch.NewGenerator", option.First(device), cgotorch.NewGenerator)
}

// DefaultGenerator returns the generator that is used where none is given.
func DefaultGenerator(device ...Device) *Generator {
	return newGenerator("torch.DefaultGenerator", option.First(device), cgotorch.DefaultGenerator)
}

func newGenerator(op string, device Device, make func(deviceType, index int32) (cgotorch.Handle, *cgotorch.Error)) *Generator {
	if device.kind == 0 {
		device = CPU
	}
	handle, err := make(device.raw())
	check(op, err)
	return ownGenerator(handle, device)
}

// ownGenerator takes over a handle.
func ownGenerator(handle cgotorch.Handle, device Device) *Generator {
	g := &Generator{handle: handle, device: device}
	runtime.SetFinalizer(g, func(g *Generator) { cgotorch.FreeGenerator(g.handle) })
	return g
}

// use returns the handle, or panics with an error of op for nil and a zero Generator.
func (g *Generator) use(op string) cgotorch.Handle {
	if g == nil || g.handle == 0 {
		panic(Errorf(op, TypeError, "the generator is nil, or one that NewGenerator did not make"))
	}
	return g.handle
}

// ManualSeed seeds the default generators of all devices and returns the CPU's.
// The same seed gives the same numbers as Python's torch.manual_seed.
//
// https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html
func ManualSeed(seed int64) *Generator {
	hasEffect("torch.ManualSeed", nil)
	check("torch.ManualSeed", cgotorch.ManualSeed(uint64(seed)))
	return DefaultGenerator()
}

// ManualSeed seeds the generator and returns it.
func (g *Generator) ManualSeed(seed int64) *Generator {
	const op = "torch.Generator.ManualSeed"
	hasEffect(op, nil)
	err := cgotorch.SetSeed(g.use(op), uint64(seed))
	runtime.KeepAlive(g)
	check(op, err)
	return g
}

// InitialSeed returns the seed that the generator was last given.
func (g *Generator) InitialSeed() int64 {
	const op = "torch.Generator.InitialSeed"
	seed, err := cgotorch.Seed(g.use(op))
	runtime.KeepAlive(g)
	check(op, err)
	return int64(seed)
}

// Device returns the device that the generator is for.
func (g *Generator) Device() Device {
	g.use("torch.Generator.Device")
	return g.device
}

// State returns the generator's state, a CPU tensor of Uint8.
func (g *Generator) State() *Tensor {
	const op = "torch.Generator.State"
	hasEffect(op, nil)
	state, scope, err := cgotorch.GeneratorState(g.use(op))
	runtime.KeepAlive(g)
	check(op, err)
	return newTensor(state, scope)
}

// SetState sets a state that [Generator.State] returned.
func (g *Generator) SetState(state *Tensor) {
	const op = "torch.Generator.SetState"
	hasEffect(op, nil)
	handle := g.use(op)
	err := cgotorch.SetGeneratorState(handle, state.use(op))
	runtime.KeepAlive(g)
	state.release()
	check(op, err)
}

var (
	opRand     = NewOperator("aten::rand.generator(SymInt[] size, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opRandn    = NewOperator("aten::randn.generator(SymInt[] size, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opRandint  = NewOperator("aten::randint.low_generator(SymInt low, SymInt high, SymInt[] size, *, Generator? generator, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opRandperm = NewOperator("aten::randperm.generator(SymInt n, *, Generator? generator, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")

	opRandLike                = NewOperator("aten::rand_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opRandLikeGenerator       = NewOperator("aten::rand_like.generator(Tensor self, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opRandnLike               = NewOperator("aten::randn_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opRandnLikeGenerator      = NewOperator("aten::randn_like.generator(Tensor self, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opRandintLikeLow          = NewOperator("aten::randint_like.low_dtype(Tensor self, SymInt low, SymInt high, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opRandintLikeLowGenerator = NewOperator("aten::randint_like.low_generator_dtype(Tensor self, SymInt low, SymInt high, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
)

// random makes a call that has its first arguments, with a generator and options.
func (c *Call) random(op *Operator, o *TensorOptions) *Tensor {
	if o.Generator == nil {
		c.None()
	} else {
		c.Generator(o.Generator)
	}
	c.Factory(o)
	return c.New(op, o)
}

// randomLike makes a call that has its first arguments, with options: of with, which
// takes a generator, or of without, which older versions of libtorch have, too.
func (c *Call) randomLike(with, without *Operator, o *TensorOptions) *Tensor {
	if o.Generator == nil {
		c.likeOptions(o)
		return c.New(without, o)
	}
	c.Generator(o.Generator)
	c.likeOptions(o)
	return c.New(with, o)
}

// Rand returns a tensor of the given size with numbers drawn evenly from [0, 1).
//
// https://docs.pytorch.org/docs/stable/generated/torch.rand.html
func Rand(size []int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Ints(size)
	return c.random(opRand, &o)
}

// Randn returns a tensor of the given size with numbers drawn from the normal
// distribution of mean 0 and variance 1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.randn.html
func Randn(size []int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Ints(size)
	return c.random(opRandn, &o)
}

// Randint returns a tensor of the given size with integers drawn evenly from low
// up to, but without, high. The dtype is Int64 unless options give another.
//
// https://docs.pytorch.org/docs/stable/generated/torch.randint.html
func Randint(low, high int, size []int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	if o.DType == 0 {
		o.DType = Int64
	}
	var c Call
	c.Int(low)
	c.Int(high)
	c.Ints(size)
	return c.random(opRandint, &o)
}

// RandintLike is [Randint] with x's size, dtype and device, unless options give
// others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.randint_like.html
func RandintLike(x *Tensor, low, high int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	c.Int(low)
	c.Int(high)
	return c.randomLike(opRandintLikeLowGenerator, opRandintLikeLow, &o)
}

// NormalOptions are the options of [Normal]. Where the mean or the standard deviation
// is a tensor, only Generator may be given.
type NormalOptions struct {
	Size []int // default: no dimensions
	TensorOptions
}

// Normal returns numbers drawn from the normal distributions of the given means
// and standard deviations, tensors or numbers. Of tensors the result has their
// broadcast shape, and the mean's dtype and device where it is one. It panics on
// options that are not for tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.normal.html
func Normal(mean, std Operand, options ...NormalOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Operand(mean)
	c.Operand(std)
	if !c.IsTensor(mean) && !c.IsTensor(std) {
		c.Ints(o.Size)
		c.Generator(o.Generator)
		c.Options(&o.TensorOptions)
		return c.New(opNormalFloatFloat, &o.TensorOptions)
	}
	if o.Size != nil || o.TensorOptions != (TensorOptions{Generator: o.Generator}) {
		panic(Errorf("torch.normal", TypeError,
			"Size, DType, Device, Layout, RequiresGrad and PinMemory are for means and deviations that are numbers"))
	}
	c.Generator(o.Generator)
	switch {
	case !c.IsTensor(mean):
		return c.One(opNormalFloatTensor)
	case !c.IsTensor(std):
		return c.One(opNormalTensorFloat)
	}
	return c.One(opNormalTensorTensor)
}

// Seed seeds the default generators of all devices with a number that differs from
// run to run, and returns it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.seed.html
func Seed() int64 {
	seed := rand.Int64()
	ManualSeed(seed)
	return seed
}

// InitialSeed returns the seed that the CPU's default generator was last given.
//
// https://docs.pytorch.org/docs/stable/generated/torch.initial_seed.html
func InitialSeed() int64 { return DefaultGenerator().InitialSeed() }

// RNGState returns the state of the CPU's default generator, a tensor of Uint8.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_rng_state.html
func RNGState() *Tensor { return DefaultGenerator().State() }

// SetRNGState sets a state that [RNGState] returned.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_rng_state.html
func SetRNGState(state *Tensor) { DefaultGenerator().SetState(state) }

// Randperm returns the integers from 0 to n-1 in random order, in one dimension.
// The dtype is Int64 unless options give another.
//
// https://docs.pytorch.org/docs/stable/generated/torch.randperm.html
func Randperm(n int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	if o.DType == 0 {
		o.DType = Int64
	}
	var c Call
	c.Int(n)
	return c.random(opRandperm, &o)
}

// RandLike is [Rand] with x's size, dtype and device, unless options give others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.rand_like.html
func RandLike(x *Tensor, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	return c.randomLike(opRandLikeGenerator, opRandLike, &o)
}

// RandnLike is [Randn] with x's size, dtype and device, unless options give others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.randn_like.html
func RandnLike(x *Tensor, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	return c.randomLike(opRandnLikeGenerator, opRandnLike, &o)
}
