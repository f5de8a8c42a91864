package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// conv returns what makes a convolution.
func conv[L nn.Layer, O any](make func(in, out int, kernelSize torch.Sizes, options ...O) L, in, out int, kernel torch.Sizes, options ...O) func() L {
	return func() L { return make(in, out, kernel, options...) }
}

// sized is the maker of a transposed convolution that is called for an output size.
func sized[L interface {
	nn.AnyModule
	ForwardSize(x *torch.Tensor, outputSize []int) *torch.Tensor
}](make func() L, size ...int) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{l.ForwardSize(in[0], size)} }
	}
}

// seen is the maker of a lazy layer that has seen an input.
func seen[L nn.Layer](make func() L, size ...int) maker {
	return layer(func() L {
		l := make()
		l.Forward(torch.Zeros(size))
		return l
	})
}

func TestConvolutionsAreThoseOfPython(t *testing.T) {
	double, complexes := nn.ConvOptions{DType: torch.Float64}, nn.ConvOptions{DType: torch.Complex64}
	two := new(2)
	makers := map[string]maker{
		"Conv1d":                   layer(conv(nn.NewConv1d, 4, 6, 3)),
		"Conv1d options":           layer(conv(nn.NewConv1d, 4, 6, 3, nn.ConvOptions{Stride: 2, Padding: 1, Dilation: 2, Groups: two, Bias: new(false)})),
		"Conv1d without batch":     layer(conv(nn.NewConv1d, 4, 2, []int{2}, nn.ConvOptions{Stride: []int{3}, Padding: []int{1}})),
		"Conv1d same":              layer(conv(nn.NewConv1d, 4, 3, 4, nn.ConvOptions{Padding: "same", Dilation: 2})),
		"Conv1d valid":             layer(conv(nn.NewConv1d, 4, 3, 4, nn.ConvOptions{Padding: "valid"})),
		"Conv1d valid, replicated": layer(conv(nn.NewConv1d, 4, 3, 4, nn.ConvOptions{Padding: "valid", PaddingMode: "replicate"})),
		"Conv1d float64":           layer(conv(nn.NewConv1d, 4, 2, 3, double)),
		"Conv1d complex":           layer(conv(nn.NewConv1d, 4, 2, 3, complexes)),
		"Conv2d":                   layer(conv(nn.NewConv2d, 4, 6, 3)),
		"Conv2d pairs":             layer(conv(nn.NewConv2d, 4, 2, []int{3, 2}, nn.ConvOptions{Stride: []int{2, 1}, Padding: []int{0, 1}, Dilation: []int{1, 2}})),
		"Conv2d depthwise":         layer(conv(nn.NewConv2d, 4, 8, 3, nn.ConvOptions{Padding: 1, Groups: new(4)})),
		"Conv2d without batch":     layer(conv(nn.NewConv2d, 4, 2, 2, nn.ConvOptions{Stride: 2})),
		"Conv2d same, reflected":   layer(conv(nn.NewConv2d, 4, 2, []int{4, 3}, nn.ConvOptions{Padding: "same", PaddingMode: "reflect"})),
		"Conv3d":                   layer(conv(nn.NewConv3d, 2, 3, 2)),
		"Conv3d options": layer(conv(nn.NewConv3d, 2, 4, []int{3, 2, 1}, nn.ConvOptions{
			Stride: []int{1, 2, 3}, Padding: []int{1, 0, 2}, Dilation: []int{2, 1, 1}, Groups: two, Bias: new(false)})),
		"Conv3d same": layer(conv(nn.NewConv3d, 2, 2, 2, nn.ConvOptions{Padding: "same"})),

		"ConvTranspose1d": layer(conv(nn.NewConvTranspose1d, 4, 6, 3)),
		"ConvTranspose1d options": layer(conv(nn.NewConvTranspose1d, 4, 2, 3, nn.ConvTransposeOptions{
			Stride: 2, Padding: 1, OutputPadding: 1, Groups: two, Bias: new(false), Dilation: 2})),
		"ConvTranspose1d size": sized(conv(nn.NewConvTranspose1d, 4, 2, 3, nn.ConvTransposeOptions{Stride: 3}), 28),
		"ConvTranspose2d":      layer(conv(nn.NewConvTranspose2d, 4, 3, 3)),
		"ConvTranspose2d options": layer(conv(nn.NewConvTranspose2d, 4, 6, []int{3, 2}, nn.ConvTransposeOptions{
			Stride: []int{2, 3}, Padding: []int{1, 0}, OutputPadding: []int{0, 1}, Groups: two, Dilation: []int{1, 2}, PaddingMode: "zeros"})),
		"ConvTranspose2d size":               sized(conv(nn.NewConvTranspose2d, 4, 2, 3, nn.ConvTransposeOptions{Stride: 2, Padding: 1}), 1, 2, 10, 12),
		"ConvTranspose2d size without batch": sized(conv(nn.NewConvTranspose2d, 4, 2, 3, nn.ConvTransposeOptions{Stride: 2}), 2, 12, 13),
		"ConvTranspose3d":                    layer(conv(nn.NewConvTranspose3d, 2, 3, 2)),
		"ConvTranspose3d options": layer(conv(nn.NewConvTranspose3d, 2, 2, 2, nn.ConvTransposeOptions{
			Stride: []int{1, 2, 1}, Padding: 1, OutputPadding: []int{0, 1, 0}, Groups: two, Bias: new(false)})),
		"ConvTranspose3d size": sized(conv(nn.NewConvTranspose3d, 2, 1, 2, nn.ConvTransposeOptions{Stride: 2, DType: torch.Float64}), 6, 9, 10),

		"LazyConv1d": seen(func() *nn.LazyConv1d { return nn.NewLazyConv1d(6, 3, nn.ConvOptions{Groups: two}) }, 2, 4, 9),
		"LazyConv2d": seen(func() *nn.LazyConv2d { return nn.NewLazyConv2d(2, 3, nn.ConvOptions{Padding: 1, Bias: new(false)}) }, 1, 4, 5, 6),
		"LazyConv3d": seen(func() *nn.LazyConv3d { return nn.NewLazyConv3d(2, 2) }, 2, 3, 4, 5),
		"LazyConvTranspose1d": seen(func() *nn.LazyConvTranspose1d {
			return nn.NewLazyConvTranspose1d(6, 3, nn.ConvTransposeOptions{Groups: two})
		}, 2, 4, 9),
		"LazyConvTranspose2d": seen(func() *nn.LazyConvTranspose2d {
			return nn.NewLazyConvTranspose2d(2, 3, nn.ConvTransposeOptions{Padding: 1, Bias: new(false)})
		}, 1, 4, 5, 6),
		"LazyConvTranspose3d": seen(func() *nn.LazyConvTranspose3d { return nn.NewLazyConvTranspose3d(2, 2) }, 1, 2, 3, 4, 5),
	}
	for _, mode := range []string{"reflect", "replicate", "circular"} {
		makers["Conv1d "+mode] = layer(conv(nn.NewConv1d, 4, 3, 3, nn.ConvOptions{Padding: 2, PaddingMode: nn.PaddingMode(mode)}))
		makers["Conv2d "+mode] = layer(conv(nn.NewConv2d, 4, 2, 3, nn.ConvOptions{Padding: []int{2, 1}, PaddingMode: nn.PaddingMode(mode)}))
		makers["Conv3d "+mode] = layer(conv(nn.NewConv3d, 2, 2, 2, nn.ConvOptions{Padding: []int{1, 0, 2}, PaddingMode: nn.PaddingMode(mode)}))
	}
	short := zeros(1, 1, 5)
	short1d := func(kernel int, o nn.ConvOptions) func() {
		return func() { nn.NewConv1d(1, 1, kernel, o).Forward(short) }
	}
	checkModulesAndErrors(t, "testdata/convolutions.json.gz", makers, map[string]func(){
		"no groups":                func() { nn.NewConv2d(4, 4, 3, nn.ConvOptions{Groups: new(0)}) },
		"channels in":              func() { nn.NewConv2d(3, 4, 3, nn.ConvOptions{Groups: two}) },
		"channels out":             func() { nn.NewConvTranspose2d(4, 3, 3, nn.ConvTransposeOptions{Groups: two}) },
		"padding string":           func() { nn.NewConv2d(1, 1, 3, nn.ConvOptions{Padding: "full"}) },
		"padding same and stride":  func() { nn.NewConv2d(1, 1, 3, nn.ConvOptions{Padding: "same", Stride: 2}) },
		"padding mode":             func() { nn.NewConv2d(1, 1, 3, nn.ConvOptions{PaddingMode: "mirror"}) },
		"transposed padding mode":  func() { nn.NewConvTranspose1d(1, 1, 3, nn.ConvTransposeOptions{PaddingMode: "circular"}) },
		"dimensions":               func() { nn.NewConv2d(1, 1, 3).Forward(zeros(5, 5)) },
		"channels":                 func() { nn.NewConv1d(2, 1, 3).Forward(zeros(1, 3, 5)) },
		"kernel larger than input": short1d(6, nn.ConvOptions{}),
		"stride":                   short1d(2, nn.ConvOptions{Stride: 0}),
		"negative padding":         short1d(2, nn.ConvOptions{Padding: -1}),
		"dilation":                 func() { nn.NewConv2d(1, 1, 2, nn.ConvOptions{Dilation: []int{1, 0}}).Forward(zeros(1, 1, 5, 5)) },
		"strides":                  func() { nn.NewConv2d(1, 1, 2, nn.ConvOptions{Stride: []int{1, 1, 1}}).Forward(zeros(1, 1, 5, 5)) },
		"reflection":               short1d(2, nn.ConvOptions{Padding: 5, PaddingMode: "reflect"}),
		"circle":                   short1d(2, nn.ConvOptions{Padding: 6, PaddingMode: "circular"}),
		"output padding":           func() { nn.NewConvTranspose1d(1, 1, 2, nn.ConvTransposeOptions{OutputPadding: 1}).Forward(short) },
		"output size": func() {
			nn.NewConvTranspose2d(1, 1, 3, nn.ConvTransposeOptions{Stride: 2}).ForwardSize(zeros(1, 1, 4, 4), []int{9, 11})
		},
		"output size's length": func() {
			nn.NewConvTranspose2d(1, 1, 3, nn.ConvTransposeOptions{Stride: 2}).ForwardSize(zeros(1, 4, 4), []int{9})
		},
		"lazy dimensions": func() { nn.NewLazyConv2d(2, 3).Forward(zeros(5, 5)) },
		"lazy groups":     func() { nn.NewLazyConvTranspose1d(2, 3, nn.ConvTransposeOptions{Groups: two}).Forward(zeros(1, 3, 5)) },
	})
}

