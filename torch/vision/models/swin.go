package models

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// SwinTransformer is a transformer over patches of images, which attend to those in their
// window alone. The windows of every other block are shifted, and from stage to stage four
// patches become one of twice the features. Images may have any height and width.
//
// https://docs.pytorch.org/vision/stable/models/swin_transformer.html
type SwinTransformer struct {
	nn.Module
	NumClasses int
	Features   *nn.Sequential // the patches, then stages and what merges patches between them
	Norm       nn.Layer
	Permute    *ops.Permute
	AvgPool    *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	Flatten    *nn.Flatten
	Head       *nn.Linear
}

// SwinSize is how large a [SwinTransformer] is.
type SwinSize struct {
	PatchSize  [2]int // height and width of a patch
	EmbedDim   int    // features of a patch in the first stage
	Depths     []int  // blocks of each stage
	NumHeads   []int  // heads of attention in each stage
	WindowSize [2]int // height and width of a window, in patches
}

// SwinOptions are the options of [SwinTransformer]s.
type SwinOptions struct {
	MLPRatio            *float64  // features between the linear layers of a block, in those of a patch; default: 4
	Dropout             float64   // the probability of zero
	AttentionDropout    float64   // the same for the weights of attention
	StochasticDepthProb *float64  // the probability of leaving the last block out, that of others rising to it; default: the network's own, else 0.1
	NumClasses          *int      // default: 1000
	NormLayer           NormLayer // default: nn.NewLayerNorm
	V2                  bool      // blocks and merging of Swin Transformer V2
}

// NewSwinTransformer returns a network of a size. It panics unless there are as many heads as
// depths, two blocks or more, windows of one patch or more, and heads that share the features
// evenly.
func NewSwinTransformer(size SwinSize, options ...SwinOptions) *SwinTransformer {
	const op = "models.NewSwinTransformer"
	o := option.First(options)
	if o.NormLayer == nil {
		o.NormLayer = func(channels int) nn.Layer { return nn.NewLayerNorm(channels) }
	}
	o.NormLayer = mustMake(o.NormLayer)
	total := 0
	for _, depth := range size.Depths {
		total += depth
	}
	if len(size.Depths) != len(size.NumHeads) || total < 2 {
		panic(torch.Errorf(op, torch.ValueError, "want as many heads as depths, and two blocks or more, got depths %v and heads %v", size.Depths, size.NumHeads))
	}
	if size.WindowSize[0] < 1 || size.WindowSize[1] < 1 {
		panic(torch.Errorf(op, torch.ValueError, "WindowSize must be two numbers above 0, got %v", size.WindowSize))
	}
	patch := size.PatchSize[:]
	s := &SwinTransformer{NumClasses: option.Or(o.NumClasses, 1000), Features: nn.NewSequential(nn.NewSequential(
		nn.NewConv2d(3, size.EmbedDim, patch, nn.Conv2dOptions{Stride: patch}), ops.NewPermute([]int{0, 2, 3, 1}), o.NormLayer(size.EmbedDim)))}
	dim, block := size.EmbedDim, 0
	for i, depth := range size.Depths {
		if i > 0 {
			s.Features.Append(newPatchMerging(dim, o))
			dim *= 2
		}
		if heads := size.NumHeads[i]; heads < 1 || dim%heads != 0 {
			panic(torch.Errorf(op, torch.ValueError, "%d features of stage %d cannot be shared by %d heads", dim, i, heads))
		}
		stage := nn.NewSequential()
		for j := range depth {
			w := WindowAttention{WindowSize: size.WindowSize, NumHeads: size.NumHeads[i], AttentionDropout: o.AttentionDropout, Dropout: o.Dropout}
			if j%2 == 1 {
				w.ShiftSize = [2]int{w.WindowSize[0] / 2, w.WindowSize[1] / 2}
			}
			stage.Append(newSwinBlock(dim, w, option.Or(o.StochasticDepthProb, 0.1)*float64(block)/float64(total-1), o))
			block++
		}
		s.Features.Append(stage)
	}
	s.Norm = o.NormLayer(dim)
	s.Permute, s.AvgPool, s.Flatten = ops.NewPermute([]int{0, 3, 1, 2}), nn.NewAdaptiveAvgPool2d(1), nn.NewFlatten()
	s.Head = nn.NewLinear(dim, s.NumClasses)
	nn.Init(s)
	for _, m := range s.Modules() {
		if l, ok := m.(*nn.Linear); ok {
			nninit.TruncNormal(l.Weight, nninit.TruncNormalOptions{Std: new(0.02)})
			fill(l.Bias, 0)
		}
	}
	return s
}

// Forward returns a score for each class, batch × classes.
func (s *SwinTransformer) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SwinTransformer) forward(x *torch.Tensor) *torch.Tensor {
	x = s.Permute.Forward(nn.Call(s.Norm, s.Features.Forward(x)))
	return s.Head.Forward(s.Flatten.Forward(s.AvgPool.Forward(x)))
}

// PatchMerging makes one patch of four, normalised and then of twice the features.
type PatchMerging struct {
	nn.Module
	Dim       int // features of a patch before
	Reduction *nn.Linear
	Norm      nn.Layer
}

// PatchMergingV2 makes one patch of four, of twice the features and then normalised.
type PatchMergingV2 struct{ PatchMerging }

func newPatchMerging(dim int, o SwinOptions) nn.Layer {
	p := PatchMerging{Dim: dim, Reduction: nn.NewLinear(4*dim, 2*dim, nn.LinearOptions{Bias: new(false)})}
	if o.V2 {
		p.Norm = o.NormLayer(2 * dim)
		return nn.Init(&PatchMergingV2{p})
	}
	p.Norm = o.NormLayer(4 * dim)
	return nn.Init(&p)
}

