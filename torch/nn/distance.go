package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// PairwiseDistance gives the norm of x1 − x2 + Eps over the last dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
type PairwiseDistance struct {
	Module
	Norm    float64
	Eps     float64
	Keepdim bool
}

// PairwiseDistanceOptions are the options of [NewPairwiseDistance].
type PairwiseDistanceOptions struct {
	P       *float64 // of the norm; default: 2
	Eps     *float64 // added to differences; default: 1e-6
	Keepdim bool     // keep the last dimension, of size 1
}

// NewPairwiseDistance returns the module.
func NewPairwiseDistance(options ...PairwiseDistanceOptions) *PairwiseDistance {
	o := option.First(options)
	return Init(&PairwiseDistance{Norm: option.Or(o.P, 2), Eps: option.Or(o.Eps, 1e-6), Keepdim: o.Keepdim})
}

// Forward returns the distances of the vectors of x1 and x2, (batch ×) d, which
// broadcast against each other: (batch).
func (p *PairwiseDistance) Forward(x1, x2 *torch.Tensor) *torch.Tensor {
	return p.Run2(x1, x2, p.forward)
}

func (p *PairwiseDistance) forward(x1, x2 *torch.Tensor) *torch.Tensor {
	return functional.PairwiseDistance(x1, x2, functional.PairwiseDistanceOptions{P: &p.Norm, Eps: &p.Eps, Keepdim: p.Keepdim})
}

// CosineSimilarity gives x1 · x2 ÷ (|x1| |x2|) along the dimension Dim.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
type CosineSimilarity struct {
	Module
	Dim int
	Eps float64
}

// CosineSimilarityOptions are the options of [NewCosineSimilarity].
type CosineSimilarityOptions struct {
	Dim *int     // default: 1
	Eps *float64 // the least norm; default: 1e-8
}

// NewCosineSimilarity returns the module.
func NewCosineSimilarity(options ...CosineSimilarityOptions) *CosineSimilarity {
	o := option.First(options)
	return Init(&CosineSimilarity{Dim: option.Or(o.Dim, 1), Eps: option.Or(o.Eps, 1e-8)})
}

// Forward returns the similarities of x1 and x2, which broadcast against each
// other, without the dimension Dim.
func (c *CosineSimilarity) Forward(x1, x2 *torch.Tensor) *torch.Tensor {
	return c.Run2(x1, x2, c.forward)
}

func (c *CosineSimilarity) forward(x1, x2 *torch.Tensor) *torch.Tensor {
	return functional.CosineSimilarity(x1, x2, functional.CosineSimilarityOptions{Dim: &c.Dim, Eps: &c.Eps})
}
