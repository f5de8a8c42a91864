package kernels

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// Regions is an operator that makes an image of a fixed size of each region of a map
// of features.
type Regions struct {
	name              string
	forward, backward *torch.Operator
	sampling          bool // takes sampling_ratio
	aligned           bool // takes aligned
	twice             bool // gives another tensor, which its backward takes
	onCPU             bool // computes in Float32 within Autocast on the CPU, too
}

// The operators on regions.
var (
	RoIAlign = &Regions{name: "roi_align", sampling: true, aligned: true, onCPU: true,
		forward: torch.NewOperator("torchvision::roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, " +
			"int sampling_ratio, bool aligned) -> Tensor"),
		backward: torch.NewOperator("torchvision::_roi_align_backward(Tensor grad, Tensor rois, float spatial_scale, SymInt pooled_height, " +
			"SymInt pooled_width, SymInt batch_size, SymInt channels, SymInt height, SymInt width, int sampling_ratio, bool aligned) -> Tensor")}
	RoIPool = &Regions{name: "roi_pool", twice: true,
		forward: torch.NewOperator("torchvision::roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) " +
			"-> (Tensor, Tensor)"),
		backward: torch.NewOperator("torchvision::_roi_pool_backward(Tensor grad, Tensor rois, Tensor argmax, float spatial_scale, SymInt pooled_height, " +
			"SymInt pooled_width, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor")}
	PSRoIAlign = &Regions{name: "ps_roi_align", twice: true, sampling: true,
		forward: torch.NewOperator("torchvision::ps_roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, " +
			"int sampling_ratio) -> (Tensor, Tensor)"),
		backward: torch.NewOperator("torchvision::_ps_roi_align_backward(Tensor grad, Tensor rois, Tensor channel_mapping, float spatial_scale, " +
			"SymInt pooled_height, SymInt pooled_width, int sampling_ratio, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor")}
	PSRoIPool = &Regions{name: "ps_roi_pool", twice: true,
		forward: torch.NewOperator("torchvision::ps_roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) " +
			"-> (Tensor, Tensor)"),
		backward: torch.NewOperator("torchvision::_ps_roi_pool_backward(Tensor grad, Tensor rois, Tensor channel_mapping, float spatial_scale, " +
			"SymInt pooled_height, SymInt pooled_width, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor")}
)

// Size is what the operators on regions take besides tensors.
type Size struct {
	Scale         float64 // of the map to the regions' coordinates
	Height, Width int     // of the results
	Sampling      int     // points in a bin, each way
	Aligned       bool    // pixels are at their centres
}

// Call returns regions × channels × height × width of x, batch × channels × height ×
// width, whose gradients flow to x. It panics where torchvision's library is not
// installed.
func (r *Regions) Call(x, rois *torch.Tensor, size Size) *torch.Tensor {
	mustLoad("torchvision::" + r.name)
	y := autograd.Apply1(autograd.OnceDifferentiable(&pooling{r, size}), asFloat(x, r.onCPU), asFloat(rois, r.onCPU))
	return y.To(x.DType())
}

// pooling is a call of an operator on regions. The library has its derivative as an
// operator of its own, which torchvision joins to it in Python.
type pooling struct {
	*Regions
	Size
}

func (p *pooling) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	x, rois := inputs[0], inputs[1]
	var c torch.Call
	c.Tensor(x)
	c.Tensor(rois)
	p.bins(&c)
	if p.sampling {
		c.Int(p.Sampling)
	}
	if p.aligned {
		c.Bool(p.Aligned)
	}
	ctx.Value = x.Shape()
	if !p.twice {
		y := c.One(p.forward)
		ctx.SaveForBackward(rois)
		return []*torch.Tensor{y}
	}
	r := c.Results(p.forward)
	y, from := r.Tensor(), r.Tensor()
	ctx.SaveForBackward(rois, from)
	return []*torch.Tensor{y}
}

func (p *pooling) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	var c torch.Call
	c.Tensor(grads[0])
	for _, x := range ctx.SavedTensors() {
		c.Tensor(x)
	}
	p.bins(&c)
	if p.sampling && !p.aligned {
		c.Int(p.Sampling)
	}
	for _, n := range ctx.Value.([]int) {
		c.Int(n)
	}
	if p.aligned {
		c.Int(p.Sampling)
		c.Bool(p.Aligned)
	}
	return []*torch.Tensor{c.One(p.backward), nil}
}

// bins passes the arguments that all have.
func (s *Size) bins(c *torch.Call) {
	c.Float(s.Scale)
	c.Int(s.Height)
	c.Int(s.Width)
}
