package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// DropoutOptions are the options of dropouts.
type DropoutOptions struct {
	P        *float64 // the probability of zero; default: 0.5
	Training *bool    // false returns x itself; default: true
	Inplace  bool     // write the result into x
}

// values returns the probability and whether anything is done.
func (o DropoutOptions) values(name string) (p float64, training bool) {
	p = option.Or(o.P, 0.5)
	if p < 0 || p > 1 {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"dropout probability has to be between 0 and 1, but got %v", p))
	}
	return p, option.Or(o.Training, true)
}

// Dropout returns x with elements zeroed with probability P, and the others
// divided by 1 − P.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
func Dropout(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	o := option.First(options)
	p, training := o.values("Dropout")
	if o.Inplace {
		return x.DropoutInplace(p, training)
	}
	return torch.Dropout(x, p, training)
}

// AlphaDropout is [Dropout] that keeps the mean and the variance of what SELU
// gives.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
func AlphaDropout(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	o := option.First(options)
	p, training := o.quiet("AlphaDropout")
	if o.Inplace {
		return x.AlphaDropoutInplace(p, training)
	}
	return torch.AlphaDropout(x, p, training)
}

// quiet is values with training off by default, as Python has it for some.
func (o DropoutOptions) quiet(name string) (p float64, training bool) {
	p, _ = o.values(name)
	return p, option.Or(o.Training, false)
}

// FeatureAlphaDropout is [AlphaDropout] of whole channels; Training is off unless
// it is set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
func FeatureAlphaDropout(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	o := option.First(options)
	p, training := o.quiet("FeatureAlphaDropout")
	if o.Inplace {
		return x.FeatureAlphaDropoutInplace(p, training)
	}
	return torch.FeatureAlphaDropout(x, p, training)
}

// channels drops whole channels of x, which has a batch if its dimensions are
// batched.
func channels(name string, x *torch.Tensor, batched int, o DropoutOptions) *torch.Tensor {
	p, training := o.values(name)
	drop := func(x *torch.Tensor) *torch.Tensor {
		if o.Inplace {
			return x.FeatureDropoutInplace(p, training)
		}
		return torch.FeatureDropout(x, p, training)
	}
	if x.Dim() == batched {
		return drop(x)
	}
	return drop(x.Unsqueeze(0)).Squeeze(0)
}

// Dropout1d is [Dropout] of whole channels of x (batch × channels × length, or
// without the batch).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
func Dropout1d(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	if n := x.Dim(); n != 2 && n != 3 {
		panic(torch.Errorf("functional.Dropout1d", torch.RuntimeError, "dropout1d: Expected 2D or 3D input, but received a %dD input. "+
			"Note that dropout1d exists to provide channel-wise dropout on inputs with 1 "+
			"spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).", n))
	}
	return channels("Dropout1d", x, 3, option.First(options))
}

// Dropout2d is [Dropout] of whole channels of x (batch × channels × height ×
// width). As in PyTorch, three dimensions are batch × channels × length.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
func Dropout2d(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	return channels("Dropout2d", x, x.Dim(), option.First(options))
}

// Dropout3d is [Dropout] of whole channels of x (batch × channels × depth × height
// × width, or without the batch).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
func Dropout3d(x *torch.Tensor, options ...DropoutOptions) *torch.Tensor {
	return channels("Dropout3d", x, 5, option.First(options))
}
