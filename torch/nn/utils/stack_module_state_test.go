package utils_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fn"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
)

// ensemble runs all models, whose tensors are stacked, on the same input.
func ensemble(model nn.Layer, stacked nn.StateDict, x *torch.Tensor) *torch.Tensor {
	tensors := make([]*torch.Tensor, len(stacked))
	for i, s := range stacked {
		tensors[i] = s.Tensor
	}
	return fn.Vmap(func(tensors ...*torch.Tensor) *torch.Tensor {
		one := map[string]*torch.Tensor{}
		for i, s := range stacked {
			one[s.Name] = tensors[i]
		}
		return utils.FunctionalCall(model, one, func() *torch.Tensor { return model.Forward(x) })
	})(tensors...)
}

func TestStackModuleState(t *testing.T) {
	models := []*nn.Sequential{}
	for range 3 {
		model := nn.NewSequential(nn.NewLinear(2, 4), nn.NewBatchNorm1d(4))
		model.At(0).(*nn.Linear).Bias.SetRequiresGrad(false)
		model.Eval()
		models = append(models, model)
	}
	x := torch.Randn([]int{5, 2})
	parameters, buffers := utils.StackModuleState(models)
	assert.Equal(t, []string{"0.weight", "0.bias", "1.weight", "1.bias"}, parameters.Names())
	assert.Equal(t, []string{"1.running_mean", "1.running_var", "1.num_batches_tracked"}, buffers.Names())
	weight := parameters.Get("0.weight")
	assert.Equal(t, []int{3, 4, 2}, weight.Shape())
	assert.True(t, weight.RequiresGrad() && weight.IsLeaf())
	assert.False(t, parameters.Get("0.bias").RequiresGrad() || buffers[0].Tensor.RequiresGrad())

	if torch.Version() >= "2." {
		y := ensemble(models[0], append(parameters, buffers...), x)
		for i, model := range models {
			assert.True(t, y.Select(0, i).AllClose(model.Forward(x)), i)
		}
		y.Sum().Backward()
		assert.Equal(t, weight.Shape(), weight.Grad().Shape())
		assert.Nil(t, models[0].At(0).(*nn.Linear).Weight.Grad())
	}

	frozen, training := nn.NewLinear(1, 1), nn.NewLinear(1, 1)
	frozen.Weight.SetRequiresGrad(false)
	other := nn.NewLinear(1, 1)
	other.Eval()
	refused := func(words string, models ...nn.Layer) torchtest.Refused {
		return torchtest.Refused{Call: func() { utils.StackModuleState(models) }, Kind: torch.RuntimeError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"none":      refused("Expected at least one model, got 0."),
		"classes":   refused("same class, got Linear and ReLU", training, nn.NewReLU()),
		"modes":     refused("same training/eval mode", training, other),
		"gradients": refused("Expected weight from each model to have the same .requires_grad", training, frozen),
		"number":    refused("as many parameters, got 2 and 1", training, nn.NewLinear(1, 1, nn.LinearOptions{Bias: new(false)})),
		"shapes":    refused("", training, nn.NewLinear(2, 1)),
	})
}

func ExampleStackModuleState() {
	models := []*nn.Linear{nn.NewLinear(2, 1), nn.NewLinear(2, 1), nn.NewLinear(2, 1)}
	parameters, _ := utils.StackModuleState(models)
	for _, p := range parameters {
		fmt.Println(p.Name, p.Tensor.Shape())
	}
	// Output:
	// weight [3 1 2]
	// bias [3 1]
}
