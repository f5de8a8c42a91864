package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// TestOddOptionsAreRefused has numbers of groups and lists that do not fit.
func TestOddOptionsAreRefused(t *testing.T) {
	x := torch.Ones([]int{1, 1, 3, 3})
	transposed := func(kernel torch.Sizes, o nn.ConvTransposeOptions, x *torch.Tensor) func() {
		return func() { nn.NewConvTranspose2d(1, 1, kernel, o).ForwardSize(x, []int{7, 7}) }
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"two options": {Call: func() { nn.NewLinear(1, 1, nn.LinearOptions{}, nn.LinearOptions{}) }, Kind: torch.TypeError,
			Words: "2 nn.LinearOptions were given, want one at most: put what they say into one"},
		"two options of Flatten": {Call: func() { nn.NewFlatten(nn.FlattenOptions{}, nn.FlattenOptions{}) }, Kind: torch.TypeError,
			Words: "2 nn.FlattenOptions were given"},
		"no groups":       {Call: func() { nn.NewGroupNorm(0, 3) }, Kind: torch.ValueError, Words: "num_channels (3) must be divisible by num_groups (0)"},
		"a short stride":  {Call: transposed(3, nn.ConvTransposeOptions{Stride: []int{2}}, x), Kind: torch.IndexError, Words: "tuple index out of range: stride has 1 elements"},
		"a short kernel":  {Call: transposed([]int{3}, nn.ConvTransposeOptions{Stride: 2}, x), Kind: torch.IndexError, Words: "tuple index out of range: kernel_size has 1 elements"},
		"a short padding": {Call: transposed(3, nn.ConvTransposeOptions{Stride: 2, Padding: []int{0}}, x), Kind: torch.IndexError, Words: "tuple index out of range: padding has 1 elements"},
		"no batch and channels": {Call: transposed(3, nn.ConvTransposeOptions{Stride: 2}, torch.Ones([]int{3})), Kind: torch.IndexError,
			Words: "Dimension out of range (expected to be in range of [-1, 0], but got 1)"},
		"no kernel": {Call: func() {
			nn.NewFractionalMaxPool3d([]int{}, nn.FractionalMaxPoolOptions{OutputSize: 2}).Forward(torch.Ones([]int{1, 4, 4, 4}))
		}, Kind: torch.RuntimeError, Words: "kernel_size must either be a single Int or tuple of three Ints"},
		"short padding of another kind": {Call: func() {
			nn.NewConv2d(1, 1, 3, nn.Conv2dOptions{Padding: []int{1}, PaddingMode: "reflect"}).Forward(x)
		}, Kind: torch.IndexError, Words: "tuple index out of range: padding has 1 elements"},
		"a lazy linear layer without input": {Call: func() { nn.NewLazyLinear(3).RunAll(outputs) }, Kind: torch.TypeError,
			Words: "initialize_parameters() missing 1 required positional argument: 'input'"},
		"a lazy convolution without input": {Call: func() { nn.NewLazyConv2d(3, 3).RunAll(outputs) }, Kind: torch.TypeError,
			Words: "initialize_parameters() missing 1 required positional argument: 'input'"},
	})
}

func outputs(inputs []*torch.Tensor) []*torch.Tensor { return inputs }

// TestNilModulesAndFunctionsAreRefused has nil where modules and functions are due,
// which are Python's None.
func TestNilModulesAndFunctionsAreRefused(t *testing.T) {
	x := torch.Ones([]int{1})
	layer := func() *nn.Linear { return nn.NewLinear(1, 1) }
	null := (*nn.Linear)(nil)
	refused := func(call func(), words string) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Init":                       refused(func() { nn.Init(null) }, "nn.Init: the module must not be nil"),
		"Base":                       refused(func() { nn.Base(nil) }, "nn.Base: the module must not be nil"),
		"Base of a pointer":          refused(func() { nn.Base(null) }, "nn.Base: the module must not be nil"),
		"TypeName":                   refused(func() { nn.TypeName(nil) }, "the module must not be nil"),
		"ParamCount":                 refused(func() { nn.ParamCount(nil) }, "the module must not be nil"),
		"DeepCopy":                   refused(func() { nn.DeepCopy(null) }, "the module must not be nil"),
		"ConvertSyncBatchNorm":       refused(func() { nn.ConvertSyncBatchNorm(nil) }, "the module must not be nil"),
		"ConvertSyncBatchNorm of it": refused(func() { nn.ConvertSyncBatchNorm((*nn.BatchNorm1d)(nil)) }, "the module must not be nil"),
		"SummaryOf":                  refused(func() { nn.SummaryOf(layer(), nil) }, "nn.SummaryOf: call must not be nil"),
		"Apply":                      refused(func() { layer().Apply(nil) }, "the function must not be nil"),
		"Derive":                     refused(func() { layer().Derive("weight", x, nil) }, "compute must not be nil"),
		"a hook":                     refused(func() { layer().RegisterForwardHook(nil) }, "a hook must not be nil"),
		"a hook of state dicts":      refused(func() { layer().RegisterStateDictPreHook(nil) }, "a hook must not be nil"),
		"a layer in a row":           refused(func() { nn.NewSequential(layer(), nil).Forward(x) }, "nn.Sequential: layer 1 is nil"),
		"a pointer in a row":         refused(func() { nn.NewSequential(null).Forward(x) }, "nn.Sequential: layer 0 is nil"),
		"TransformerEncoder":         refused(func() { nn.NewTransformerEncoder(nil, 1) }, "the layer must not be nil"),
		"TransformerDecoder":         refused(func() { nn.NewTransformerDecoder(nil, 1) }, "the layer must not be nil"),
		"Run":                        {Call: func() { layer().Run(x, nil) }, Kind: torch.RuntimeError, Words: "nn.Module.Run: forward is nil"},
		"Run2":                       {Call: func() { layer().Run2(x, x, nil) }, Kind: torch.RuntimeError, Words: "nn.Module.Run2: forward is nil"},
		"RunAll":                     {Call: func() { layer().RunAll(nil, x) }, Kind: torch.RuntimeError, Words: "nn.Module.RunAll: forward is nil"},
	})
}

// TestNilModulesOfContainers are none, as documented.
func TestNilModulesOfContainers(t *testing.T) {
	s := nn.NewSequential(nn.NewIdentity(), nil)
	assert.Equal(t, 2, s.Len())
	assert.Nil(t, s.At(1))
	assert.Nil(t, s.Pop(1))
	s.Insert(0, nil)
	assert.Nil(t, s.At(0))
	for i, layer := range s.All() {
		assert.Equal(t, i == 0, layer == nil)
	}
	l := nn.NewModuleList[nn.Layer](nil, nn.NewIdentity())
	assert.Equal(t, 2, l.Slice(0, 2).Len())
	d := nn.NewModuleDict[nn.Layer]().Set("a", nil)
	assert.Nil(t, d.At("a"))
	assert.Nil(t, d.Pop("a"))
	n := nn.Init(&holder{Part: nn.NewIdentity()})
	n.SetSubmodule("part", nil)
	assert.Nil(t, n.Part)
}

type holder struct {
	nn.Module
	Part nn.Layer
}
