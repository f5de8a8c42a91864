package nn

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// loss is the base of losses: it gives Forward to a type that has forward.
type loss struct{ Module }

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *loss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.initialized().self.(interface {
		forward(input, target *torch.Tensor) *torch.Tensor
	}).forward)
}

// criterion is the base of losses that are a function of package functional, with
// its options.
type criterion[O any] struct {
	loss
	options  O
	function func(input, target *torch.Tensor, options ...O) *torch.Tensor
}

func newCriterion[O any](function func(input, target *torch.Tensor, options ...O) *torch.Tensor, options O) criterion[O] {
	return criterion[O]{options: options, function: function}
}

func (c *criterion[O]) forward(input, target *torch.Tensor) *torch.Tensor {
	return c.function(input, target, c.options)
}

// L1Loss is the absolute error |input − target|.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
type L1Loss struct {
	criterion[functional.WeightedLossOptions]
}

// NewL1Loss returns the loss.
func NewL1Loss(options ...functional.LossOptions) *L1Loss {
	return Init(&L1Loss{newCriterion(functional.L1Loss, functional.WeightedLossOptions{Reduction: torch.First(options).Reduction})})
}

// MSELoss is the square error (input − target)².
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
type MSELoss struct {
	criterion[functional.WeightedLossOptions]
}

// NewMSELoss returns the loss.
func NewMSELoss(options ...functional.LossOptions) *MSELoss {
	return Init(&MSELoss{newCriterion(functional.MSELoss, functional.WeightedLossOptions{Reduction: torch.First(options).Reduction})})
}

// SmoothL1Loss is ½(input − target)² ÷ Beta for errors below Beta, and |input −
// target| − ½Beta for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
type SmoothL1Loss struct {
	criterion[functional.SmoothL1LossOptions]
}

// NewSmoothL1Loss returns the loss.
func NewSmoothL1Loss(options ...functional.SmoothL1LossOptions) *SmoothL1Loss {
	return Init(&SmoothL1Loss{newCriterion(functional.SmoothL1Loss, torch.First(options))})
}

// HuberLoss is ½(input − target)² for errors below Delta, and Delta × (|input −
// target| − ½Delta) for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
type HuberLoss struct {
	criterion[functional.HuberLossOptions]
}

// HuberLossOptions are the options of [NewHuberLoss].
type HuberLossOptions struct {
	Delta     *float64             // the error at which squares become absolute values; default: 1
	Reduction functional.Reduction // default: functional.ReductionMean
}

// NewHuberLoss returns the loss.
func NewHuberLoss(options ...HuberLossOptions) *HuberLoss {
	o := torch.First(options)
	return Init(&HuberLoss{newCriterion(functional.HuberLoss, functional.HuberLossOptions{Delta: o.Delta, Reduction: o.Reduction})})
}

// KLDivLoss is the Kullback-Leibler divergence of target, probabilities, from
// input, logarithms of probabilities. Mathematics' mean is reduction "batchmean".
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
type KLDivLoss struct {
	criterion[functional.KLDivOptions]
}

// NewKLDivLoss returns the loss.
func NewKLDivLoss(options ...functional.KLDivOptions) *KLDivLoss {
	return Init(&KLDivLoss{newCriterion(functional.KLDiv, torch.First(options))})
}

// PoissonNLLLoss is the negative log likelihood of target by Poisson distributions
// of the rates input, or of those whose logarithms are input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
type PoissonNLLLoss struct {
	criterion[functional.PoissonNLLLossOptions]
}

// NewPoissonNLLLoss returns the loss.
func NewPoissonNLLLoss(options ...functional.PoissonNLLLossOptions) *PoissonNLLLoss {
	return Init(&PoissonNLLLoss{newCriterion(functional.PoissonNLLLoss, torch.First(options))})
}

// GaussianNLLLoss is the negative log likelihood of target by normal distributions
// of the means input and given variances.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
type GaussianNLLLoss struct {
	Module
	options functional.GaussianNLLLossOptions
}

// NewGaussianNLLLoss returns the loss.
func NewGaussianNLLLoss(options ...functional.GaussianNLLLossOptions) *GaussianNLLLoss {
	return Init(&GaussianNLLLoss{options: torch.First(options)})
}

// Forward returns the loss of input against target. The variance is a number, or a
// tensor of input's size, or without or with 1 as its last dimension. It panics on
// negative variances.
func (l *GaussianNLLLoss) Forward(input, target *torch.Tensor, variance torch.Operand) *torch.Tensor {
	return l.Run2(input, target, func(input, target *torch.Tensor) *torch.Tensor {
		return functional.GaussianNLLLoss(input, target, variance, l.options)
	})
}

// CTCLoss is the connectionist temporal classification loss: of all ways to align a
// sequence of scores with a shorter sequence of classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
type CTCLoss struct {
	Module
	options functional.CTCLossOptions
}

// NewCTCLoss returns the loss.
func NewCTCLoss(options ...functional.CTCLossOptions) *CTCLoss {
	return Init(&CTCLoss{options: torch.First(options)})
}

// Forward returns the loss of logarithms of probabilities (time × batch × classes)
// against targets (batch × length, or all of them behind each other). Lengths are
// integer tensors (batch). Without a batch, that dimension is left out.
func (l *CTCLoss) Forward(logProbs, targets, inputLengths, targetLengths *torch.Tensor) *torch.Tensor {
	return l.RunAll(l.forward, logProbs, targets, inputLengths, targetLengths)[0]
}

func (l *CTCLoss) forward(in []*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{functional.CTCLoss(in[0], in[1], in[2], in[3], l.options)}
}
