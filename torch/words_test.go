package torch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// An error of a closed tensor says who closed it and what to do.
func TestClosedByWhom(t *testing.T) {
	const (
		byClose = "is closed: Close was called on it, here or on another goroutine; Clone before Close keeps the values"
		byScope = "is closed: the Scope it was made in has ended; Keep within the Scope saves it, or make it outside"
		byLoan  = "is closed: it was lent for one turn of a loop, as a data loader lends its batches, and the loop went on; Keep or Clone within the turn saves it"
		byCopy  = "is closed: it is a zero Tensor or a copy of one by value; use the *Tensor that a function of torch returned"
	)
	closed := torch.Ones([]int{2})
	closed.Close()
	var inner, kept, lent *torch.Tensor
	var release func()
	torch.Scope(func() {
		inner = torch.Ones([]int{2})
		kept = torch.Ones([]int{2}).Keep()
		lent = torch.Ones([]int{2})
		release = torch.Lend(lent)
	})
	defer kept.Close()
	assert.Equal(t, 2, kept.Numel())
	assert.Equal(t, 2, lent.Numel(), "it is lent on")
	release()
	x := torch.Ones([]int{2})
	for _, c := range []struct {
		x    *torch.Tensor
		want string
	}{{closed, byClose}, {inner, byScope}, {lent, byLoan}, {&torch.Tensor{}, byCopy}} {
		assert.Equal(t, "the tensor "+c.want, torchtest.Fails(t, func() { c.x.Shape() }).Message)
		assert.Equal(t, "the tensor "+c.want, torchtest.Fails(t, func() { torch.ToSlice[float32](c.x) }).Message)
		assert.Equal(t, "argument 'self' "+c.want, torchtest.Fails(t, func() { c.x.Exp() }).Message)
		assert.Equal(t, "argument 'other' "+c.want, torchtest.Fails(t, func() { x.Add(c.x) }).Message)
		assert.Equal(t, "argument 'tensors' "+c.want, torchtest.Fails(t, func() { torch.Cat([]*torch.Tensor{x, c.x}, 0) }).Message)
		assert.Equal(t, "argument 'self' "+c.want, torchtest.Fails(t, func() { c.x.Item() }).Message)
		assert.Equal(t, "argument 'self' "+c.want, torchtest.Fails(t, func() { c.x.FillInplace(1) }).Message)
	}
}

// What errors advise is there in Go.
func TestAdvice(t *testing.T) {
	leaf := func() *torch.Tensor { return torch.Ones([]int{2, 2}, torch.TensorOptions{RequiresGrad: true}) }
	for want, f := range map[string]func(){
		"Set RetainGraph in BackwardOptions or GradOptions to new(true) if you need to backward through the graph a second time": func() {
			y := leaf().Exp().Sum()
			y.Backward()
			y.Backward()
		},
		"freed when you call Backward or autograd.Grad.": func() {
			y := leaf().Exp().Sum()
			y.Backward()
			y.Backward()
		},
		"Set GradOptions.AllowUnused if this is the desired behavior": func() {
			autograd.Grad([]*torch.Tensor{leaf().Sum()}, []*torch.Tensor{leaf()})
		},
		"or use torch.NoGrad instead of torch.InferenceMode": func() {
			var x *torch.Tensor
			torch.InferenceMode(func() { x = torch.Ones([]int{2, 2}) })
			leaf().Mul(x)
		},
		"either both inside torch.NoGrad": func() {
			x := leaf()
			var view *torch.Tensor
			torch.NoGrad(func() { view = x.View(-1) })
			view.MulInplace(2)
		},
		"Hint: enable anomaly detection to find the operation that failed to compute its gradient, with autograd.DetectAnomaly": func() {
			y := leaf().Exp()
			z := y.Sum()
			y.MulInplace(2)
			z.Backward()
		},
		"please call Coalesce first":  func() { torch.SparseCOOTensor(torch.NewTensor([][]int{{0, 0}}), torch.Ones([]int{2})).Indices() },
		"Use Reshape instead.":        func() { torch.Ones([]int{2, 3}).T().View(-1) },
		"use Item, Int or Complex":    func() { torch.Ones([]int{}).Index(0) },
		"RetainGrad cannot be called": func() { torch.Ones([]int{1}).RetainGrad() },
		"but you set torch.UseDeterministicAlgorithms(true). You can turn off determinism just for this operation, or you can use DeterministicOptions.WarnOnly": func() {
			torch.UseDeterministicAlgorithms(true)
			defer torch.UseDeterministicAlgorithms(false)
			torch.Ones([]int{2}).PutInplace(torch.NewTensor([]int{0}), torch.Ones([]int{1}))
		},
	} {
		if torchtest.Old() {
			continue // its words differ
		}
		message := torchtest.Fails(t, f).Message
		assert.Contains(t, strings.ToLower(message), strings.ToLower(want))
		assert.NotRegexp(t, `=True|\.detach\(|no_grad|inference_mode\b|\.item\(|retain_graph|set_detect`, message)
	}
}

// Errors name dtypes, layouts and memory formats rather than number them.
func TestArgumentsAreNamed(t *testing.T) {
	e := torchtest.Fails(t, func() { torch.Zeros([]int{-1}, torch.TensorOptions{DType: torch.Float64, Layout: torch.Strided}) })
	assert.Contains(t, e.Arguments, "dtype Double")
	assert.Contains(t, e.Arguments, "layout Strided")
	e = torchtest.Fails(t, func() { torch.Ones([]int{2}).SumWith(torch.ReduceOptions{Dim: []int{5}, DType: torch.BFloat16}) })
	assert.Contains(t, e.Arguments, "dtype BFloat16")
}

// A second options struct is refused rather than lost.
func TestSecondOptionsAreRefused(t *testing.T) {
	o := torch.TensorOptions{DType: torch.Float64}
	for want, f := range map[string]func(){
		"2 torch.TensorOptions were given, want one at most: put what they say into one": func() { torch.Ones([]int{1}, o, torch.TensorOptions{}) },
		"3 torch.TensorOptions were given":                                               func() { torch.NewTensor(1, o, o, o) },
		"2 autograd.AnomalyOptions were given":                                           func() { autograd.DetectAnomaly(func() {}, autograd.AnomalyOptions{}, autograd.AnomalyOptions{}) },
		"2 torch.Device were given":                                                      func() { torch.NewGenerator(torch.CPU, torch.CPU) },
	} {
		e := torchtest.Fails(t, f)
		assert.Contains(t, e.Message, want)
		assert.Equal(t, torch.TypeError, e.Kind)
	}
	require.Equal(t, torch.Float64, torch.Ones([]int{1}, o).DType())
}
