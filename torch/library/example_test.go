package library_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/library"
)

// An operator in plain Go, with its gradient and its shapes.
func ExampleDefine() {
	cube, err := library.Define("example::cube(Tensor x) -> Tensor", func(in library.Args) []any {
		x := in.Tensor("x")
		values := torch.ToSlice[float64](x)
		for i, v := range values {
			values[i] = v * v * v
		}
		return []any{torch.FromSlice(values, x.Shape()...)}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cube.Close()
	cube.RegisterFake(func(in library.Args) []any { return []any{torch.EmptyLike(in.Tensor("x"))} })
	cube.RegisterAutograd(func(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		x := ctx.SavedTensors()[0]
		return []*torch.Tensor{grads[0].Mul(x.Square()).Mul(3)}
	}, library.AutogradOptions{SetupContext: func(ctx *autograd.Context, in library.Args, _ []any) {
		ctx.SaveForBackward(in.Tensor("x"))
	}})

	x := torch.FromSlice([]float64{1, 2, 3}).SetRequiresGrad(true)
	y := cube.Call(x)[0].(*torch.Tensor)
	y.Sum().Backward()
	fmt.Println(y.Detach())
	fmt.Println(x.Grad())
	fmt.Println(cube.Schema())
	fmt.Println(library.OpCheck(cube.Op(), []any{x}, nil))
	// Output:
	// tensor([ 1.,  8., 27.], dtype=torch.float64)
	// tensor([ 3., 12., 27.], dtype=torch.float64)
	// example::cube(Tensor x) -> Tensor
	// <nil>
}

// Operators of one namespace, which are removed together.
func ExampleLibrary() {
	lib, err := library.New("example2")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lib.Close()
	_, err = lib.Define("shift(Tensor x, float by=1) -> Tensor", func(in library.Args) []any {
		return []any{in.Tensor("x").Add(in.Float("by"))}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	shift, err := torch.Op("example2::shift")
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := shift.Call([]any{torch.Ones([]int{2})}, map[string]any{"by": 0.5})
	fmt.Println(results[0], err)
	lib.Close()
	_, err = shift.Call([]any{torch.Ones([]int{2})}, nil)
	fmt.Println(err)
	// Output:
	// tensor([1.5000, 1.5000]) <nil>
	// example2::shift: the operator was removed: what defined it is closed
}
