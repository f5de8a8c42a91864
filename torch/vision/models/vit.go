package models

import (
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// VisionTransformer cuts images into square patches, which attend to each other and to
// a token for the class.
//
// https://docs.pytorch.org/vision/stable/models/vision_transformer.html
type VisionTransformer struct {
	nn.Module
	ImageSize  int
	PatchSize  int
	HiddenDim  int
	ClassToken *torch.Tensor // 1 × 1 × hidden
	ConvProj   nn.Layer      // patches to features
	Encoder    *Encoder
	Heads      *nn.Sequential
}

// ViTOptions are the options of [VisionTransformer]s.
type ViTOptions struct {
	ImageSize          *int             // height and width of the images; default: 224
	Dropout            float64          // the probability of zero in the encoder
	AttentionDropout   float64          // the same for the weights of attention
	NumClasses         *int             // default: 1000
	RepresentationSize int              // features of a layer before the last; default: 0, no such layer
	NormLayer          NormLayer        // default: nn.NewLayerNorm, with eps 1e-6
	ConvStemConfigs    []ConvStemConfig // convolutions in place of the patches; default: none
}

// ConvStemConfig is a convolution, normalisation and activation that images go through
// before a [VisionTransformer].
type ConvStemConfig struct {
	OutChannels     int
	KernelSize      int
	Stride          int
	NormLayer       NormLayer       // default: nn.NewBatchNorm2d
	ActivationLayer func() nn.Layer // default: nn.NewReLU, in place
}

// ViTSize is how large a [VisionTransformer] is.
type ViTSize struct {
	PatchSize int // height and width of a patch
	NumLayers int
	NumHeads  int
	HiddenDim int // features of a patch
	MLPDim    int // features between the linear layers of a block
}

// MLPBlock is two linear layers with a GELU between them.
type MLPBlock struct{ ops.MLP }

func newMLPBlock(in, hidden int, dropout float64) *MLPBlock {
	m := nn.Init(&MLPBlock{})
	layers := ops.NewMLP(in, []int{hidden, in}, ops.MLPOptions{ActivationLayer: func() nn.Layer { return nn.NewGELU() }, Dropout: dropout})
	for _, layer := range layers.All() {
		m.Append(layer)
	}
	drawMLP(&m.Sequential)
	return m
}

// EncoderBlock is self-attention and an [MLPBlock], each added to its input.
type EncoderBlock struct {
	nn.Module
	LN1           nn.Layer `nn:"ln_1"`
	SelfAttention *nn.MultiheadAttention
	Dropout       *nn.Dropout
	LN2           nn.Layer `nn:"ln_2"`
	MLP           *MLPBlock
}

func newEncoderBlock(size ViTSize, o ViTOptions) *EncoderBlock {
	return nn.Init(&EncoderBlock{
		LN1: o.NormLayer(size.HiddenDim),
		SelfAttention: nn.NewMultiheadAttention(size.HiddenDim, size.NumHeads,
			nn.MultiheadAttentionOptions{Dropout: o.AttentionDropout, BatchFirst: true}),
		Dropout: nn.NewDropout(nn.DropoutOptions{P: &o.Dropout}),
		LN2:     o.NormLayer(size.HiddenDim),
		MLP:     newMLPBlock(size.HiddenDim, size.MLPDim, o.Dropout),
	})
}

// Forward returns the features of patches, batch × patches × hidden, anew.
func (b *EncoderBlock) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *EncoderBlock) forward(x *torch.Tensor) *torch.Tensor {
	normal := nn.Call(b.LN1, x)
	attended, _ := b.SelfAttention.Forward(normal, normal, normal, nn.MultiheadAttentionForwardOptions{NeedWeights: new(false)})
	x = b.Dropout.Forward(attended).Add(x)
	return x.Add(b.MLP.Forward(nn.Call(b.LN2, x)))
}

// Encoder is the blocks of a [VisionTransformer].
type Encoder struct {
	nn.Module
	PosEmbedding *torch.Tensor // 1 × patches × hidden: where a patch is
	Dropout      *nn.Dropout
	Layers       *nn.Sequential
	LN           nn.Layer
}

func newEncoder(patches int, size ViTSize, o ViTOptions) *Encoder {
	e := &Encoder{
		PosEmbedding: nn.NewParameter(nninit.Normal(torch.Empty([]int{1, patches, size.HiddenDim}), 0, 0.02)),
		Dropout:      nn.NewDropout(nn.DropoutOptions{P: &o.Dropout}),
		Layers:       nn.NewSequential(),
	}
	for i := range size.NumLayers {
		e.Layers.Add(fmt.Sprintf("encoder_layer_%d", i), newEncoderBlock(size, o))
	}
	e.LN = o.NormLayer(size.HiddenDim)
	return nn.Init(e)
}

// Forward returns the features of patches, batch × patches × hidden, anew.
func (e *Encoder) Forward(x *torch.Tensor) *torch.Tensor { return e.Run(x, e.forward) }

func (e *Encoder) forward(x *torch.Tensor) *torch.Tensor {
	return nn.Call(e.LN, e.Layers.Forward(e.Dropout.Forward(x.Add(e.PosEmbedding))))
}

