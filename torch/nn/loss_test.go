package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func TestCrossEntropyLoss(t *testing.T) {
	c, exact := golden(t)
	for _, g := range c.CrossEntropy {
		t.Run(g.Name, func(t *testing.T) {
			options := functional.CrossEntropyOptions{
				IgnoreIndex: g.IgnoreIndex, Reduction: functional.Reduction(g.Reduction), LabelSmoothing: g.LabelSmoothing}
			if g.Weight != nil {
				options.Weight = g.Weight.Make(t)
			}
			x := g.X.Make(t).SetRequiresGrad(true)
			loss := nn.NewCrossEntropyLoss(options).Forward(x, g.Target.Make(t))
			g.Loss.Check(t, loss, exact, tolerance, "loss")
			total := loss
			if loss.Dim() > 0 { // the golden gradient is that of a weighted sum
				total = loss.Mul(torch.Arange(1, loss.Numel()+1, 1).View(loss.Shape()...)).Sum()
			}
			total.Backward()
			g.Grad.Check(t, x.Grad(), exact, tolerance, "gradient")
			again := functional.CrossEntropy(x, g.Target.Make(t), options)
			assert.Equal(t, torch.ToSlice[float64](loss), torch.ToSlice[float64](again))
		})
	}
}

func TestCrossEntropyLossOnBadInput(t *testing.T) {
	c, _ := golden(t)
	x, target := torch.Zeros([]int{1, 2}), torch.FromSlice([]int{0})

	l := nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{Reduction: "middle"})
	e := torchtest.Fails(t, func() { l.Forward(x, target) })
	assert.Equal(t, c.Errors["reduction"], e.Message)
	assert.Equal(t, torch.ValueError, e.Kind)

	l = nn.NewCrossEntropyLoss()
	e = torchtest.Fails(t, func() { l.Forward(x, torch.FromSlice([]int{2})) })
	assert.Equal(t, torch.IndexError, e.Kind)
	assert.Contains(t, e.Message, c.Errors["target_range"])
	e = torchtest.Fails(t, func() { l.Forward(torch.Zeros([]int{2, 2}), target) })
	assert.Contains(t, e.Message, c.Errors["target_batch"])
	_ = torchtest.Fails(t, func() { l.Forward(x, nil) })
	_ = torchtest.Fails(t, func() { l.Forward(x, torch.FromSlice([]float32{0.5})) })

	l = nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{LabelSmoothing: 1.5})
	e = torchtest.Fails(t, func() { l.Forward(x, target) })
	assert.Contains(t, e.Message, c.Errors["smoothing"])
}

func TestCrossEntropyLossHasItsWeightAsBuffer(t *testing.T) {
	var l *nn.CrossEntropyLoss
	torch.Scope(func() {
		l = nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{Weight: torch.FromSlice([]float32{1, 3})})
	})
	assert.Equal(t, []string{"weight"}, l.StateDict().Names())
	assert.Empty(t, l.Parameters())
	l.To(torch.Float64)
	x := torch.Zeros([]int{2, 2}, torch.TensorOptions{DType: torch.Float64})
	// Equal scores cost log 2 each; the weights of the classes are 1 and 3.
	assert.InDelta(t, 0.6931471805599453, l.Forward(x, torch.FromSlice([]int{0, 1})).Item(), 1e-15)
	x.Select(0, 1).Select(0, 1).FillInplace(1) // the second's loss is log(1 + 1/e)
	assert.InDelta(t, (0.6931471805599453+3*0.31326168751822286)/4, l.Forward(x, torch.FromSlice([]int{0, 1})).Item(), 1e-15)
}

// Python's 11 // 1.1 is 9, although 11 / 1.1 rounds to 10.
func TestAdaptiveLogSoftmaxDividesAsPython(t *testing.T) {
	hidden := func(cutoffs []int, divValue float64) (list []int) {
		a := nn.NewAdaptiveLogSoftmaxWithLoss(11, 20, cutoffs, nn.AdaptiveLogSoftmaxOptions{DivValue: &divValue})
		for _, cluster := range a.Tail.All() {
			list = append(list, cluster.At(0).(*nn.Linear).Weight.Size(0))
		}
		return list
	}
	assert.Equal(t, []int{9}, hidden([]int{5}, 1.1))
	assert.Equal(t, []int{6, 3, 2}, hidden([]int{5, 8, 12}, 1.7))
}
