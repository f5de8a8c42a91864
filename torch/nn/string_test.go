package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func TestModulesPrintAsInPython(t *testing.T) {
	c, _ := golden(t)
	list := nn.NewModuleList[nn.Layer]
	relus := func() *nn.ModuleList[*nn.ReLU] { return nn.NewModuleList(nn.NewReLU(), nn.NewReLU()) }
	modules := map[string]fmt.Stringer{
		"net":            newNet(),
		"linear":         nn.NewLinear(3, 4),
		"linear no bias": nn.NewLinear(3, 4, nn.LinearOptions{Bias: new(false)}),
		"relu":           nn.NewReLU(),
		"relu inplace":   nn.NewReLU(nn.ReLUOptions{Inplace: true}),
		"flatten":        nn.NewFlatten(),
		"flatten dims":   nn.NewFlatten(nn.FlattenOptions{StartDim: new(0), EndDim: new(-2)}),
		"loss": nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{
			Reduction: functional.ReductionSum, LabelSmoothing: 0.1}),
		"sequential":        nn.NewSequential(nn.NewLinear(3, 4), nn.NewReLU(), nn.NewLinear(4, 1)),
		"sequential empty":  nn.NewSequential(),
		"sequential nested": nn.NewSequential(nn.NewSequential(nn.NewSequential(nn.NewReLU())), nn.NewSequential()),
		"list empty":        list(),
		"list one":          list(nn.NewReLU()),
		"list mixed": list(nn.NewLinear(1, 2), nn.NewLinear(1, 2), nn.NewReLU(), nn.NewReLU(), nn.NewReLU(),
			nn.NewLinear(1, 2), newBlock(), newBlock()),
		"list of lists": nn.NewModuleList(relus(), relus()),
		"block":         newBlock(),

		"sequential named": nn.NewSequential().Add("fc", nn.NewLinear(4, 2)).Add("relu", nn.NewReLU()),
		"dict": nn.NewModuleDict[nn.Layer]().Set("relu", nn.NewReLU()).Set("again", nn.NewReLU()).
			Set("fc", nn.NewLinear(2, 1)),
		"parameter list":     nn.NewParameterList(parameter(2, 3), nn.NewParameter(torch.NewTensor(1.0, torch.TensorOptions{DType: torch.Float32}))),
		"parameter list one": nn.NewParameterList(nn.NewParameter(torch.FromSlice([]float64{1, 1, 1}))),
		"parameter dict": nn.NewParameterDict().Set("b", parameter(2, 3)).
			Set("a", nn.NewParameter(torch.FromSlice([]float64{1, 1}))),
	}
	assert.Len(t, modules, len(c.Structure.Printed))
	for name, want := range c.Structure.Printed {
		assert.Equal(t, want, modules[name].String(), name)
		assert.Equal(t, want, fmt.Sprint(modules[name]), name)
	}
}

type twoLines struct {
	nn.Module
	Act *nn.ReLU
}

func (*twoLines) ExtraRepr() string { return "a=1\nb=2" }

func TestExtraReprOfSeveralLines(t *testing.T) {
	assert.Equal(t, "twoLines(\n  a=1\n  b=2\n  (act): ReLU()\n)", nn.Init(&twoLines{Act: nn.NewReLU()}).String())
	assert.Equal(t, "twoLines(\n  a=1\n  b=2\n)", nn.Init(&twoLines{}).String())
}