func TestLazyConvolutions(t *testing.T) {
	lazy := nn.NewLazyConv2d(2, 3, nn.ConvOptions{Groups: new(2), Padding: "same"})
	assert.Equal(t, "LazyConv2d(0, 2, kernel_size=(3, 3), stride=(1, 1), padding=same, groups=2)", lazy.String())
	assert.Equal(t, []string{"weight", "bias"}, lazy.StateDict().Names())
	_, err := lazy.LoadStateDict(nn.NewConv2d(4, 2, 3, nn.ConvOptions{Groups: new(2)}).StateDict())
	assert.NoError(t, err)
	weight := lazy.Weight.Clone()
	lazy.Forward(zeros(1, 4, 3, 3))
	assert.True(t, torch.Equal(weight, lazy.Weight), "loaded weights stay")
	assert.Equal(t, "Conv2d(4, 2, kernel_size=(3, 3), stride=(1, 1), padding=same, groups=2)", lazy.String())
}

func TestSizesOfConvolutions(t *testing.T) {
	e := torchtest.Fails(t, func() { nn.NewConv2d(1, 1, "3") })
	assert.Equal(t, torch.TypeError, e.Kind)
	assert.Equal(t, "nn.Conv2d: want an int or a []int, not a string", e.Error())
	assert.Equal(t, "nn.ConvTranspose2d: want an int or a []int, not a string",
		torchtest.Fails(t, func() { nn.NewConvTranspose2d(1, 1, 3, nn.ConvTransposeOptions{Padding: "same"}) }).Error())
}

func ExampleNewConv2d() {
	images := torch.Zeros([]int{8, 3, 32, 32})
	conv := nn.NewConv2d(3, 16, 5, nn.Conv2dOptions{Stride: 2, Padding: []int{2, 1}})
	fmt.Println(conv)
	fmt.Println(conv.Forward(images).Shape())
	// Output:
	// Conv2d(3, 16, kernel_size=(5, 5), stride=(2, 2), padding=(2, 1))
	// [8 16 16 15]
}

func ExampleNewLazyConv2d() {
	net := nn.NewSequential(nn.NewLazyConv2d(8, 3), nn.NewReLU(), nn.NewFlatten(), nn.NewLazyLinear(10))
	net.Forward(torch.Zeros([]int{1, 3, 6, 6})) // tells the layers their sizes
	fmt.Println(net)
	// Output:
	// Sequential(
	//   (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
	//   (1): ReLU()
	//   (2): Flatten(start_dim=1, end_dim=-1)
	//   (3): Linear(in_features=128, out_features=10, bias=True)
	// )
}
