package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Criterion is the base of losses that are a function of package functional, with its
// options.
type Criterion[O any] struct {
	Module
	Options  O // as they were given, such as the reduction
	function func(input, target *torch.Tensor, options ...O) *torch.Tensor
}

func newCriterion[O any](function func(input, target *torch.Tensor, options ...O) *torch.Tensor, options O) Criterion[O] {
	return Criterion[O]{Options: options, function: function}
}

func (c *Criterion[O]) forward(input, target *torch.Tensor) *torch.Tensor {
	return c.function(input, target, c.Options)
}

// L1Loss is the absolute error |input − target|.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
type L1Loss struct {
	Criterion[functional.WeightedLossOptions] // Options
}

// NewL1Loss returns the loss.
func NewL1Loss(options ...functional.LossOptions) *L1Loss {
	return Init(&L1Loss{newCriterion(functional.L1Loss, functional.WeightedLossOptions{Reduction: option.First(options).Reduction})})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *L1Loss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// MSELoss is the square error (input − target)².
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
type MSELoss struct {
	Criterion[functional.WeightedLossOptions] // Options
}

// NewMSELoss returns the loss.
func NewMSELoss(options ...functional.LossOptions) *MSELoss {
	return Init(&MSELoss{newCriterion(functional.MSELoss, functional.WeightedLossOptions{Reduction: option.First(options).Reduction})})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *MSELoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// SmoothL1Loss is ½(input − target)² ÷ Beta for errors below Beta, and |input −
// target| − ½Beta for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
type SmoothL1Loss struct {
	Criterion[functional.SmoothL1LossOptions] // Options
}

// NewSmoothL1Loss returns the loss.
func NewSmoothL1Loss(options ...functional.SmoothL1LossOptions) *SmoothL1Loss {
	return Init(&SmoothL1Loss{newCriterion(functional.SmoothL1Loss, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *SmoothL1Loss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// HuberLoss is ½(input − target)² for errors below Delta, and Delta × (|input −
// target| − ½Delta) for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
type HuberLoss struct {
	Criterion[functional.HuberLossOptions] // Options
}

// HuberLossOptions are the options of [NewHuberLoss].
type HuberLossOptions struct {
	Delta     *float64             // the error at which squares become absolute values; default: 1
	Reduction functional.Reduction // default: functional.ReductionMean
}

// NewHuberLoss returns the loss.
func NewHuberLoss(options ...HuberLossOptions) *HuberLoss {
	o := option.First(options)
	return Init(&HuberLoss{newCriterion(functional.HuberLoss, functional.HuberLossOptions{Delta: o.Delta, Reduction: o.Reduction})})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *HuberLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// KLDivLoss is the Kullback-Leibler divergence of target, probabilities, from
// input, logarithms of probabilities. Mathematics' mean is reduction "batchmean".
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
type KLDivLoss struct {
	Criterion[functional.KLDivOptions] // Options
}

// NewKLDivLoss returns the loss.
func NewKLDivLoss(options ...functional.KLDivOptions) *KLDivLoss {
	return Init(&KLDivLoss{newCriterion(functional.KLDiv, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *KLDivLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// PoissonNLLLoss is the negative log likelihood of target by Poisson distributions
// of the rates input, or of those whose logarithms are input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
type PoissonNLLLoss struct {
	Criterion[functional.PoissonNLLLossOptions] // Options
}

// NewPoissonNLLLoss returns the loss.
func NewPoissonNLLLoss(options ...functional.PoissonNLLLossOptions) *PoissonNLLLoss {
	return Init(&PoissonNLLLoss{newCriterion(functional.PoissonNLLLoss, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *PoissonNLLLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// GaussianNLLLoss is the negative log likelihood of target by normal distributions
// of the means input and given variances.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
type GaussianNLLLoss struct {
	Module
	Options functional.GaussianNLLLossOptions // as they were given
}

// NewGaussianNLLLoss returns the loss.
func NewGaussianNLLLoss(options ...functional.GaussianNLLLossOptions) *GaussianNLLLoss {
	return Init(&GaussianNLLLoss{Options: option.First(options)})
}

// Forward returns the loss of input against target. The variance is a number, or a
// tensor of input's size, or without or with 1 as its last dimension. It panics on
// negative variances.
func (l *GaussianNLLLoss) Forward(input, target *torch.Tensor, variance torch.Operand) *torch.Tensor {
	return l.Run2(input, target, func(input, target *torch.Tensor) *torch.Tensor {
		return functional.GaussianNLLLoss(input, target, variance, l.Options)
	})
}

// CTCLoss is the connectionist temporal classification loss: of all ways to align a
// sequence of scores with a shorter sequence of classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
type CTCLoss struct {
	Module
	Options functional.CTCLossOptions // as they were given
}

// NewCTCLoss returns the loss.
func NewCTCLoss(options ...functional.CTCLossOptions) *CTCLoss {
	return Init(&CTCLoss{Options: option.First(options)})
}

// Forward returns the loss of logarithms of probabilities (time × batch × classes)
// against targets (batch × length, or all of them behind each other). Lengths are
// integer tensors (batch). Without a batch, that dimension is left out.
func (l *CTCLoss) Forward(logProbs, targets, inputLengths, targetLengths *torch.Tensor) *torch.Tensor {
	return l.RunAll(l.forward, logProbs, targets, inputLengths, targetLengths)[0]
}

func (l *CTCLoss) forward(in []*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{functional.CTCLoss(in[0], in[1], in[2], in[3], l.Options)}
}
