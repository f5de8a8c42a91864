package ops

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

// pool is what layers on regions share.
type pool struct {
	nn.Module
	OutputSize   torch.Sizes // height and width of the results
	SpatialScale float64     // the features' size as a multiple of that which boxes are given for
}

// run calls forward and the module's hooks, which see x and boxes.
func (p *pool) run(x *torch.Tensor, boxes functional.Boxes, forward func(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor) *torch.Tensor {
	list, isList := boxes.([]*torch.Tensor)
	if one, ok := boxes.(*torch.Tensor); ok {
		list = []*torch.Tensor{one}
	}
	return p.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		switch {
		case isList:
			boxes = inputs[1:]
		case len(inputs) > 1:
			boxes = inputs[1]
		}
		return []*torch.Tensor{forward(inputs[0], boxes)}
	}, slices.Insert(slices.Clone(list), 0, x)...)[0]
}

// ExtraRepr returns the options as Python prints them.
func (p *pool) ExtraRepr() string {
	size := p.OutputSize
	if list, ok := size.([]int); ok {
		size = python.TupleOf(list)
	}
	return fmt.Sprintf("output_size=%s, spatial_scale=%s", python.Repr(size), python.Repr(p.SpatialScale))
}

// RoIAlign is [functional.RoIAlign] as a layer.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.RoIAlign.html
type RoIAlign struct {
	pool
	SamplingRatio int  // points in each bin, each way; 0 and less: as many as a bin has pixels
	Aligned       bool // boxes are shifted by half a pixel
}

// RoIAlignOptions are the options of [NewRoIAlign].
type RoIAlignOptions struct {
	Aligned bool // boxes are shifted by half a pixel, so that they meet pixels' centres
}

// NewRoIAlign returns the layer.
func NewRoIAlign(outputSize torch.Sizes, spatialScale float64, samplingRatio int, options ...RoIAlignOptions) *RoIAlign {
	return nn.Init(&RoIAlign{pool{OutputSize: outputSize, SpatialScale: spatialScale}, samplingRatio, option.First(options).Aligned})
}

// Forward returns the regions of x that boxes say, as [functional.RoIAlign] does.
func (r *RoIAlign) Forward(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
	return r.run(x, boxes, func(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
		return functional.RoIAlign(x, boxes, r.OutputSize, functional.RoIAlignOptions{
			SpatialScale: &r.SpatialScale, SamplingRatio: &r.SamplingRatio, Aligned: r.Aligned})
	})
}

// ExtraRepr returns the options as Python prints them.
func (r *RoIAlign) ExtraRepr() string {
	return fmt.Sprintf("%s, sampling_ratio=%d, aligned=%s", r.pool.ExtraRepr(), r.SamplingRatio, python.Repr(r.Aligned))
}

// RoIPool is [functional.RoIPool] as a layer.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.RoIPool.html
type RoIPool struct{ pool }

// NewRoIPool returns the layer.
func NewRoIPool(outputSize torch.Sizes, spatialScale float64) *RoIPool {
	return nn.Init(&RoIPool{pool{OutputSize: outputSize, SpatialScale: spatialScale}})
}

// Forward returns the regions of x that boxes say, as [functional.RoIPool] does.
func (r *RoIPool) Forward(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
	return r.run(x, boxes, func(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
		return functional.RoIPool(x, boxes, r.OutputSize, functional.RoIPoolOptions{SpatialScale: &r.SpatialScale})
	})
}

// PSRoIAlign is [functional.PSRoIAlign] as a layer.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.PSRoIAlign.html
type PSRoIAlign struct {
	pool
	SamplingRatio int // points in each bin, each way; 0 and less: as many as a bin has pixels
}

// NewPSRoIAlign returns the layer.
func NewPSRoIAlign(outputSize torch.Sizes, spatialScale float64, samplingRatio int) *PSRoIAlign {
	return nn.Init(&PSRoIAlign{pool{OutputSize: outputSize, SpatialScale: spatialScale}, samplingRatio})
}

// Forward returns the regions of x that boxes say, as [functional.PSRoIAlign] does.
func (r *PSRoIAlign) Forward(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
	return r.run(x, boxes, func(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
		return functional.PSRoIAlign(x, boxes, r.OutputSize, functional.PSRoIAlignOptions{
			SpatialScale: &r.SpatialScale, SamplingRatio: &r.SamplingRatio})
	})
}

// ExtraRepr returns the options as Python prints them.
func (r *PSRoIAlign) ExtraRepr() string {
	return fmt.Sprintf("%s, sampling_ratio=%d", r.pool.ExtraRepr(), r.SamplingRatio)
}

// PSRoIPool is [functional.PSRoIPool] as a layer.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.PSRoIPool.html
type PSRoIPool struct{ pool }

// NewPSRoIPool returns the layer.
func NewPSRoIPool(outputSize torch.Sizes, spatialScale float64) *PSRoIPool {
	return nn.Init(&PSRoIPool{pool{OutputSize: outputSize, SpatialScale: spatialScale}})
}

// Forward returns the regions of x that boxes say, as [functional.PSRoIPool] does.
func (r *PSRoIPool) Forward(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
	return r.run(x, boxes, func(x *torch.Tensor, boxes functional.Boxes) *torch.Tensor {
		return functional.PSRoIPool(x, boxes, r.OutputSize, functional.RoIPoolOptions{SpatialScale: &r.SpatialScale})
	})
}
