package nn_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Plain is a struct that is no module.
type Plain struct {
	FC     *nn.Linear
	Weight *torch.Tensor
	Next   *Plain // it may be a ring
}

// forwarder is an interface of a user's own, which is no nn.Layer.
type forwarder interface {
	Forward(x *torch.Tensor) *torch.Tensor
}

type (
	inUnexported struct {
		nn.Module
		fc1 *nn.Linear
	}
	inSlice struct {
		nn.Module
		Blocks []*nn.Linear
	}
	inArray struct {
		nn.Module
		Blocks [2]nn.Layer
	}
	inMap struct {
		nn.Module
		Heads map[string]nn.Layer
	}
	inNested struct {
		nn.Module
		Stages []map[string][]nn.AnyModule
	}
	inAny struct {
		nn.Module
		Part any
	}
	inInterface struct {
		nn.Module
		Act forwarder
	}
	inStruct struct {
		nn.Module
		Block Plain
	}
	behindPointer struct {
		nn.Module
		Block *Plain
	}
	byValue struct {
		nn.Module
		FC nn.Linear
	}
	unexportedByValue struct {
		nn.Module
		fc nn.Linear
	}
	moduleByValue struct {
		nn.Module
		Other nn.Module
	}
	tensor struct {
		nn.Module
		Scale *torch.Tensor
	}
	unexportedTensor struct {
		nn.Module
		scale *torch.Tensor
	}
	tensors struct {
		nn.Module
		Scales []*torch.Tensor
	}
	taggedUnexported struct {
		nn.Module
		mean *torch.Tensor `nn:",buffer"`
	}
	taggedNumber struct {
		nn.Module
		Depth int `nn:",buffer"`
	}
	taggedModule struct {
		nn.Module
		FC *nn.Linear `nn:"fc,buffer"`
	}
	embedsPointer struct {
		*nn.Linear
		Extra *nn.Linear
	}
	embedsLayer struct {
		nn.Layer
		Extra *nn.Linear
	}
	within struct {
		nn.Module
		Part nn.AnyModule
	}
)

