package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestDeepCopy(t *testing.T) {
	net := newNet()
	net.Body.Forward(torch.Ones([]int{2, 6})).Sum().Backward()
	net.Heads.At(0).Weight.SetRequiresGrad(false)
	net.RegisterBuffer("late", torch.Ones([]int{1}), true)
	net.RegisterModule("more", net.Body)
	net.Body.Eval()
	c := nn.DeepCopy(net)

	assert.Equal(t, net.String(), c.String())
	assert.Equal(t, elements(net.StateDict()), elements(c.StateDict()))
	assert.Equal(t, moduleNames(net.NamedModules()), moduleNames(c.NamedModules()))
	for i, n := range c.NamedParameters() {
		of := net.NamedParameters()[i]
		assert.Equal(t, of.Name, n.Name)
		assert.NotSame(t, of.Tensor, n.Tensor, n.Name)
		assert.Equal(t, of.Tensor.RequiresGrad(), n.Tensor.RequiresGrad(), n.Name)
		assert.True(t, n.Tensor.IsLeaf(), n.Name)
		assert.Nil(t, n.Tensor.Grad(), n.Name)
		n.Tensor.Detach().FillInplace(9) // the memory is the copy's own
	}
	assert.NotEqual(t, 9.0, net.Scale.Detach().Select(0, 0).Item())

	assert.Same(t, c.InProj.Weight, c.OutProj.Weight, "what is shared stays shared")
	assert.Same(t, c.Flatten, c.Again)
	assert.Same(t, c.Body.At(0), c.First)
	assert.Same(t, c.Body, c.GetSubmodule("more"))
	assert.NotSame(t, net.First, c.First)
	assert.NotSame(t, net.Last, c.Last, "tensors that are no part of the module are copied, too")
	assert.NotSame(t, net.hidden, c.hidden)
	assert.True(t, c.IsTraining())
	assert.False(t, c.Body.IsTraining())

	c.Bias = parameter(1) // a field of the copy is a part of the copy
	assert.Contains(t, c.StateDict().Names(), "bias")
	assert.NotContains(t, net.StateDict().Names(), "bias")
	assert.Equal(t, []float32{9, 9}, torch.ToSlice[float32](c.GetParameter("w")))
	assert.Equal(t, "body.0", torchtest.Fails(t, func() { c.Body.Forward(torch.Ones([]int{2, 5})) }).Module)
}

func TestDeepCopyKeepsHooks(t *testing.T) {
	l := nn.NewLinear(2, 1)
	var called []nn.AnyModule
	h := l.RegisterForwardPreHook(func(module nn.AnyModule, _ []*torch.Tensor) []*torch.Tensor {
		called = append(called, module)
		return nil
	})
	saved := 0
	l.RegisterStateDictPreHook(func(nn.AnyModule, string) { saved++ })
	c := nn.DeepCopy(l)
	x := torch.Ones([]int{1, 2})
	assert.Equal(t, torch.ToSlice[float32](l.Forward(x)), torch.ToSlice[float32](c.Forward(x)))
	assert.Len(t, called, 2)
	assert.Same(t, l, called[0])
	assert.Same(t, c, called[1])
	h.Remove()
	l.Forward(x)
	c.Forward(x)
	assert.Len(t, called, 3)
	assert.Same(t, c, called[2], "the copy's hook is its own")
	c.StateDict()
	assert.Equal(t, 1, saved)
}

// Held has modules and tensors in all kinds of places.
type Held struct {
	nn.Module
	Modules map[string]nn.Layer      `nn:"-"`
	Tensors [][]*torch.Tensor        `nn:"-"`
	Pair    [2]*torch.Tensor         `nn:"-"`
	inner   struct{ layer nn.Layer } `nn:"-"`
	Any     any                      `nn:"-"`
	Sizes   []int
	Next    *Held `nn:"-"`
}

func TestDeepCopyFindsWhatIsHeld(t *testing.T) {
	relu, x := nn.NewReLU(), torch.Ones([]int{1})
	h := &Held{Modules: map[string]nn.Layer{"a": relu}, Tensors: [][]*torch.Tensor{{x}, nil}, Pair: [2]*torch.Tensor{x, nil},
		Any: relu, Sizes: []int{1}}
	h.inner.layer = relu
	nn.Init(h)
	h.Next = h // a circle
	c := nn.DeepCopy(h)
	assert.NotSame(t, relu, c.Any)
	assert.Same(t, c.Any, c.Modules["a"])
	assert.Same(t, c.Any, c.inner.layer)
	assert.NotSame(t, x, c.Pair[0])
	assert.Same(t, c.Pair[0], c.Tensors[0][0])
	assert.Nil(t, c.Tensors[1])
	assert.Nil(t, c.Pair[1])
	assert.Same(t, c, c.Next)
	c.Sizes[0] = 2
	assert.Equal(t, []int{1}, h.Sizes)
}

func TestDeepCopyOfALazyModule(t *testing.T) {
	l := nn.NewLazyLinear(2)
	before := nn.DeepCopy(l)
	net := nn.NewSequential(l)
	x := torch.Ones([]int{1, 3})
	net.Forward(x)
	after := nn.DeepCopy(net)
	assert.Equal(t, net.String(), after.String())
	assert.Equal(t, torch.ToSlice[float32](net.Forward(x)), torch.ToSlice[float32](after.Forward(x)))
	assert.Equal(t, []int{1, 2}, before.Forward(torch.Ones([]int{1, 5})).Shape())
	assert.Equal(t, []int{2, 3}, l.Weight.Shape())
}

func TestDeepCopyRefuses(t *testing.T) {
	h := nn.Init(&Held{Any: parameter(1).Mul(2)})
	assert.Contains(t, torchtest.Fails(t, func() { nn.DeepCopy(h) }).Message, "Only Tensors created explicitly by the user (graph leaves)")
	assert.Contains(t, torchtest.Fails(t, func() { nn.DeepCopy(&Held{}) }).Message, "was not initialized")
}
