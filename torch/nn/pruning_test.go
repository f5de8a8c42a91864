package nn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/prune"
)

func globalNet(method prune.Method) *nn.Sequential {
	a, b := nn.NewLinear(4, 3), nn.NewLinear(3, 2)
	prune.L1Unstructured(a, "weight", 2)
	prune.GlobalUnstructured([]prune.Parameter{{Module: a, Name: "weight"}, {Module: b, Name: "weight"}, {Module: b, Name: "bias"}}, method)
	return nn.NewSequential(a, nn.NewReLU(), b)
}

func TestPruningIsThatOfPython(t *testing.T) {
	mask := torch.FromSlice([]int{1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0}, 3, 4)
	scores := torch.Arange(0, 12, 1).To(torch.Float32).View(3, 4)
	newLinear := func() *nn.Linear { return nn.NewLinear(4, 3) }
	linear := func(steps ...func(l *nn.Linear)) maker {
		return layer(func() *nn.Linear {
			l := newLinear()
			for _, step := range steps {
				step(l)
			}
			return l
		})
	}
	l1 := func(amount prune.Amount) func(l *nn.Linear) {
		return func(l *nn.Linear) { prune.L1Unstructured(l, "weight", amount) }
	}
	ln := func(amount prune.Amount, n any, dim int) func(l *nn.Linear) {
		return func(l *nn.Linear) { prune.LnStructured(l, "weight", amount, n, dim) }
	}
	custom := func(l *nn.Linear) { prune.CustomFromMask(l, "weight", mask) }
	checkModulesAndErrors(t, "testdata/pruning.json.gz", map[string]maker{
		"identity":   linear(func(l *nn.Linear) { prune.Identity(l, "weight") }),
		"random":     linear(func(l *nn.Linear) { prune.RandomUnstructured(l, "weight", 0.3) }),
		"l1":         linear(l1(0.5)),
		"l1 number":  linear(func(l *nn.Linear) { prune.L1Unstructured(l, "bias", 1) }),
		"l1 nothing": linear(l1(0)),
		"l1 scores": linear(func(l *nn.Linear) {
			prune.L1Unstructured(l, "weight", 5, prune.Options{ImportanceScores: scores})
		}),
		"random rows":    linear(func(l *nn.Linear) { prune.RandomStructured(l, "weight", 1, 0) }),
		"random columns": linear(func(l *nn.Linear) { prune.RandomStructured(l, "weight", 0.5, -1) }),
		"ln rows":        linear(ln(0.5, 2, 0)),
		"ln columns":     linear(ln(2, math.Inf(-1), 1)),
		"ln channels": layer(func() *nn.Conv2d {
			return prune.LnStructured(nn.NewConv2d(2, 3, 2), "weight", 1, 1, 0)
		}),
		"ln frobenius":  linear(ln(1, "fro", 0)),
		"custom":        linear(custom),
		"again":         linear(l1(3), l1(0.5)),
		"again, rows":   linear(l1(3), ln(1, 2, 0), ln(1, 2, 0)),
		"again, custom": linear(l1(3), custom),
		"global":        layer(func() *nn.Sequential { return globalNet(prune.NewL1Unstructured(0.4)) }),
		"global random": layer(func() *nn.Sequential { return globalNet(prune.NewRandomUnstructured(6)) }),
		"removed":       linear(l1(3), func(l *nn.Linear) { prune.Remove(l, "weight") }),
	}, map[string]func(){
		"share":      func() { prune.L1Unstructured(newLinear(), "weight", 1.5) },
		"negative":   func() { prune.RandomUnstructured(newLinear(), "weight", -1) },
		"too many":   func() { prune.L1Unstructured(newLinear(), "weight", 13) },
		"dimensions": func() { prune.RandomStructured(newLinear(), "bias", 1, 0) },
		"dim":        func() { prune.LnStructured(newLinear(), "weight", 1, 2, 2) },
		"scores": func() {
			prune.L1Unstructured(newLinear(), "weight", 1, prune.Options{ImportanceScores: torch.Ones([]int{3})})
		},
		"mask":       func() { prune.CustomFromMask(newLinear(), "weight", torch.Ones([]int{3})) },
		"not pruned": func() { prune.Remove(newLinear(), "weight") },
	})
}

func TestPrunedParametersFollowTheOptimizer(t *testing.T) {
	l := prune.L1Unstructured(nn.NewLinear(2, 1), "weight", 1)
	net := nn.NewSequential(nn.NewReLU(), l)
	assert.True(t, prune.IsPruned(net))
	torch.NoGrad(func() { l.GetParameter("weight_orig").FillInplace(5) })
	c := nn.DeepCopy(l)
	for _, layer := range []*nn.Linear{l, c} {
		y := layer.Forward(torch.Ones([]int{1, 2})).Sub(layer.Bias)
		assert.InDelta(t, 5, y.Item(), 1e-5, "one of two is left")
	}
	weight := l.GetParameter("weight_orig")
	prune.Remove(l, "weight")
	assert.Same(t, weight, l.Weight, "an optimizer has the same parameter")
	assert.False(t, prune.IsPruned(net))
	assert.Equal(t, []string{"bias", "weight"}, l.StateDict().Names())
	assert.Contains(t, torchtest.Fails(t, func() { prune.L1Unstructured(l, "weight", "all") }).Message, "Invalid type for amount")
	assert.Contains(t, torchtest.Fails(t, func() {
		prune.GlobalUnstructured([]prune.Parameter{{Module: l, Name: "weight"}}, prune.NewRandomStructured(1, 0))
	}).Message, `Only "unstructured"`)
}
