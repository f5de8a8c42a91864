// Package explain says which parts of an input a model's answer is due to. All of
// it works on any function of a tensor, such as a module's Forward:
//
//	net.Eval()
//	picture := explain.Saliency(net.Forward, images, predicted)
//
// PyTorch itself has none of this. The names, defaults and values are those of
// Captum, its library for it.
//
// # Targets
//
// A model that gives scores, n × classes, is asked about one class of each of its
// n inputs: target holds them, n, of Int64. With a nil target the model gives one
// number for each input, n or n × 1.
package explain

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// SaliencyOptions are the options of [Saliency].
type SaliencyOptions struct {
	Signed bool // keep the signs; default: absolute values
}

// Saliency returns the gradient of f's answer by x, of x's shape: how much the
// answer would change with each element.
//
// https://captum.ai/api/saliency.html
func Saliency(f func(x *torch.Tensor) *torch.Tensor, x, target *torch.Tensor, options ...SaliencyOptions) *torch.Tensor {
	gradient := gradient("Saliency", f, x, target)
	if option.First(options).Signed {
		return gradient
	}
	return gradient.Abs()
}

// gradient returns the gradient of the answers by x. The inputs of a batch do not
// influence each other, so that the gradient of the sum is that of each.
func gradient(op string, f func(x *torch.Tensor) *torch.Tensor, x, target *torch.Tensor) (gradient *torch.Tensor) {
	argument.NotNil("explain."+op, "the model", f)
	torch.EnableGrad(func() {
		x = x.Detach().SetRequiresGrad(true)
		answer := answers(op, f, x, target).Sum()
		gradient = autograd.Grad([]*torch.Tensor{answer}, []*torch.Tensor{x})[0]
	})
	return gradient
}

// answers returns f's answers about the targets, n.
func answers(op string, f func(x *torch.Tensor) *torch.Tensor, x, target *torch.Tensor) *torch.Tensor {
	scores := f(x)
	n := x.Size(0)
	if target == nil {
		if scores.Numel() != n {
			panic(torch.Errorf("explain."+op, torch.ValueError,
				"the model gives %v for %d inputs; want a target, or one number for each", scores.Shape(), n))
		}
		return scores.Reshape(n)
	}
	if scores.Dim() != 2 || scores.Size(0) != n || target.Dim() != 1 || target.Size(0) != n {
		panic(torch.Errorf("explain."+op, torch.ValueError,
			"want scores (n, classes) and targets (n) for %d inputs, got %v and %v", n, scores.Shape(), target.Shape()))
	}
	return scores.Gather(1, target.Unsqueeze(1)).Squeeze(1)
}

// IntegratedGradientsOptions are the options of [IntegratedGradients].
type IntegratedGradientsOptions struct {
	Baseline *torch.Tensor // what says nothing, such as a black image; default: 0 everywhere
	Steps    *int          // gradients to take on the way from there; default: 50
}

// IntegratedGradients returns the gradient by x on the way from the baseline to x,
// on average, times that way, of x's shape: what each element adds to the answer.
// Together they add up to the answer less that for the baseline. The average is an
// integral by Gauss and Legendre's rule.
//
// https://captum.ai/api/integrated_gradients.html
func IntegratedGradients(f func(x *torch.Tensor) *torch.Tensor, x, target *torch.Tensor, options ...IntegratedGradientsOptions) *torch.Tensor {
	const op = "IntegratedGradients"
	o := option.First(options)
	steps := option.Or(o.Steps, 50)
	if steps < 1 {
		panic(torch.Errorf("explain."+op, torch.ValueError, "%d steps, want 1 or more", steps))
	}
	x = x.Detach()
	baseline := baselineOf(o.Baseline, x)
	way := x.Sub(baseline)
	average := torch.ZerosLike(x)
	points, weights := gaussLegendre(steps)
	for i, point := range points {
		g := gradient(op, f, baseline.Add(way.Mul(point)), target)
		average.AddInplace(g.Mul(weights[i]))
	}
	return average.Mul(way)
}

// baselineOf returns the baseline of an option.
func baselineOf(baseline, x *torch.Tensor) *torch.Tensor {
	if baseline == nil {
		return torch.ZerosLike(x)
	}
	return baseline.Detach()
}

// gaussLegendre returns the points and weights of a rule of n points for integrals
// from 0 to 1. The points are the roots of Legendre's polynomial, by Newton's
// method.
func gaussLegendre(n int) (points, weights []float64) {
	for i := range n {
		x := -math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for step := 1.0; math.Abs(step) > 1e-15; {
			p, before := 1.0, 0.0
			for k := range n {
				p, before = (float64(2*k+1)*x*p-float64(k)*before)/float64(k+1), p
			}
			slope = float64(n) * (x*p - before) / (x*x - 1)
			step = p / slope
			x -= step
		}
		points = append(points, (1+x)/2)
		weights = append(weights, 1/((1-x*x)*slope*slope))
	}
	return points, weights
}
