package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// pool is the maker of a layer of one option.
func pool[L nn.Layer](make func(size torch.Sizes) L, size torch.Sizes) maker {
	return layer(func() L { return make(size) })
}

// poolWith is the maker of a layer of a kernel's size and options.
func poolWith[L nn.Layer, O any](make func(kernelSize torch.Sizes, options ...O) L, kernelSize torch.Sizes, options ...O) maker {
	return layer(func() L { return make(kernelSize, options...) })
}

// indexed is the maker of a layer that is called for the indices, too.
func indexed[L interface {
	nn.AnyModule
	ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor)
}](make func() L) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			y, indices := l.ForwardWithIndices(in[0])
			return []*torch.Tensor{y, indices}
		}
	}
}

// unpool is the maker of a layer that takes values and indices.
func unpool[L interface {
	nn.AnyModule
	Forward(x, indices *torch.Tensor) *torch.Tensor
	ForwardSize(x, indices *torch.Tensor, outputSize []int) *torch.Tensor
}](make func() L, size ...int) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			if size == nil {
				return []*torch.Tensor{l.Forward(in[0], in[1])}
			}
			return []*torch.Tensor{l.ForwardSize(in[0], in[1], size)}
		}
	}
}

func poolMakers() map[string]maker {
	avg := nn.AvgPoolOptions{Stride: []int{2, 1}, Padding: []int{1, 0}, CeilMode: true, CountIncludePad: new(false)}
	return map[string]maker{
		"MaxPool1d": poolWith(nn.NewMaxPool1d, 2),
		"MaxPool1d options": poolWith(nn.NewMaxPool1d, []int{3},
			nn.MaxPoolOptions{Stride: 2, Padding: 1, Dilation: 2, CeilMode: true}),
		"MaxPool1d indices": indexed(func() *nn.MaxPool1d { return nn.NewMaxPool1d(3, nn.MaxPoolOptions{Stride: 1}) }),
		"MaxPool2d":         poolWith(nn.NewMaxPool2d, 2),
		"MaxPool2d options": poolWith(nn.NewMaxPool2d, []int{3, 2},
			nn.MaxPoolOptions{Stride: []int{2, 1}, Padding: []int{1, 0}, Dilation: []int{1, 2}, CeilMode: true}),
		"MaxPool2d indices": indexed(func() *nn.MaxPool2d { return nn.NewMaxPool2d(2) }),
		"MaxPool3d":         poolWith(nn.NewMaxPool3d, 2),
		"MaxPool3d options": poolWith(nn.NewMaxPool3d, []int{1, 2, 3},
			nn.MaxPoolOptions{Stride: []int{1, 2, 1}, Padding: []int{0, 1, 1}, Dilation: []int{2, 1, 1}, CeilMode: true}),
		"MaxPool3d indices": indexed(func() *nn.MaxPool3d { return nn.NewMaxPool3d(2, nn.MaxPoolOptions{Stride: 1}) }),

		"MaxUnpool1d":      unpool(func() *nn.MaxUnpool1d { return nn.NewMaxUnpool1d(2) }),
		"MaxUnpool1d size": unpool(func() *nn.MaxUnpool1d { return nn.NewMaxUnpool1d(2) }, 9),
		"MaxUnpool2d":      unpool(func() *nn.MaxUnpool2d { return nn.NewMaxUnpool2d(2) }),
		"MaxUnpool2d options": unpool(func() *nn.MaxUnpool2d {
			return nn.NewMaxUnpool2d(3, nn.MaxUnpoolOptions{Stride: 2, Padding: []int{1, 1}})
		}),
		"MaxUnpool2d size": unpool(func() *nn.MaxUnpool2d {
			return nn.NewMaxUnpool2d([]int{2, 3}, nn.MaxUnpoolOptions{Stride: []int{2, 2}})
		}, 1, 2, 6, 6),
		"MaxUnpool3d": unpool(func() *nn.MaxUnpool3d { return nn.NewMaxUnpool3d(2) }, 1, 2, 3, 4, 4),

		"AvgPool1d": poolWith(nn.NewAvgPool1d, 3),
		"AvgPool1d options": poolWith(nn.NewAvgPool1d, 3,
			nn.AvgPool1dOptions{Stride: 2, Padding: 1, CeilMode: true, CountIncludePad: new(false)}),
		"AvgPool2d":         poolWith(nn.NewAvgPool2d, 2),
		"AvgPool2d options": poolWith(nn.NewAvgPool2d, []int{3, 2}, avg),
		"AvgPool2d divisor": poolWith(nn.NewAvgPool2d, 2, nn.AvgPoolOptions{Padding: 1, DivisorOverride: new(3)}),
		"AvgPool3d":         poolWith(nn.NewAvgPool3d, 2),
		"AvgPool3d options": poolWith(nn.NewAvgPool3d, []int{1, 2, 3},
			nn.AvgPoolOptions{Stride: 2, Padding: []int{0, 1, 1}, CeilMode: true, CountIncludePad: new(false), DivisorOverride: new(5)}),

		"LPPool1d": layer(func() *nn.LPPool1d { return nn.NewLPPool1d(2, 3) }),
		"LPPool1d options": layer(func() *nn.LPPool1d {
			return nn.NewLPPool1d(3.0, 2, nn.LPPoolOptions{Stride: 1, CeilMode: true})
		}),
		"LPPool2d": layer(func() *nn.LPPool2d { return nn.NewLPPool2d(1.5, 2) }),
		"LPPool2d options": layer(func() *nn.LPPool2d {
			return nn.NewLPPool2d(2, []int{3, 2}, nn.LPPoolOptions{Stride: []int{2, 1}, CeilMode: true})
		}),
		"LPPool2d of infinity": layer(func() *nn.LPPool2d { return nn.NewLPPool2d(math.Inf(1), 2) }),
		"LPPool3d":             layer(func() *nn.LPPool3d { return nn.NewLPPool3d(2, 2) }),
		"LPPool3d of minus infinity": layer(func() *nn.LPPool3d {
			return nn.NewLPPool3d(math.Inf(-1), []int{1, 2, 2}, nn.LPPoolOptions{Stride: 1})
		}),

		"AdaptiveAvgPool1d":         pool(nn.NewAdaptiveAvgPool1d, 4),
		"AdaptiveAvgPool2d":         pool(nn.NewAdaptiveAvgPool2d, []int{3, -1}),
		"AdaptiveAvgPool2d to one":  pool(nn.NewAdaptiveAvgPool2d, 1),
		"AdaptiveAvgPool3d":         pool(nn.NewAdaptiveAvgPool3d, []int{-1, 2, -1}),
		"AdaptiveMaxPool1d":         pool(nn.NewAdaptiveMaxPool1d, []int{4}),
		"AdaptiveMaxPool1d indices": indexed(func() *nn.AdaptiveMaxPool1d { return nn.NewAdaptiveMaxPool1d(2) }),
		"AdaptiveMaxPool2d":         pool(nn.NewAdaptiveMaxPool2d, []int{-1, 3}),
		"AdaptiveMaxPool2d indices": indexed(func() *nn.AdaptiveMaxPool2d { return nn.NewAdaptiveMaxPool2d(2) }),
		"AdaptiveMaxPool3d":         pool(nn.NewAdaptiveMaxPool3d, 2),
		"AdaptiveMaxPool3d indices": indexed(func() *nn.AdaptiveMaxPool3d { return nn.NewAdaptiveMaxPool3d([]int{2, -1, 1}) }),

		"FractionalMaxPool2d":       fractional2d(2, nn.FractionalMaxPoolOptions{OutputSize: []int{3, 4}}),
		"FractionalMaxPool2d ratio": fractional2d([]int{2, 3}, nn.FractionalMaxPoolOptions{OutputRatio: 0.6}),
		"FractionalMaxPool3d":       fractional3d([]int{1, 2, 2}, nn.FractionalMaxPoolOptions{OutputSize: 2}),
		"FractionalMaxPool3d ratio": fractional3d([]int{1, 2, 2}, nn.FractionalMaxPoolOptions{OutputRatio: []float64{0.7, 0.5, 0.7}}),
		"FractionalMaxPool2d indices": indexed(func() *nn.FractionalMaxPool2d {
			return nn.NewFractionalMaxPool2d(2, nn.FractionalMaxPoolOptions{OutputRatio: []float64{0.5, 0.7}})
		}),
		"FractionalMaxPool2d samples": layer(func() *nn.FractionalMaxPool2d {
			return nn.NewFractionalMaxPool2d(2, nn.FractionalMaxPoolOptions{OutputSize: 3, RandomSamples: torch.Rand([]int{1, 2, 2})})
		}),
		"FractionalMaxPool3d indices": indexed(func() *nn.FractionalMaxPool3d {
			return nn.NewFractionalMaxPool3d(2, nn.FractionalMaxPoolOptions{OutputSize: []int{1, 2, 3}})
		}),
	}
}

