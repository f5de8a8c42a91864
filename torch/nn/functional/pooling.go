package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

// AdaptiveMaxPool1d returns maxima of x (… × length) over parts of equal length.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
func AdaptiveMaxPool1d(x *torch.Tensor, outputSize torch.Sizes) *torch.Tensor {
	return only(AdaptiveMaxPool1dWithIndices(x, outputSize))
}

// AdaptiveMaxPool2d returns maxima of x (… × height × width) over parts of equal
// size. A −1 in a list keeps the size of x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
func AdaptiveMaxPool2d(x *torch.Tensor, outputSize torch.Sizes) *torch.Tensor {
	return only(AdaptiveMaxPool2dWithIndices(x, outputSize))
}

// AdaptiveMaxPool3d returns maxima of x (… × depth × height × width) over parts of
// equal size. A −1 in a list keeps the size of x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
func AdaptiveMaxPool3d(x *torch.Tensor, outputSize torch.Sizes) *torch.Tensor {
	return only(AdaptiveMaxPool3dWithIndices(x, outputSize))
}

// only returns the first of two results.
func only(x, indices *torch.Tensor) *torch.Tensor {
	indices.Close()
	return x
}

// LPPoolOptions are the options of [LPPool1d], [LPPool2d] and [LPPool3d].
type LPPoolOptions struct {
	Stride   torch.Sizes // default: the kernel's size
	CeilMode bool        // let windows begin that end beyond the input
}

// lpPool is max pooling for infinite norms, else the root of pooled powers.
func lpPool(name string, x *torch.Tensor, p float64, kernel torch.Sizes, dims int,
	greatest, average func(x *torch.Tensor) *torch.Tensor,
) *torch.Tensor {
	switch {
	case p == 0:
		panic(torch.Errorf("functional."+name, torch.ValueError, "norm_type must be a non-zero value, but got 0"))
	case math.IsInf(p, 1):
		return greatest(x.Abs())
	case math.IsInf(p, -1):
		return greatest(x.Abs().Neg()).Neg()
	}
	size := 1
	for _, n := range sizes.Of("functional."+name, kernel, dims) {
		size *= n
	}
	mean := average(x.Pow(p))
	return mean.Sign().Mul(mean.Abs().ReLU()).Mul(size).Pow(1 / p)
}

