package functional

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// LinearCrossEntropyOptions are the options of [LinearCrossEntropy].
type LinearCrossEntropyOptions struct {
	LinearBias *torch.Tensor // classes × …, as weight without its last dimension; or nil
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
	o := torch.First(options)
	bias := o.LinearBias
	batch, weight := input.Shape(), linearWeight.Shape()
	switch {
	case len(batch) < 1 || len(batch) > 2:
		fail(name, torch.RuntimeError, "expected input with dimensionality 1 or 2, got %d", len(batch))
	case len(weight) < 2:
		fail(name, torch.RuntimeError, "expected linear_weight with dimensionality at least 2, got %d", len(weight))
	}
	batch, in := batch[:len(batch)-1], batch[len(batch)-1]
	classes, features := weight[:len(weight)-1], weight[len(weight)-1]
	scores := slices.Concat(batch, classes)
	switch {
	case in != features:
		fail(name, torch.RuntimeError, "expected equal input and linear_weight last dimensions (in_features), got %d and %d, respectively", in, features)
	case bias != nil && !slices.Equal(bias.Shape(), classes):
		fail(name, torch.RuntimeError, "expected linear_bias shape %s, got %s", tuple(classes...), tuple(bias.Shape()...))
	case len(classes) > 1 && len(batch) == 0:
		fail(name, torch.RuntimeError, "K-dimensional loss defined by linear_weight shape %s requires batched input, (N, %d), "+
			"got unbatched input with shape %s", tuple(weight...), in, tuple(input.Shape()...))
	case o.IgnoreIndex != nil && slices.Equal(target.Shape(), scores):
		fail(name, torch.RuntimeError, "ignore_index cannot be specified when target contains probabilities")
	}
	if bias != nil {
		bias = bias.Reshape(-1)
	}
	return CrossEntropy(Linear(input, linearWeight.Reshape(-1, features), bias).Reshape(scores...), target, o.CrossEntropyOptions)
}
