package nn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Classifier is a net of two layers.
type Classifier struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

// Forward returns the scores of x's rows.
func (net *Classifier) Forward(x *torch.Tensor) *torch.Tensor {
	return net.FC2.Forward(net.FC1.Forward(torch.Flatten(x, 1)).ReLU())
}

// A net is a struct that embeds nn.Module.
func Example() {
	net := nn.Init(&Classifier{FC1: nn.NewLinear(28*28, 128), FC2: nn.NewLinear(128, 10)})
	fmt.Println(net)
	for _, p := range net.NamedParameters() {
		fmt.Println(p.Name, p.Tensor.Shape())
	}
	scores := net.Forward(torch.Rand([]int{32, 1, 28, 28}))
	fmt.Println(scores.Shape())
	// Output:
	// Classifier(
	//   (fc1): Linear(in_features=784, out_features=128, bias=True)
	//   (fc2): Linear(in_features=128, out_features=10, bias=True)
	// )
	// fc1.weight [128 784]
	// fc1.bias [128]
	// fc2.weight [10 128]
	// fc2.bias [10]
	// [32 10]
}

func ExampleSequential() {
	net := nn.NewSequential(nn.NewFlatten(), nn.NewLinear(4, 3), nn.NewReLU(), nn.NewLinear(3, 2))
	fmt.Println(net)
	fmt.Println(net.Forward(torch.Zeros([]int{5, 2, 2})).Shape())
	// Output:
	// Sequential(
	//   (0): Flatten(start_dim=1, end_dim=-1)
	//   (1): Linear(in_features=4, out_features=3, bias=True)
	//   (2): ReLU()
	//   (3): Linear(in_features=3, out_features=2, bias=True)
	// )
	// [5 2]
}

func ExampleCrossEntropyLoss() {
	scores := torch.FromSlice([]float32{2, 0, 0, 0, 3, 0}, 2, 3)
	classes := torch.FromSlice([]int{0, 1})
	mean := nn.NewCrossEntropyLoss()
	each := nn.NewCrossEntropyLoss(functional.CrossEntropyOptions{Reduction: functional.ReductionNone})
	fmt.Printf("%.4f\n", mean.Forward(scores, classes).Item())
	fmt.Printf("%.4f\n", torch.ToSlice[float32](each.Forward(scores, classes)))
	// Output:
	// 0.1672
	// [0.2395 0.0949]
}

// A state dict that does not fit is refused in PyTorch's words.
func ExampleModule_LoadStateDict() {
	a, b := nn.NewLinear(3, 2), nn.NewLinear(4, 2)
	_, err := b.LoadStateDict(a.StateDict())
	fmt.Println(err)
	// Output:
	// nn.Module.LoadStateDict: Error(s) in loading state_dict for Linear:
	// 	size mismatch for weight: copying a param with shape torch.Size([2, 3]) from checkpoint, the shape in current model is torch.Size([2, 4]).
}

// Hooks see what goes in and out of a module.
func ExampleModule_RegisterForwardHook() {
	net := nn.NewSequential(nn.NewLinear(4, 3), nn.NewReLU())
	hook := net.At(0).(*nn.Linear).RegisterForwardHook(func(module nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
		fmt.Println(module, inputs[0].Shape(), outputs[0].Shape())
		return nil
	})
	net.Forward(torch.Zeros([]int{5, 4}))
	hook.Remove()
	net.Forward(torch.Zeros([]int{5, 4}))
	// Output:
	// Linear(in_features=4, out_features=3, bias=True) [5 4] [5 3]
}

func ExampleModuleDict() {
	activations := nn.NewModuleDict[nn.Layer]().Set("relu", nn.NewReLU()).Set("tanh", nn.NewTanh())
	for name, layer := range activations.All() {
		fmt.Println(name, layer)
	}
	// Output:
	// relu ReLU()
	// tanh Tanh()
}

func ExampleDeepCopy() {
	net := nn.NewLinear(1, 1)
	start := nn.DeepCopy(net)
	torch.NoGrad(func() { net.Weight.ZeroInplace() })
	fmt.Println(net.Weight.Detach().Item(), start.Weight.Detach().Item() == 0)
	// Output:
	// 0 false
}

// Doubled is a module with a Forward of its own.
type Doubled struct{ nn.Module }

func (d *Doubled) Forward(x *torch.Tensor) *torch.Tensor { return x.Mul(2) }

func ExampleCall() {
	net := nn.Init(&Doubled{})
	net.RegisterForwardHook(func(module nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
		fmt.Println(nn.TypeName(module), "gives", outputs[0].Item())
		return nil
	})
	x := torch.NewTensor([]float64{3})
	net.Forward(x) // a method like any other
	nn.Call(net, x)
	nn.NewSequential(net, net).Forward(x)
	// Output:
	// Doubled gives 6
	// Doubled gives 6
	// Doubled gives 12
}