// LPPool1d returns the p-norms of x (… × length) in windows of kernelSize.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html
func LPPool1d(x *torch.Tensor, p float64, kernelSize torch.Sizes, options ...LPPoolOptions) *torch.Tensor {
	o := option.First(options)
	return lpPool("LPPool1d", x, p, kernelSize, 1,
		func(x *torch.Tensor) *torch.Tensor {
			return MaxPool1d(x, kernelSize, MaxPool1dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		}, func(x *torch.Tensor) *torch.Tensor {
			return AvgPool1d(x, kernelSize, AvgPool1dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		})
}

// LPPool2d returns the p-norms of x (… × height × width) in windows of kernelSize.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
func LPPool2d(x *torch.Tensor, p float64, kernelSize torch.Sizes, options ...LPPoolOptions) *torch.Tensor {
	o := option.First(options)
	return lpPool("LPPool2d", x, p, kernelSize, 2,
		func(x *torch.Tensor) *torch.Tensor {
			return MaxPool2d(x, kernelSize, MaxPool2dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		}, func(x *torch.Tensor) *torch.Tensor {
			return AvgPool2d(x, kernelSize, AvgPool2dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		})
}

// LPPool3d returns the p-norms of x (… × depth × height × width) in windows of
// kernelSize.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool3d.html
func LPPool3d(x *torch.Tensor, p float64, kernelSize torch.Sizes, options ...LPPoolOptions) *torch.Tensor {
	o := option.First(options)
	return lpPool("LPPool3d", x, p, kernelSize, 3,
		func(x *torch.Tensor) *torch.Tensor {
			return MaxPool3d(x, kernelSize, MaxPool3dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		}, func(x *torch.Tensor) *torch.Tensor {
			return AvgPool3d(x, kernelSize, AvgPool3dOptions{Stride: o.Stride, CeilMode: o.CeilMode})
		})
}

// FractionalMaxPoolOptions are the options of fractional max pooling, which needs
// one of the first two.
type FractionalMaxPoolOptions struct {
	OutputSize    torch.Sizes   // of the result
	OutputRatio   any           // the same as shares of the input's: one float64 for all dimensions, or a []float64
	RandomSamples *torch.Tensor // batch × channels × dimensions, from [0, 1); default: drawn
}

// fractional pools the last dims dimensions.
func fractional(name, python string, op *torch.Operator, x *torch.Tensor, kernel torch.Sizes, dims int, o FractionalMaxPoolOptions) (y, indices *torch.Tensor) {
	if o.OutputSize == nil && o.OutputRatio == nil {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"%s requires specifying either an output_size or an output_ratio", python))
	}
	size, ratios := sizes.Optional("functional."+name, o.OutputSize, dims), sizes.Floats("functional."+name, o.OutputRatio, dims)
	if size != nil && ratios != nil {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"only one of output_size and output_ratio may be specified"))
	}
	for d, ratio := range ratios {
		size = append(size, int(float64(x.Size(d-dims))*ratio))
	}
	samples := o.RandomSamples
	if samples == nil {
		batch := 1
		if x.Dim() != dims+1 {
			batch = x.Size(0)
		}
		samples = torch.Rand([]int{batch, x.Size(-dims - 1), dims}, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
	}
	var c torch.Call
	c.Tensor(x)
	c.Sizes(kernel)
	c.Ints(size)
	c.Tensor(samples)
	r := c.Results(op)
	return r.Tensor(), r.Tensor()
}

// FractionalMaxPool2dWithIndices returns maxima of x (… × channels × height ×
// width) in windows of kernelSize at places drawn at random, and their indices
// (Int64).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool2d.html
func FractionalMaxPool2dWithIndices(x *torch.Tensor, kernelSize torch.Sizes, options ...FractionalMaxPoolOptions) (y, indices *torch.Tensor) {
	return fractional("FractionalMaxPool2d", "fractional_max_pool2d", opFractionalMaxPool2d, x, kernelSize, 2, option.First(options))
}

// FractionalMaxPool2d is [FractionalMaxPool2dWithIndices] without the indices.
func FractionalMaxPool2d(x *torch.Tensor, kernelSize torch.Sizes, options ...FractionalMaxPoolOptions) *torch.Tensor {
	return only(FractionalMaxPool2dWithIndices(x, kernelSize, options...))
}

// FractionalMaxPool3dWithIndices returns maxima of x (… × channels × depth × height
// × width) in windows of kernelSize at places drawn at random, and their indices
// (Int64).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool3d.html
func FractionalMaxPool3dWithIndices(x *torch.Tensor, kernelSize torch.Sizes, options ...FractionalMaxPoolOptions) (y, indices *torch.Tensor) {
	return fractional("FractionalMaxPool3d", "fractional_max_pool3d", opFractionalMaxPool3d, x, kernelSize, 3, option.First(options))
}

// FractionalMaxPool3d is [FractionalMaxPool3dWithIndices] without the indices.
func FractionalMaxPool3d(x *torch.Tensor, kernelSize torch.Sizes, options ...FractionalMaxPoolOptions) *torch.Tensor {
	return only(FractionalMaxPool3dWithIndices(x, kernelSize, options...))
}

// MaxUnpoolOptions are the options of [MaxUnpool1d], [MaxUnpool2d] and
// [MaxUnpool3d].
type MaxUnpoolOptions struct {
	Stride     torch.Sizes // of the pooling; default: its kernel's size
	Padding    torch.Sizes // of the pooling; default: 0
	OutputSize []int       // default: the least that the pooling may have had
}

// unpooled returns the strides, the paddings and the size of the result.
func unpooled(name string, x *torch.Tensor, kernelSize torch.Sizes, dims int, o MaxUnpoolOptions) (stride, padding, size []int) {
	op := "functional." + name
	kernel := sizes.Of(op, kernelSize, dims)
	if stride = sizes.Optional(op, o.Stride, dims); stride == nil {
		stride = kernel
	}
	padding = sizes.Or(op, o.Padding, 0, dims)
	byDefault := make([]int, len(kernel)) // an operator refuses more or fewer than dims
	for d := range kernel {
		byDefault[d] = (x.Size(d-len(kernel))-1)*sizes.At(op, "stride", stride, d) + kernel[d] - 2*sizes.At(op, "padding", padding, d)
	}
	size = o.OutputSize
	switch {
	case size == nil:
		return stride, padding, byDefault
	case len(size) == dims+2:
		size = size[2:]
	case len(size) != dims:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"output_size should be a sequence containing %d or %d elements, but it has a length of '%d'", dims, dims+2, len(size)))
	}
	for d, n := range size {
		usual := sizes.At(op, "kernel size", byDefault, d)
		if least, most := usual-stride[d], usual+stride[d]; n <= least || n >= most {
			panic(torch.Errorf("functional."+name, torch.ValueError,
				"invalid output_size \"%s\" (dim %d must be between %d and %d)", list(size), d, least, most))
		}
	}
	return stride, padding, size
}

