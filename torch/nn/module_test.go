package nn_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Block and Net are the twins of those in scripts/golden/nn.py.
type Block struct {
	nn.Module
	FC  *nn.Linear
	Act *nn.ReLU
}

func newBlock() *Block {
	return nn.Init(&Block{FC: nn.NewLinear(4, 4), Act: nn.NewReLU(nn.ReLUOptions{Inplace: true})})
}

// Net has every kind of part.
type Net struct {
	nn.Module
	Scale       *torch.Tensor `nn:"w"`
	Bias        *torch.Tensor // none
	RunningMean *torch.Tensor `nn:",buffer"`
	Cache       *torch.Tensor `nn:",buffer,nonpersistent"`
	Count       *torch.Tensor `nn:",buffer"`
	Last        *torch.Tensor `nn:"-"`
	hidden      *torch.Tensor `nn:"-"`

	Flatten *nn.Flatten
	Body    *nn.Sequential
	Heads   *nn.ModuleList[*nn.Linear]
	InProj  *nn.Linear
	OutProj *nn.Linear
	First   nn.Layer
	Again   *nn.Flatten
	Absent  *nn.Linear // none
	Loss    *nn.CrossEntropyLoss
	Depth   int
}

func newNet() *Net {
	net := &Net{
		Scale:       nn.NewParameter(torch.Ones([]int{2})),
		RunningMean: torch.Zeros([]int{3}),
		Cache:       torch.Zeros([]int{1}),
		Count:       torch.NewTensor(0),
		Last:        torch.Zeros([]int{1}),
		hidden:      torch.Zeros([]int{1}),
		Flatten:     nn.NewFlatten(),
		Body:        nn.NewSequential(nn.NewLinear(6, 4), nn.NewReLU(), newBlockLayer()),
		Heads:       nn.NewModuleList(nn.NewLinear(4, 2), nn.NewLinear(4, 2), nn.NewLinear(4, 2)),
		InProj:      nn.NewLinear(4, 4, nn.LinearOptions{Bias: new(false)}),
		OutProj:     nn.NewLinear(4, 4, nn.LinearOptions{Bias: new(false)}),
		Loss:        nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{Weight: torch.Ones([]int{2})}),
	}
	net.OutProj.Weight = net.InProj.Weight
	net.First = net.Body.At(0)
	net.Again = net.Flatten
	return nn.Init(net)
}

// Forward makes Block a layer.
func (b *Block) Forward(x *torch.Tensor) *torch.Tensor { return b.Act.Forward(b.FC.Forward(x)) }

func newBlockLayer() nn.Layer { return newBlock() }

func tensorNames(list []nn.NamedTensor) []string {
	var names []string
	for _, n := range list {
		names = append(names, n.Name)
	}
	return names
}

func moduleNames(list []nn.NamedModule) []string {
	var names []string
	for _, n := range list {
		names = append(names, n.Name)
	}
	return names
}

func TestNamesAndOrderArePythons(t *testing.T) {
	c, _ := golden(t)
	net := newNet()
	assert.Equal(t, c.Structure.Parameters, tensorNames(net.NamedParameters()))
	assert.Equal(t, c.Structure.Buffers, tensorNames(net.NamedBuffers()))
	assert.Equal(t, c.Structure.Modules, moduleNames(net.NamedModules()))
	assert.Equal(t, c.Structure.Children, moduleNames(net.NamedChildren()))
	assert.Equal(t, c.Structure.StateDict, net.StateDict().Names())
	var applied []string
	net.Apply(func(m nn.AnyModule) {
		name, _, _ := strings.Cut(reflect.TypeOf(m).Elem().Name(), "[")
		applied = append(applied, name)
	})
	assert.Equal(t, c.Structure.Applied, applied)

	assert.Len(t, net.Parameters(), len(c.Structure.Parameters))
	assert.Same(t, net.Scale, net.Parameters()[0])
	assert.Same(t, net.RunningMean, net.Buffers()[0])
	assert.Same(t, net, net.Modules()[0])
	assert.Same(t, net.Flatten, net.Children()[0])
}

func TestSharedParameterIsOne(t *testing.T) {
	net := newNet()
	x := torch.Ones([]int{1, 4})
	net.OutProj.Forward(net.InProj.Forward(x)).Sum().Backward()
	n := 0
	for _, p := range net.Parameters() {
		if p == net.InProj.Weight {
			n++
		}
	}
	assert.Equal(t, 1, n)
	// y = Σ W·W·x: both uses add to the one gradient.
	assert.Equal(t, torch.ToSlice[float32](net.InProj.Weight.Grad()), torch.ToSlice[float32](net.OutProj.Weight.Grad()))
	net.To(torch.Float64)
	assert.Same(t, net.InProj.Weight, net.OutProj.Weight)
	assert.Equal(t, torch.Float64, net.OutProj.Weight.DType())
}