// NewVisionTransformer returns a network of a size. It panics if patches do not fill
// the image.
func NewVisionTransformer(size ViTSize, options ...ViTOptions) *VisionTransformer {
	o := option.First(options)
	imageSize := option.Or(o.ImageSize, 224)
	if o.NormLayer == nil {
		o.NormLayer = func(channels int) nn.Layer {
			return nn.NewLayerNorm(channels, nn.LayerNormOptions{Eps: new(1e-6)})
		}
	}
	o.NormLayer = mustMake(o.NormLayer)
	if size.PatchSize <= 0 || imageSize%size.PatchSize != 0 {
		panic(torch.Errorf("models.NewVisionTransformer", torch.RuntimeError, "Input shape indivisible by patch size!"))
	}
	side := imageSize / size.PatchSize
	v := &VisionTransformer{ImageSize: imageSize, PatchSize: size.PatchSize, HiddenDim: size.HiddenDim}
	projection := v.project(o.ConvStemConfigs)
	v.ClassToken = nn.NewParameter(torch.Zeros([]int{1, 1, size.HiddenDim}))
	v.Encoder = newEncoder(side*side+1, size, o)
	v.Heads = nn.NewSequential()
	features := size.HiddenDim
	var before *nn.Linear
	if n := o.RepresentationSize; n != 0 {
		before = nn.NewLinear(features, n)
		v.Heads.Add("pre_logits", before)
		v.Heads.Add("act", nn.NewTanh())
		features = n
	}
	head := nn.NewLinear(features, option.Or(o.NumClasses, 1000))
	v.Heads.Add("head", head)
	if o.ConvStemConfigs == nil {
		truncated(projection.Weight, 3*size.PatchSize*size.PatchSize)
	} else {
		nninit.Normal(projection.Weight, 0, math.Sqrt(2/float64(size.HiddenDim)))
	}
	fill(projection.Bias, 0)
	if before != nil {
		truncated(before.Weight, size.HiddenDim)
		fill(before.Bias, 0)
	}
	fill(head.Weight, 0)
	fill(head.Bias, 0)
	return nn.Init(v)
}

// truncated draws weights of so many inputs.
func truncated(weight *torch.Tensor, inputs int) {
	nninit.TruncNormal(weight, nninit.TruncNormalOptions{Std: new(math.Sqrt(1 / float64(inputs)))})
}

// project makes ConvProj, and returns its last convolution.
func (v *VisionTransformer) project(stem []ConvStemConfig) *nn.Conv2d {
	if stem == nil {
		last := nn.NewConv2d(3, v.HiddenDim, v.PatchSize, nn.Conv2dOptions{Stride: v.PatchSize})
		v.ConvProj = last
		return last
	}
	row := nn.NewSequential()
	in := 3
	for i, c := range stem {
		row.Add(fmt.Sprintf("conv_bn_relu_%d", i), ops.NewConv2dNormActivation(in, c.OutChannels, ops.Conv2dNormActivationOptions{
			KernelSize: c.KernelSize, Stride: c.Stride, NormLayer: c.NormLayer, ActivationLayer: c.ActivationLayer}))
		in = c.OutChannels
	}
	last := nn.NewConv2d(in, v.HiddenDim, 1)
	row.Add("conv_last", last)
	v.ConvProj = row
	return last
}

// Forward returns a score for each class, batch × classes. It panics on images of
// another size than ImageSize.
func (v *VisionTransformer) Forward(x *torch.Tensor) *torch.Tensor { return v.Run(x, v.forward) }

func (v *VisionTransformer) forward(x *torch.Tensor) *torch.Tensor {
	const op = "VisionTransformer"
	if h := x.Size(2); h != v.ImageSize {
		panic(torch.Errorf("models."+op, torch.RuntimeError, "Wrong image height! Expected %d but got %d!",
			v.ImageSize, h))
	}
	if w := x.Size(3); w != v.ImageSize {
		panic(torch.Errorf("models."+op, torch.RuntimeError, "Wrong image width! Expected %d but got %d!",
			v.ImageSize, w))
	}
	side := v.ImageSize / v.PatchSize
	patches := nn.Call(v.ConvProj, x).Reshape(x.Size(0), v.HiddenDim, side*side).Permute(0, 2, 1)
	token := v.ClassToken.Expand(x.Size(0), -1, -1)
	x = v.Encoder.Forward(torch.Cat([]*torch.Tensor{token, patches}, 1))
	return v.Heads.Forward(x.Select(1, 0))
}

// ViTB16 returns the base vision transformer with patches of 16 × 16.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_b_16.html
func ViTB16(options ...ViTOptions) *VisionTransformer {
	return NewVisionTransformer(ViTSize{16, 12, 12, 768, 3072}, options...)
}

// ViTB32 returns the base vision transformer with patches of 32 × 32.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_b_32.html
func ViTB32(options ...ViTOptions) *VisionTransformer {
	return NewVisionTransformer(ViTSize{32, 12, 12, 768, 3072}, options...)
}

// ViTL16 returns the large vision transformer with patches of 16 × 16.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_l_16.html
func ViTL16(options ...ViTOptions) *VisionTransformer {
	return NewVisionTransformer(ViTSize{16, 24, 16, 1024, 4096}, options...)
}

// ViTL32 returns the large vision transformer with patches of 32 × 32.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_l_32.html
func ViTL32(options ...ViTOptions) *VisionTransformer {
	return NewVisionTransformer(ViTSize{32, 24, 16, 1024, 4096}, options...)
}

// ViTH14 returns the huge vision transformer with patches of 14 × 14.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_h_14.html
func ViTH14(options ...ViTOptions) *VisionTransformer {
	return NewVisionTransformer(ViTSize{14, 32, 16, 1280, 5120}, options...)
}