func TestInitLosesNothing(t *testing.T) {
	fc, zero := nn.NewLinear(1, 1), torch.Zeros([]int{1})
	ring := &Plain{}
	ring.Next = &Plain{Next: ring, FC: fc}
	for name, c := range map[string]struct {
		f     func()
		words []string
	}{
		"unexported":            {func() { nn.Init(&inUnexported{fc1: fc}) }, []string{"inUnexported.fc1", "a Linear", "export the field"}},
		"unexported, nil":       {func() { nn.Init(&inUnexported{}) }, []string{"inUnexported.fc1", "*nn.Linear", "export the field"}},
		"slice":                 {func() { nn.Init(&inSlice{Blocks: []*nn.Linear{nil, fc}}) }, []string{"inSlice.Blocks[1]", "nn.ModuleList"}},
		"slice, filled later":   {func() { nn.Init(&inSlice{}) }, []string{"inSlice.Blocks", "[]*nn.Linear", "nn.ModuleList"}},
		"array":                 {func() { nn.Init(&inArray{Blocks: [2]nn.Layer{nil, fc}}) }, []string{"inArray.Blocks[1]", "nn.ModuleList"}},
		"map":                   {func() { nn.Init(&inMap{Heads: map[string]nn.Layer{"a": fc}}) }, []string{"inMap.Heads[a]", "nn.ModuleDict"}},
		"nested":                {func() { nn.Init(&inNested{Stages: []map[string][]nn.AnyModule{{"b": {fc}}}}) }, []string{"inNested.Stages[0][b][0]"}},
		"any":                   {func() { nn.Init(&inAny{Part: fc}) }, []string{"inAny.Part", "nn.AnyModule"}},
		"slice in any":          {func() { nn.Init(&inAny{Part: []any{1, []*nn.Linear{fc}}}) }, []string{"inAny.Part[1][0]"}},
		"tensor in any":         {func() { nn.Init(&inAny{Part: zero}) }, []string{"inAny.Part", "a tensor", "*torch.Tensor"}},
		"struct in any":         {func() { nn.Init(&inAny{Part: Plain{FC: fc}}) }, []string{"inAny.Part.FC"}},
		"module by value, any":  {func() { nn.Init(&inAny{Part: nn.Linear{}}) }, []string{"inAny.Part", "by value", "make it a pointer"}},
		"interface":             {func() { nn.Init(&inInterface{Act: nn.NewReLU()}) }, []string{"inInterface.Act", "a ReLU", "nn.Layer"}},
		"struct":                {func() { nn.Init(&inStruct{Block: Plain{FC: fc}}) }, []string{"inStruct.Block.FC", "embed nn.Module in the struct"}},
		"tensor of a struct":    {func() { nn.Init(&inStruct{Block: Plain{Weight: zero}}) }, []string{"inStruct.Block.Weight", "a tensor"}},
		"behind a pointer":      {func() { nn.Init(&behindPointer{Block: &Plain{FC: fc}}) }, []string{"behindPointer.Block.FC", "embed nn.Module in the struct"}},
		"parameter behind one":  {func() { nn.Init(&behindPointer{Block: &Plain{Weight: parameter(1)}}) }, []string{"behindPointer.Block.Weight"}},
		"ring":                  {func() { nn.Init(&behindPointer{Block: ring}) }, []string{"behindPointer.Block.Next.FC"}},
		"by value":              {func() { nn.Init(&byValue{}) }, []string{"byValue.FC", "by value", "make it a pointer"}},
		"unexported by value":   {func() { nn.Init(&unexportedByValue{fc: nn.Linear{}}) }, []string{"unexportedByValue.fc", "by value"}},
		"nn.Module by value":    {func() { nn.Init(&moduleByValue{}) }, []string{"moduleByValue.Other", "by value"}},
		"tensor":                {func() { nn.Init(&tensor{Scale: zero}) }, []string{"tensor.Scale", "nn.NewParameter", `nn:",buffer"`, `nn:"-"`}},
		"unexported tensor":     {func() { nn.Init(&unexportedTensor{scale: zero}) }, []string{"unexportedTensor.scale", "export the field", `nn:"-"`}},
		"tensors":               {func() { nn.Init(&tensors{Scales: []*torch.Tensor{nil, zero}}) }, []string{"tensors.Scales[1]", "nn.ParameterList"}},
		"tag of an unexported":  {func() { nn.Init(&taggedUnexported{mean: zero}) }, []string{"taggedUnexported.mean", "a tag"}},
		"tag of a number":       {func() { nn.Init(&taggedNumber{}) }, []string{"taggedNumber.Depth", "a tag"}},
		"embedded pointer":      {func() { nn.Init(&embedsPointer{Linear: fc}) }, []string{"embedsPointer", "in place of nn.Module"}},
		"embedded nil pointer":  {func() { nn.Init(&embedsPointer{}) }, []string{"embedsPointer", "in place of nn.Module"}},
		"embedded interface":    {func() { nn.Init(&embedsLayer{Layer: fc}) }, []string{"embedsLayer", "in place of nn.Module"}},
		"without Init, list":    {func() { nn.NewSequential(&embedsPointer{Linear: fc, Extra: nn.NewLinear(1, 1)}) }, []string{"embedsPointer.Extra", "holds a module", "in place of a *nn.Linear", "nn.Init"}},
		"without Init, field":   {func() { nn.Init(&within{Part: &embedsPointer{Linear: fc}}) }, []string{"embedsPointer.Extra", "is for modules", "nn.Init"}},
		"without Init, value":   {func() { nn.NewModuleList[nn.AnyModule](embedsLayer{Layer: fc}) }, []string{"embedsLayer.Extra", "is for modules", "nn.Init"}},
		"without Init, Base":    {func() { nn.Base(&embedsPointer{Linear: fc}) }, []string{"embedsPointer.Extra", "is for modules", "nn.Init"}},
		"RegisterParameter":     {func() { nn.Init(&within{}).RegisterParameter("a", zero) }, []string{"cannot assign 'torch.FloatTensor' object to parameter 'a'", "nn.NewParameter"}},
		"unknown tag of module": {func() { nn.Init(&taggedModule{}) }, []string{"FC", "unknown tag"}},
		"child without Init":    {func() { nn.Init(&within{Part: &within{}}) }, []string{`"part" was not initialized`, "nn.Init"}},
	} {
		e := torchtest.Fails(t, c.f)
		for _, word := range c.words {
			assert.Contains(t, e.Message, word, name)
		}
		if !strings.Contains(e.Message, "unknown tag") && !strings.Contains(e.Message, "not initialized") {
			assert.Equal(t, torch.TypeError, e.Kind, name)
		}
	}
	assert.Equal(t, []string{"weight", "bias"}, fc.StateDict().Names(), "what Init refused is as before")
	late := nn.Init(&within{})
	late.Part = &embedsPointer{Linear: fc}
	assert.Contains(t, torchtest.Fails(t, func() { late.Parameters() }).Message, "embedsPointer.Extra")
}