func TestFieldsMayChangeAfterInit(t *testing.T) {
	net := newNet()
	net.Absent = nn.NewLinear(1, 1)
	net.Bias = nn.NewParameter(torch.Zeros([]int{1}))
	net.RunningMean = nil
	names := net.StateDict().Names()
	assert.Contains(t, names, "absent.weight")
	assert.Contains(t, names, "bias")
	assert.NotContains(t, names, "running_mean")
}

func TestNamesOfFields(t *testing.T) {
	type Odd struct {
		nn.Module
		FC1, InProjWeight, LayerNorm2, W, QKVBias, X1Y *torch.Tensor
	}
	p := func() *torch.Tensor { return nn.NewParameter(torch.Zeros([]int{1})) }
	odd := nn.Init(&Odd{FC1: p(), InProjWeight: p(), LayerNorm2: p(), W: p(), QKVBias: p(), X1Y: p()})
	assert.Equal(t, []string{"fc1", "in_proj_weight", "layer_norm2", "w", "qkv_bias", "x1_y"}, tensorNames(odd.NamedParameters()))
}

type Base struct {
	nn.Module
	FC *nn.Linear
}

type Derived struct {
	Base
	Head *nn.Linear
}

func TestEmbeddedModuleGivesItsParts(t *testing.T) {
	d := nn.Init(&Derived{Base: Base{FC: nn.NewLinear(2, 2)}, Head: nn.NewLinear(2, 1)})
	assert.Equal(t, []string{"fc.weight", "fc.bias", "head.weight", "head.bias"}, d.StateDict().Names())
	assert.Contains(t, d.String(), "Derived(\n  (fc): Linear(")
}

func TestInitRefuses(t *testing.T) {
	type Tagged struct {
		nn.Module
		A *torch.Tensor `nn:",bufer"`
	}
	assert.Equal(t, "nn.Init: field A has an unknown tag: ,bufer", torchtest.Fails(t, func() { nn.Init(&Tagged{}) }).Error())
	type Twice struct {
		nn.Module
		A *torch.Tensor
		B *nn.Linear `nn:"a"`
	}
	assert.Equal(t, "nn.Module: attribute 'a' already exists", torchtest.Fails(t, func() { nn.Init(&Twice{}) }).Error())
	type Dotted struct {
		nn.Module
		A *torch.Tensor `nn:"a.b"`
	}
	assert.Contains(t, torchtest.Fails(t, func() { nn.Init(&Dotted{}) }).Message, `parameter name can't contain "."`)
	type ByValue struct {
		nn.Module
		FC nn.Linear
	}
	assert.Equal(t, "nn.Init: field ByValue.FC holds a module by value: make it a pointer, or tag it `nn:\"-\"` to leave it alone",
		torchtest.Fails(t, func() { nn.Init(&ByValue{}) }).Error())
	type Wrapped struct{ *nn.Linear }
	assert.Contains(t, torchtest.Fails(t, func() { nn.Init(&Wrapped{nn.NewLinear(1, 1)}) }).Message, "embed nn.Module, and name the field")
}

func TestForgettingInitSaysSo(t *testing.T) {
	const want = "nn.Module: the module was not initialized: make it with nn.Init(&T{...})"
	net := &Net{Flatten: nn.NewFlatten()}
	for name, f := range map[string]func(){
		"Parameters":        func() { net.Parameters() },
		"NamedBuffers":      func() { net.NamedBuffers() },
		"Modules":           func() { net.Modules() },
		"Children":          func() { net.Children() },
		"StateDict":         func() { net.StateDict() },
		"LoadStateDict":     func() { given(net.LoadStateDict(nil)) },
		"Train":             func() { net.Train() },
		"Eval":              func() { net.Eval() },
		"ZeroGrad":          func() { net.ZeroGrad() },
		"To":                func() { net.To(torch.Float64) },
		"Apply":             func() { net.Apply(func(nn.AnyModule) {}) },
		"SetRequiresGrad":   func() { net.SetRequiresGrad(false) },
		"RegisterModule":    func() { net.RegisterModule("a", nn.NewReLU()) },
		"RegisterParameter": func() { net.RegisterParameter("a", nil) },
		"RegisterBuffer":    func() { net.RegisterBuffer("a", nil, true) },
	} {
		assert.Equal(t, want, torchtest.Fails(t, f).Error(), name)
	}
	assert.Equal(t, `nn.Module: module "0" was not initialized: make it with nn.Init(&T{...})`,
		torchtest.Fails(t, func() { nn.NewSequential(&nn.ReLU{}) }).Error())
	assert.Equal(t, "Module(not initialized)", net.String())
}

