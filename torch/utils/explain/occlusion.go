package explain

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

// OcclusionOptions are the options of [Occlusion].
type OcclusionOptions struct {
	Baseline *torch.Tensor // what the window shows; default: 0 everywhere
	Strides  []int         // how far the window moves in each dimension; default: 1
}

// Occlusion covers x with a window at one place after the other, and returns how
// much the answer falls, of x's shape: for each element the mean of the places
// that cover it. The window has a size for each dimension of x but the first.
//
// https://captum.ai/api/occlusion.html
func Occlusion(f func(x *torch.Tensor) *torch.Tensor, x, target *torch.Tensor, window []int, options ...OcclusionOptions) *torch.Tensor {
	const op = "Occlusion"
	o := option.First(options)
	argument.NotNil("explain."+op, "the model", f)
	x.Size(0) // panics where x has no batch
	sizes := sizes.After(x.Shape(), 1)
	if o.Strides == nil {
		for range sizes {
			o.Strides = append(o.Strides, 1)
		}
	}
	checkWindow(op, sizes, window, o.Strides)
	var result *torch.Tensor
	torch.NoGrad(func() {
		baseline := baselineOf(o.Baseline, x).ExpandAs(x)
		before := answers(op, f, x, target)
		result = torch.Zeros(x.Shape(), torch.TensorOptions{DType: before.DType(), Device: x.Device()})
		covered := torch.ZerosLike(result)
		for place := range places(sizes, window, o.Strides) {
			torch.Scope(func() {
				under := func(y *torch.Tensor) *torch.Tensor { // what of y is under the window
					for d, start := range place {
						y = y.Narrow(d+1, start, min(window[d], sizes[d]-start))
					}
					return y
				}
				occluded := x.Clone()
				under(occluded).CopyInplace(under(baseline))
				fall := before.Sub(answers(op, f, occluded, target))
				for range sizes {
					fall = fall.Unsqueeze(-1)
				}
				under(result).AddInplace(fall)
				under(covered).AddInplace(1)
			})
		}
		result.DivInplace(covered)
	})
	return result
}

func checkWindow(op string, sizes, window, strides []int) {
	if len(window) != len(sizes) || len(strides) != len(sizes) {
		panic(torch.Errorf("explain."+op, torch.ValueError,
			"want a window and strides for the dimensions %v, got %v and %v", sizes, window, strides))
	}
	for d := range sizes {
		if strides[d] < 1 || window[d] < strides[d] || window[d] > sizes[d] {
			panic(torch.Errorf("explain."+op, torch.ValueError,
				"the window %v must fit into %v, and the strides %v must be from 1 to its size", window, sizes, strides))
		}
	}
}

// places gives where the window's corner goes: by strides, until all is covered.
func places(sizes, window, strides []int) func(yield func(place []int) bool) {
	return func(yield func(place []int) bool) {
		place := make([]int, len(sizes))
		for d := 0; d < len(sizes); {
			if !yield(place) {
				return
			}
			for d = 0; d < len(sizes); d++ { // the next place, as a counter with a digit for each dimension
				if place[d]+window[d] < sizes[d] {
					place[d] += strides[d]
					break
				}
				place[d] = 0
			}
		}
	}
}
