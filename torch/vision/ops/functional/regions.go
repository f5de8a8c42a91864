package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// Boxes are regions of the images of a batch: a *[torch.Tensor] of regions × 5, each an
// image's index and (x1, y1, x2, y2), or a []*torch.Tensor of boxes × 4 for each image.
type Boxes = any

// RoIAlignOptions are the options of [RoIAlign].
type RoIAlignOptions struct {
	SpatialScale  *float64 // the features' size as a multiple of that which boxes are given for; default: 1
	SamplingRatio *int     // points in each bin, each way; default: −1, as many as a bin has pixels
	Aligned       bool     // boxes are shifted by half a pixel, so that they meet pixels' centres
}

// RoIPoolOptions are the options of [RoIPool] and [PSRoIPool].
type RoIPoolOptions struct {
	SpatialScale *float64 // the features' size as a multiple of that which boxes are given for; default: 1
}

// PSRoIAlignOptions are the options of [PSRoIAlign].
type PSRoIAlignOptions struct {
	SpatialScale  *float64 // the features' size as a multiple of that which boxes are given for; default: 1
	SamplingRatio *int     // points in each bin, each way; default: −1, as many as a bin has pixels
}

// RoIAlign returns regions of x, batch × channels × height × width, each as an image of
// the output size: regions × channels × output height × output width, of x's dtype. Each
// pixel is the mean of points between those of x. Gradients flow to x. It panics on
// boxes of another form.
//
// Without torchvision's library it computes the same in Go's operators, bit for bit
// on x86-64, in several times the memory; that form can be differentiated twice.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.roi_align.html
func RoIAlign(x *torch.Tensor, boxes Boxes, outputSize torch.Sizes, options ...RoIAlignOptions) *torch.Tensor {
	o := option.First(options)
	size := sizeOf("RoIAlign", outputSize, o.SpatialScale)
	size.Sampling, size.Aligned = option.Or(o.SamplingRatio, -1), o.Aligned
	rois := regionsOf("RoIAlign", x, boxes)
	if kernels.Load() != nil {
		return plainRoIAlign(x, rois, size)
	}
	return kernels.RoIAlign.Call(x, rois, size)
}

// RoIPool returns regions of x, batch × channels × height × width, each as an image of
// the output size: regions × channels × output height × output width, of x's dtype. Each
// pixel is the maximum of a bin. Gradients flow to x. It panics on boxes of another
// form, and where torchvision's library is not installed.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.roi_pool.html
func RoIPool(x *torch.Tensor, boxes Boxes, outputSize torch.Sizes, options ...RoIPoolOptions) *torch.Tensor {
	o := option.First(options)
	return kernels.RoIPool.Call(x, regionsOf("RoIPool", x, boxes), sizeOf("RoIPool", outputSize, o.SpatialScale))
}

// PSRoIAlign is [RoIAlign] that takes each pixel of a result from channels of its own:
// x has output height × output width times the channels of the result. It needs
// torchvision's library.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_align.html
func PSRoIAlign(x *torch.Tensor, boxes Boxes, outputSize torch.Sizes, options ...PSRoIAlignOptions) *torch.Tensor {
	o := option.First(options)
	size := sizeOf("PSRoIAlign", outputSize, o.SpatialScale)
	size.Sampling = option.Or(o.SamplingRatio, -1)
	return kernels.PSRoIAlign.Call(x, regionsOf("PSRoIAlign", x, boxes), size)
}

// PSRoIPool is [RoIPool] of means, which takes each pixel of a result from channels of
// its own, as [PSRoIAlign] does. It needs torchvision's library.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.ps_roi_pool.html
func PSRoIPool(x *torch.Tensor, boxes Boxes, outputSize torch.Sizes, options ...RoIPoolOptions) *torch.Tensor {
	o := option.First(options)
	return kernels.PSRoIPool.Call(x, regionsOf("PSRoIPool", x, boxes), sizeOf("PSRoIPool", outputSize, o.SpatialScale))
}

func sizeOf(name string, outputSize torch.Sizes, scale *float64) kernels.Size {
	op := "functional." + name
	size := sizes.Of(op, outputSize, 2)
	return kernels.Size{Scale: option.Or(scale, 1), Height: sizes.At(op, "outputSize", size, 0), Width: sizes.At(op, "outputSize", size, 1)}
}

// regionsOf returns boxes as a tensor of regions × 5. It refuses those of images that x
// has not, and those that are not finite: the operators would read memory that is not
// there.
func regionsOf(name string, x *torch.Tensor, boxes Boxes) *torch.Tensor {
	op := "functional." + name
	if x.Dim() != 4 {
		panic(torch.Errorf(op, torch.ValueError, "x should be 4 dimensional. Got %d dimensions.", x.Dim()))
	}
	rois := joined(op, boxes)
	if rois.Numel() == 0 {
		return rois
	}
	if !rois.IsFinite().All().Bool() {
		panic(torch.Errorf(op, torch.ValueError, "boxes must be finite"))
	}
	images := rois.Select(1, 0)
	if low, high := images.Min().Item(), images.Max().Item(); low < 0 || int(high) >= x.Size(0) {
		panic(torch.Errorf(op, torch.IndexError, "boxes are of images %v to %v, and the batch has %d", low, high, x.Size(0)))
	}
	return rois
}

// Regions returns boxes, n × 4 for each image, as one tensor of regions × 5, with the
// images' indexes first: what the functions here make of lists. It panics on other
// shapes.
func Regions(boxes []*torch.Tensor) *torch.Tensor { return joined("functional.Regions", boxes) }

func joined(op string, boxes Boxes) *torch.Tensor {
	switch boxes := boxes.(type) {
	case *torch.Tensor:
		if boxes == nil || boxes.Dim() != 2 || boxes.Size(1) != 5 {
			panic(torch.Errorf(op, torch.ValueError, "The boxes tensor shape is not correct as Tensor[K, 5]"))
		}
		return boxes
	case []*torch.Tensor:
		if len(boxes) == 0 {
			panic(torch.Errorf(op, torch.ValueError, "the boxes list must not be empty"))
		}
		images := make([]*torch.Tensor, len(boxes))
		for i, b := range boxes {
			if b == nil || b.Dim() != 2 || b.Size(1) != 4 {
				panic(torch.Errorf(op, torch.ValueError, "The shape of the tensor in the boxes list is not correct as List[Tensor[L, 4]]"))
			}
			images[i] = torch.FullLike(b.Narrow(1, 0, 1), i)
		}
		return torch.Cat([]*torch.Tensor{torch.Cat(images, 0), torch.Cat(boxes, 0)}, 1)
	}
	panic(torch.Errorf(op, torch.TypeError, "boxes is expected to be a Tensor[L, 5] or a List[Tensor[K, 4]], not a %T", boxes))
}