// Forward returns patches of x, batch × height × width × features, half as many in height
// and width, rounded up.
func (p *PatchMerging) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *PatchMerging) forward(x *torch.Tensor) *torch.Tensor {
	return p.Reduction.Forward(nn.Call(p.Norm, quarters(x)))
}

// Forward is as that of [PatchMerging].
func (p *PatchMergingV2) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *PatchMergingV2) forward(x *torch.Tensor) *torch.Tensor {
	return nn.Call(p.Norm, p.Reduction.Forward(quarters(x)))
}

// quarters returns the features of each four patches side by side.
func quarters(x *torch.Tensor) *torch.Tensor {
	x = functional.Pad(x, []int{0, 0, 0, x.Size(-2) % 2, 0, x.Size(-3) % 2})
	parts := make([]*torch.Tensor, 4)
	for i := range parts {
		parts[i] = x.Slice(-3, i%2, x.Size(-3), 2).Slice(-2, i/2, x.Size(-2), 2)
	}
	return torch.Cat(parts, -1)
}

// SwinTransformerBlock is attention and an MLP, each of its normalised input, to which it is
// added.
type SwinTransformerBlock struct {
	nn.Module
	Norm1           nn.Layer
	Attn            nn.Layer // a [ShiftedWindowAttention] or a [ShiftedWindowAttentionV2]
	StochasticDepth *ops.StochasticDepth
	Norm2           nn.Layer
	MLP             *ops.MLP
}

// SwinTransformerBlockV2 is attention and an MLP, each normalised and added to its input.
type SwinTransformerBlockV2 struct{ SwinTransformerBlock }

// newSwinBlock returns a block that is left out with probability p.
func newSwinBlock(dim int, w WindowAttention, p float64, o SwinOptions) nn.Layer {
	b := SwinTransformerBlock{Norm1: o.NormLayer(dim)}
	if o.V2 {
		b.Attn = newShiftedWindowAttentionV2(dim, w)
	} else {
		b.Attn = newShiftedWindowAttention(dim, w)
	}
	b.StochasticDepth = ops.NewStochasticDepth(p, "row")
	b.Norm2 = o.NormLayer(dim)
	b.MLP = ops.NewMLP(dim, []int{int(float64(dim) * option.Or(o.MLPRatio, 4)), dim},
		ops.MLPOptions{ActivationLayer: func() nn.Layer { return nn.NewGELU() }, Dropout: o.Dropout})
	drawMLP(&b.MLP.Sequential)
	if o.V2 {
		return nn.Init(&SwinTransformerBlockV2{b})
	}
	return nn.Init(&b)
}

// Forward returns the features of patches, batch × height × width × features, anew.
func (b *SwinTransformerBlock) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *SwinTransformerBlock) forward(x *torch.Tensor) *torch.Tensor {
	x = x.Add(b.StochasticDepth.Forward(nn.Call(b.Attn, nn.Call(b.Norm1, x))))
	return x.Add(b.StochasticDepth.Forward(b.MLP.Forward(nn.Call(b.Norm2, x))))
}

// Forward is as that of [SwinTransformerBlock].
func (b *SwinTransformerBlockV2) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *SwinTransformerBlockV2) forward(x *torch.Tensor) *torch.Tensor {
	x = x.Add(b.StochasticDepth.Forward(nn.Call(b.Norm1, nn.Call(b.Attn, x))))
	return x.Add(b.StochasticDepth.Forward(nn.Call(b.Norm2, b.MLP.Forward(x))))
}

// newSwin returns a network of four stages whose heads double from stage to stage.
func newSwin(dim, heads, third, window int, p float64, v2 bool, options []SwinOptions) *SwinTransformer {
	o := option.First(options)
	o.StochasticDepthProb = new(option.Or(o.StochasticDepthProb, p))
	o.V2 = o.V2 || v2
	return NewSwinTransformer(SwinSize{PatchSize: [2]int{4, 4}, EmbedDim: dim, Depths: []int{2, 2, third, 2},
		NumHeads: []int{heads, 2 * heads, 4 * heads, 8 * heads}, WindowSize: [2]int{window, window}}, o)
}

// SwinT returns the tiny Swin Transformer.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_t.html
func SwinT(options ...SwinOptions) *SwinTransformer { return newSwin(96, 3, 6, 7, 0.2, false, options) }

// SwinS returns the small Swin Transformer.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_s.html
func SwinS(options ...SwinOptions) *SwinTransformer {
	return newSwin(96, 3, 18, 7, 0.3, false, options)
}

// SwinB returns the base Swin Transformer.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_b.html
func SwinB(options ...SwinOptions) *SwinTransformer {
	return newSwin(128, 4, 18, 7, 0.5, false, options)
}

// SwinV2T returns the tiny Swin Transformer V2.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_v2_t.html
func SwinV2T(options ...SwinOptions) *SwinTransformer {
	return newSwin(96, 3, 6, 8, 0.2, true, options)
}

// SwinV2S returns the small Swin Transformer V2.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_v2_s.html
func SwinV2S(options ...SwinOptions) *SwinTransformer {
	return newSwin(96, 3, 18, 8, 0.3, true, options)
}

// SwinV2B returns the base Swin Transformer V2.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.swin_v2_b.html
func SwinV2B(options ...SwinOptions) *SwinTransformer {
	return newSwin(128, 4, 18, 8, 0.5, true, options)
}