// promoted has fields of its own that others have by embedding it.
type promoted struct {
	FC    *nn.Linear
	Scale *torch.Tensor
}

type allowed struct {
	nn.Module
	promoted
	sync.Mutex
	Frozen  *torch.Tensor
	Nothing *torch.Tensor
	cache   *torch.Tensor // nil so far
	alias   *torch.Tensor // Frozen again
	stages  []*nn.Linear  // FC again
	Left    *nn.Linear    `nn:"-"`
	left    []nn.Layer    `nn:"-"`
	Any     any
	Number  torch.Number
	Sizes   torch.Sizes
	Norm    func() nn.Layer
	queue   chan *torch.Tensor
	ctx     context.Context
	up      weak.Pointer[allowed]
	last    atomic.Pointer[torch.Tensor]
	others  sync.Map
	data    *Plain // of another's tensor
	ring    *Plain
	words   map[string][]int
	list    []any
}

func TestInitLeavesAlone(t *testing.T) {
	frozen := nn.NewParameter(torch.Ones([]int{2})).SetRequiresGrad(false)
	fc := nn.NewLinear(1, 1)
	ring := &Plain{}
	ring.Next = ring
	list := make([]any, 1)
	list[0] = list
	a := &allowed{promoted: promoted{FC: fc, Scale: parameter(1)}, Frozen: frozen, alias: frozen, stages: []*nn.Linear{fc}, Left: nn.NewLinear(1, 1),
		left: []nn.Layer{nn.NewReLU()}, Any: "text", Number: 2.0, Sizes: []int{1}, Norm: func() nn.Layer { return nn.NewReLU() },
		queue: make(chan *torch.Tensor, 1), ctx: t.Context(), data: &Plain{Weight: torch.Zeros([]int{1})}, ring: ring, words: map[string][]int{"a": {1}}, list: list}
	a.up = weak.Make(a)
	a.last.Store(torch.Zeros([]int{1}))
	a.others.Store("a", nn.NewReLU())
	nn.Init(a)
	require.Nil(t, a.cache)
	assert.Equal(t, []string{"scale", "frozen", "fc.weight", "fc.bias"}, tensorNames(a.NamedParameters()))
	assert.False(t, a.Frozen.RequiresGrad())
	copied := nn.DeepCopy(a)
	assert.False(t, nn.Init(&tensor{Scale: copied.Frozen}).Scale.RequiresGrad(), "the copy of a parameter is one")
	again := nn.Init(&within{Part: a})
	assert.Len(t, again.Parameters(), 4)
}

func TestContainersMakeParameters(t *testing.T) {
	zero := torch.Zeros([]int{1})
	l := nn.NewParameterList(zero, parameter(1))
	assert.True(t, l.At(0).RequiresGrad())
	l.Set(1, torch.Full([]int{1}, 3.0))
	d := nn.NewParameterDict().Set("a", zero)
	d.Set("a", torch.Full([]int{1}, 4.0))
	assert.True(t, l.At(1).RequiresGrad())
	assert.True(t, d.At("a").RequiresGrad())
	assert.Equal(t, []float32{3}, torch.ToSlice[float32](l.At(1)))
	assert.Equal(t, []float32{4}, torch.ToSlice[float32](d.At("a")))
	assert.False(t, zero.RequiresGrad())
}

// counting embeds a module, and holds nothing that could be lost.
type counting struct {
	*nn.Linear
	calls int
}

func (c *counting) Forward(x *torch.Tensor) *torch.Tensor {
	c.calls++
	return c.Linear.Forward(x).Add(1)
}

func TestWrappersThatLoseNothing(t *testing.T) {
	c := &counting{Linear: nn.NewLinear(1, 1)}
	hooked := 0
	c.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { hooked++; return nil })
	net := nn.NewSequential(c)
	assert.Len(t, net.Parameters(), 2)
	x := torch.Zeros([]int{1, 1})
	assert.Equal(t, c.Bias.Item()+1, net.Forward(x).Item())
	assert.Equal(t, 1, c.calls)
	assert.Equal(t, 1, hooked)
}