// MaxUnpool1d returns x (… × length) at the indices that MaxPool1dWithIndices gave,
// and 0 elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
func MaxUnpool1d(x, indices *torch.Tensor, kernelSize torch.Sizes, options ...MaxUnpoolOptions) *torch.Tensor {
	_, _, size := unpooled("MaxUnpool1d", x, kernelSize, 1, option.First(options))
	var c torch.Call
	c.Tensor(x.Unsqueeze(-1))
	c.Tensor(indices.Unsqueeze(-1))
	c.Ints(outputSize("MaxUnpool1d", append(size[:len(size):len(size)], 1), 2))
	return c.One(opMaxUnpool2d).Squeeze(-1)
}

// MaxUnpool2d returns x (… × height × width) at the indices that
// MaxPool2dWithIndices gave, and 0 elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
func MaxUnpool2d(x, indices *torch.Tensor, kernelSize torch.Sizes, options ...MaxUnpoolOptions) *torch.Tensor {
	_, _, size := unpooled("MaxUnpool2d", x, kernelSize, 2, option.First(options))
	var c torch.Call
	c.Tensor(x)
	c.Tensor(indices)
	c.Ints(outputSize("MaxUnpool2d", size, 2))
	return c.One(opMaxUnpool2d)
}

// outputSize returns the size, which older libtorches read without a look at its length.
func outputSize(op string, size []int, dims int) []int {
	if len(size) != dims {
		names := map[int]string{2: "two elements (height, width)", 3: "three elements (depth, height, width)"}
		panic(torch.Errorf("functional."+op, torch.RuntimeError,
			"There should be exactly %s in output_size, but got %d elements.", names[dims], len(size)))
	}
	return size
}

// MaxUnpool3d returns x (… × depth × height × width) at the indices that
// MaxPool3dWithIndices gave, and 0 elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
func MaxUnpool3d(x, indices *torch.Tensor, kernelSize torch.Sizes, options ...MaxUnpoolOptions) *torch.Tensor {
	stride, padding, size := unpooled("MaxUnpool3d", x, kernelSize, 3, option.First(options))
	var c torch.Call
	c.Tensor(x)
	c.Tensor(indices)
	c.Ints(outputSize("MaxUnpool3d", size, 3))
	c.Ints(stride)
	c.Ints(padding)
	return c.One(opMaxUnpool3d)
}
