package nninit

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// TruncNormalOptions are the options of [TruncNormal].
type TruncNormalOptions struct {
	Mean      float64          // of the distribution that is cut off
	Std       *float64         // its standard deviation; default: 1
	A         *float64         // the least value; default: -2
	B         *float64         // the greatest value; default: 2
	Generator *torch.Generator // default: the one that torch.ManualSeed seeds
}

// TruncNormal draws the elements from a normal distribution, those outside of [A,
// B] again.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
func TruncNormal(x *torch.Tensor, options ...TruncNormalOptions) *torch.Tensor {
	if x.IsMeta() {
		return x
	}
	o := option.First(options)
	t := truncated{mean: o.Mean, std: option.Or(o.Std, 1), a: option.Or(o.A, -2), b: option.Or(o.B, 2), generator: o.Generator}
	torch.NoGrad(func() {
		torch.Scope(func() {
			if t.share() > 0.3 {
				t.redraw(x)
			} else {
				t.reject(x)
			}
		})
	})
	return x
}

// truncated is a normal distribution cut off at a and b.
type truncated struct {
	mean, std, a, b float64
	generator       *torch.Generator
}

// share returns how much of the normal distribution is between a and b.
func (t truncated) share() float64 {
	below := func(v float64) float64 { return (1 + math.Erf((v-t.mean)/t.std/math.Sqrt2)) / 2 }
	return below(t.b) - below(t.a)
}

// redraw draws normal numbers until all fit, which suits where most do.
func (t truncated) redraw(x *torch.Tensor) {
	bounds := torch.FromSlice([]float64{t.a, t.b}).To(x.DType()) // as x can hold them
	low, high := bounds.Select(0, 0).Item(), bounds.Select(0, 1).Item()
	result := x.NormalInplace(t.mean, t.std, t.generator)
	for {
		outside := result.Lt(low).LogicalOr(result.Gt(high))
		if !outside.Any().Bool() {
			break
		}
		result = torch.Where(outside, torch.EmptyLike(result).NormalInplace(t.mean, t.std, t.generator), result)
	}
	if result != x {
		x.CopyInplace(result)
	}
}

// reject draws even numbers and accepts each with its density, relative to the
// highest one, as its probability, until all are accepted.
func (t truncated) reject(x *torch.Tensor) {
	mode := max(t.a, min(t.mean, t.b))
	deviations := (mode - t.mean) / t.std
	peak := -0.5 * deviations * deviations
	draw := torch.EmptyLike(x)
	refused := func(candidates *torch.Tensor) *torch.Tensor {
		density := candidates.Sub(t.mean).DivInplace(t.std).PowInplace(2).MulInplace(-0.5).SubInplace(peak)
		return draw.UniformInplace(0, 1, t.generator).LogInplace().Gt(density)
	}
	pending := refused(x.UniformInplace(t.a, t.b, t.generator))
	if !pending.Any().Bool() {
		return
	}
	result := x
	for pending.Any().Bool() {
		candidates := torch.EmptyLike(x).UniformInplace(t.a, t.b, t.generator)
		result = torch.Where(pending, candidates, result)
		pending = torch.Where(pending, refused(candidates), pending)
	}
	x.CopyInplace(result)
}