func fractional2d(kernel torch.Sizes, o nn.FractionalMaxPoolOptions) maker {
	return layer(func() *nn.FractionalMaxPool2d { return nn.NewFractionalMaxPool2d(kernel, o) })
}

func fractional3d(kernel torch.Sizes, o nn.FractionalMaxPoolOptions) maker {
	return layer(func() *nn.FractionalMaxPool3d { return nn.NewFractionalMaxPool3d(kernel, o) })
}

func TestPoolingIsThatOfPython(t *testing.T) {
	x, row := zeros(1, 1, 4, 4), zeros(1, 1, 4)
	indices := torch.Zeros([]int{1, 1, 4, 4}, torch.TensorOptions{DType: torch.Int64})
	max2d := func(kernel torch.Sizes, o nn.MaxPoolOptions) func() {
		return func() { nn.NewMaxPool2d(kernel, o).Forward(x) }
	}
	avg2d := func(kernel torch.Sizes, o nn.AvgPoolOptions) func() {
		return func() { nn.NewAvgPool2d(kernel, o).Forward(x) }
	}
	checkModulesAndErrors(t, "testdata/pooling.json.gz", poolMakers(), map[string]func(){
		"padding":                max2d(2, nn.MaxPoolOptions{Padding: 2}),
		"dimensions":             func() { nn.NewMaxPool2d(2).Forward(zeros(4, 4)) },
		"kernel":                 func() { nn.NewMaxPool1d(0).Forward(row) },
		"stride":                 func() { nn.NewAvgPool1d(2, nn.AvgPool1dOptions{Stride: 0}).Forward(row) },
		"dilation":               max2d(2, nn.MaxPoolOptions{Dilation: 0}),
		"small input":            avg2d(5, nn.AvgPoolOptions{}),
		"kernel's length":        max2d([]int{2, 2, 2}, nn.MaxPoolOptions{}),
		"average padding":        avg2d(2, nn.AvgPoolOptions{Padding: 2}),
		"divisor":                avg2d(2, nn.AvgPoolOptions{DivisorOverride: new(0)}),
		"norm":                   func() { nn.NewLPPool2d(0.0, 2) },
		"fractional size":        func() { nn.NewFractionalMaxPool2d(2, nn.FractionalMaxPoolOptions{}) },
		"fractional both":        func() { nn.NewFractionalMaxPool2d(2, nn.FractionalMaxPoolOptions{OutputSize: 2, OutputRatio: 0.5}) },
		"fractional ratio":       func() { nn.NewFractionalMaxPool2d(2, nn.FractionalMaxPoolOptions{OutputRatio: []float64{0.5, 1.5}}) },
		"fractional kernel":      func() { nn.NewFractionalMaxPool3d([]int{2, 0, 1}, nn.FractionalMaxPoolOptions{OutputSize: 2}) },
		"fractional output":      func() { nn.NewFractionalMaxPool2d(3, nn.FractionalMaxPoolOptions{OutputSize: 4}).Forward(x) },
		"adaptive dimensions":    func() { nn.NewAdaptiveAvgPool2d([]int{-1, 1}).Forward(zeros(4)) },
		"adaptive size":          func() { nn.NewAdaptiveMaxPool2d([]int{1, 2, 3}).Forward(x) },
		"unpooled size":          func() { nn.NewMaxUnpool2d(2).ForwardSize(x, indices, []int{9, 12}) },
		"unpooled size's length": func() { nn.NewMaxUnpool2d(2).ForwardSize(x, indices, []int{9}) },
		"unpooled index":         func() { nn.NewMaxUnpool2d(2).Forward(x, indices.Add(100)) },
		"unpooled shapes":        func() { nn.NewMaxUnpool2d(2).Forward(x, indices.Narrow(-1, 0, 3)) },
	})
}

func ExampleNewMaxPool2d() {
	pool := nn.NewMaxPool2d(2)
	x := torch.NewTensor([][][]float64{{{1, 2, 5}, {4, 3, 6}}})
	y, indices := pool.ForwardWithIndices(x)
	fmt.Println(pool)
	fmt.Println(y.Item(), indices.Item())
	// Output:
	// MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
	// 4 3
}
