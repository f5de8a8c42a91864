package functional

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// LinearCrossEntropyOptions are the options of [LinearCrossEntropy].
type LinearCrossEntropyOptions struct {
	LinearBias *torch.Tensor               // classes × …, as weight without its last dimension; or nil
	Chunking   *LinearCrossEntropyChunking // take the batch in chunks; default: all of it at once
	CrossEntropyOptions
}

// LinearCrossEntropy returns the cross entropy of the scores input · weightᵀ + bias
// against target: input is (batch ×) in, weight classes × … × in, the scores (batch
// ×) classes × …. It panics where these do not fit, and where IgnoreIndex is given
// for probabilities.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
func LinearCrossEntropy(input, linearWeight, target *torch.Tensor, options ...LinearCrossEntropyOptions) *torch.Tensor {
	const name = "LinearCrossEntropy"
	o := option.First(options)
	bias := o.LinearBias
	batch, weight := input.Shape(), linearWeight.Shape()
	switch {
	case len(batch) < 1 || len(batch) > 2:
		panic(torch.Errorf("functional."+name, torch.RuntimeError, "expected input with dimensionality 1 or 2, got %d",
			len(batch)))
	case len(weight) < 2:
		panic(torch.Errorf("functional."+name, torch.RuntimeError,
			"expected linear_weight with dimensionality at least 2, got %d", len(weight)))
	}
	batch, in := batch[:len(batch)-1], batch[len(batch)-1]
	classes, features := weight[:len(weight)-1], weight[len(weight)-1]
	scores := slices.Concat(batch, classes)
	switch {
	case in != features:
		panic(torch.Errorf("functional."+name, torch.RuntimeError,
			"expected equal input and linear_weight last dimensions (in_features), got %d and %d, respectively", in, features))
	case bias != nil && !slices.Equal(bias.Shape(), classes):
		panic(torch.Errorf("functional."+name, torch.RuntimeError, "expected linear_bias shape %s, got %s",
			tuple(classes...), tuple(bias.Shape()...)))
	case len(classes) > 1 && len(batch) == 0:
		panic(torch.Errorf("functional."+name, torch.RuntimeError, "K-dimensional loss defined by linear_weight shape %s requires batched input, (N, %d), "+
			"got unbatched input with shape %s", tuple(weight...), in, tuple(input.Shape()...)))
	case o.IgnoreIndex != nil && slices.Equal(target.Shape(), scores):
		panic(torch.Errorf("functional."+name, torch.RuntimeError,
			"ignore_index cannot be specified when target contains probabilities"))
	}
	if o.Chunking != nil {
		o.Chunking.factor() // panics on bad options
		probabilities := slices.Equal(target.Shape(), scores) && target.DType() == input.DType() && !needsGrad(target)
		if len(classes) == 1 && o.LabelSmoothing == 0 && (probabilities || target.DType() == torch.Int64) {
			return o.chunked(input, linearWeight, target)
		}
	}
	if bias != nil {
		bias = bias.Reshape(-1)
	}
	return CrossEntropy(Linear(input, linearWeight.Reshape(-1, features), bias).Reshape(scores...), target, o.CrossEntropyOptions)
}

func needsGrad(x *torch.Tensor) bool { return x != nil && x.RequiresGrad() && torch.IsGradEnabled() }

// chunked is [LinearCrossEntropy] with Chunking.
func (o LinearCrossEntropyOptions) chunked(input, linearWeight, target *torch.Tensor) *torch.Tensor {
	batched := input.Dim() == 2
	if !batched {
		input, target = input.Unsqueeze(0), target.Unsqueeze(0)
	}
	c := o.Chunking.resolve(input, linearWeight.Size(0), target.IsFloatingPoint())
	c.how, c.ignore = cmp.Or(o.Reduction, ReductionMean), option.Or(o.IgnoreIndex, -100)
	var f autograd.Function
	if reduction("functional.LinearCrossEntropy", c.how) == 0 {
		f = chunkedLosses{c}
	} else {
		f = &chunkedLoss{
			chunking: c, retain: o.Chunking.AllowRetainGraph,
			needs: [3]bool{needsGrad(input), needsGrad(linearWeight), needsGrad(o.LinearBias)},
		}
	}
	loss := autograd.Apply1(autograd.OnceDifferentiable(f), input, linearWeight, o.LinearBias, target, o.Weight)
	if !batched {
		loss = loss.Squeeze(0)
	}
	return loss
}

// chunkedLoss gives a mean or a sum. Its gradients are those of the loss, which
// come with it, times one number.
type chunkedLoss struct {
	chunking
	needs  [3]bool
	retain bool
	used   atomic.Bool
}

func (f *chunkedLoss) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	p := newPass(f.chunking, inputs, f.needs, nil).run()
	ctx.SaveForBackward(p.grads[:]...)
	return []*torch.Tensor{p.loss.To(f.dtype)}
}

func (f *chunkedLoss) Backward(ctx *autograd.Context, up ...*torch.Tensor) []*torch.Tensor {
	if f.used.Swap(true) && !f.retain {
		panic(torch.Errorf("functional.LinearCrossEntropy", torch.RuntimeError, "linear_cross_entropy chunked backward called twice; "+
			"RetainGraph and double backward are not supported without LinearCrossEntropyOptions.Chunking.AllowRetainGraph."))
	}
	grads := make([]*torch.Tensor, 5)
	for i, grad := range ctx.SavedTensors() {
		switch {
		case grad != nil && f.retain:
			grads[i] = grad.Mul(up[0])
		case grad != nil:
			grads[i] = grad.MulInplace(up[0])
		}
	}
	return grads
}

// chunkedLosses gives a loss for each row. Its gradients need those of the losses,
// so it goes over the chunks again.
type chunkedLosses struct{ chunking }

func (f chunkedLosses) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	ctx.SaveForBackward(inputs...)
	return []*torch.Tensor{newPass(f.chunking, inputs, [3]bool{}, nil).run().loss}
}

func (f chunkedLosses) Backward(ctx *autograd.Context, up ...*torch.Tensor) []*torch.Tensor {
	needs := [3]bool{ctx.NeedsInputGrad(0), ctx.NeedsInputGrad(1), ctx.NeedsInputGrad(2)}
	p := newPass(f.chunking, ctx.SavedTensors(), needs, up[0]).run()
	return append(p.grads[:], nil, nil)
}