func TestRegister(t *testing.T) {
	net := newNet()
	net.RegisterModule("more", nn.NewLinear(1, 1))
	net.RegisterParameter("p", nn.NewParameter(torch.Zeros([]int{1})))
	net.RegisterParameter("none", nil)
	net.RegisterBuffer("kept", torch.Zeros([]int{1}), true)
	net.RegisterBuffer("passing", torch.Zeros([]int{1}), false)
	names := net.StateDict().Names()
	assert.Equal(t, []string{"w", "p", "running_mean", "count", "kept"}, names[:5])
	assert.Equal(t, []string{"more.weight", "more.bias"}, names[len(names)-2:])
	assert.Equal(t, []string{"running_mean", "cache", "count", "kept", "passing", "loss.weight"}, tensorNames(net.NamedBuffers()))
	for _, taken := range []string{"w", "running_mean", "cache", "body", "more", "p", "none", "passing"} {
		assert.Equal(t, "attribute '"+taken+"' already exists",
			torchtest.Fails(t, func() { net.RegisterBuffer(taken, nil, true) }).Message)
	}
	net.RegisterModule("nothing", nil)
	assert.NotContains(t, moduleNames(net.NamedModules()), "nothing")
	inner := nn.NewSequential()
	outer := nn.NewSequential(nn.NewSequential(inner))
	assert.Equal(t, `nn.Module: module "0" would hold itself`, torchtest.Fails(t, func() { inner.Append(outer) }).Error())
	assert.Equal(t, 0, inner.Len())
}

func TestRegisterRefusesInPythonsWords(t *testing.T) {
	c, _ := golden(t)
	net := newNet()
	for name, f := range map[string]func(){
		"module_name_dot":      func() { net.RegisterModule("a.b", nn.NewReLU()) },
		"module_name_empty":    func() { net.RegisterModule("", nn.NewReLU()) },
		"module_name_taken":    func() { net.RegisterBuffer("w", torch.Zeros([]int{1}), true) },
		"parameter_name_dot":   func() { net.RegisterParameter("a.b", nil) },
		"parameter_name_empty": func() { net.RegisterParameter("", nil) },
		"parameter_name_taken": func() { net.RegisterParameter("body", nil) },
		"parameter_no_leaf":    func() { net.RegisterParameter("p", net.Scale.Mul(2)) },
		"buffer_name_dot":      func() { net.RegisterBuffer("a.b", nil, true) },
		"buffer_name_empty":    func() { net.RegisterBuffer("", nil, true) },
	} {
		assert.Equal(t, c.Errors[name], torchtest.Fails(t, f).Message, name)
	}
}

func TestTrainAndEval(t *testing.T) {
	net := newNet()
	all := func(want bool) {
		t.Helper()
		for _, m := range net.NamedModules() {
			assert.Equal(t, want, m.Module.(interface{ IsTraining() bool }).IsTraining(), m.Name)
		}
	}
	all(true)
	net.Eval()
	all(false)
	net.Train()
	all(true)
	net.Train(false)
	all(false)
	net.Body.Train()
	assert.True(t, net.Body.At(2).(*Block).Act.IsTraining())
	assert.False(t, net.IsTraining())
	assert.False(t, net.Heads.IsTraining())
}

func TestZeroGradAndSetRequiresGrad(t *testing.T) {
	net := newNet()
	net.Body.Forward(torch.Ones([]int{2, 6})).Sum().Backward()
	require.NotNil(t, net.First.(*nn.Linear).Weight.Grad())
	net.ZeroGrad()
	for _, p := range net.NamedParameters() {
		assert.Nil(t, p.Tensor.Grad(), p.Name)
	}
	net.SetRequiresGrad(false)
	for _, p := range net.NamedParameters() {
		assert.False(t, p.Tensor.RequiresGrad(), p.Name)
	}
	assert.False(t, net.Body.Forward(torch.Ones([]int{2, 6})).RequiresGrad())
	net.SetRequiresGrad(true)
	assert.True(t, net.Body.Forward(torch.Ones([]int{2, 6})).RequiresGrad())
}

func TestParametersOutliveTheirScope(t *testing.T) {
	var net *Net
	var fresh *torch.Tensor
	torch.Scope(func() {
		net = newNet()
		net.RegisterBuffer("late", torch.Ones([]int{1}), true)
		net.RegisterParameter("p", parameter(1))
		net.To(torch.Float64)
		fresh = torch.Ones([]int{1})
	})
	assert.True(t, fresh.IsClosed())
	for _, n := range append(net.NamedParameters(), net.NamedBuffers()...) {
		assert.False(t, n.Tensor.IsClosed(), n.Name)
	}
	x := torch.Ones([]int{2, 6}, torch.TensorOptions{DType: torch.Float64})
	assert.Equal(t, []int{2, 4}, net.Body.Forward(x).Shape())
}

func TestNewParameter(t *testing.T) {
	c, exact := golden(t)
	x := torch.Ones([]int{2})
	p := nn.NewParameter(x)
	assert.True(t, p.RequiresGrad() && p.IsLeaf())
	assert.False(t, x.RequiresGrad())
	x.FillInplace(3) // the memory is shared
	assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](p))
	e := torchtest.Fails(t, func() { nn.NewParameter(torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Int64})) })
	if exact {
		assert.Contains(t, strings.ToLower(e.Message), strings.ToLower(c.Errors["parameter_dtype"][:len("Only Tensors of floating point")]))
	}
}

// given panics with the error that a function returned beside a value.
func given[T any](_ T, err error) {
	if err != nil {
		panic(err)
	}
}
