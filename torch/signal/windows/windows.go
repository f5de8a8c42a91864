// Package windows is PyTorch's torch.signal.windows: windows of a length in samples, to
// weigh a signal with before its spectrum is taken, or to design filters with. By default
// they are symmetric, for filters; package torch has HannWindow and others under their
// older names, which are periodic by default.
//
//	w := windows.Hann(400, windows.WindowOptions{Sym: new(false)})
//
// All return a tensor of one dimension with M elements, Float32 unless options give
// Float64. They panic on a negative length, on other dtypes and on layouts that are not
// strided.
//
// https://docs.pytorch.org/docs/stable/signal.html
package windows

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// WindowOptions are the options of windows.
type WindowOptions struct {
	Sym *bool // symmetric, for filters; false is a periodic window, for spectra; default: true
	torch.TensorOptions
}

// shape is a window's length and options.
type shape struct {
	m       int
	sym     bool
	periods int // the samples between the ends: m − 1 of a symmetric window
	torch.TensorOptions
}

// shapeOf checks what all windows have, for the function called name.
func shapeOf(name string, m int, sym *bool, o torch.TensorOptions) shape {
	refuse := func(kind torch.ErrorKind, format string, args ...any) {
		panic(torch.Errorf("windows."+name, kind, format, args...))
	}
	if o.DType == 0 {
		o.DType = torch.DefaultDType()
	}
	switch {
	case m < 0:
		refuse(torch.ValueError, "it requires a non-negative window length, got M=%d", m)
	case o.Layout > torch.Strided:
		refuse(torch.ValueError, "it is implemented for strided tensors only, got: %v", o.Layout)
	case o.DType != torch.Float32 && o.DType != torch.Float64:
		refuse(torch.ValueError, "it expects float32 or float64 dtypes, got: %v", o.DType)
	case o.Generator != nil || o.MemoryFormat != 0:
		refuse(torch.TypeError, "it takes no Generator and no MemoryFormat")
	}
	w := shape{m: m, sym: option.Or(sym, true), TensorOptions: o}
	w.periods = m
	if w.sym {
		w.periods = m - 1
	}
	return w
}

// trivial returns the window of no sample, or of one, which is 1.
func (w shape) trivial() *torch.Tensor { return torch.Ones([]int{w.m}, w.TensorOptions) }

// line returns as many numbers as the window has, from start to end.
func (w shape) line(start, end torch.Operand) *torch.Tensor {
	return torch.Linspace(start, end, w.m, w.TensorOptions)
}

// positive panics unless the value is.
func positive(name, what string, value float64) {
	if !(value > 0) {
		panic(torch.Errorf("windows."+name, torch.ValueError, "%s must be positive, got: %s instead.", what, python.Repr(value)))
	}
}

// middle is where the highest sample of a window is that has its peak in the middle.
func (w shape) middle() float64 {
	if !w.sym && w.m > 1 {
		return float64(w.m) / 2
	}
	return float64(w.m-1) / 2
}

// Bartlett returns the Bartlett window, a triangle.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.bartlett.html
func Bartlett(m int, options ...WindowOptions) *torch.Tensor {
	o := option.First(options)
	w := shapeOf("Bartlett", m, o.Sym, o.TensorOptions)
	if m < 2 {
		return w.trivial()
	}
	slope := 2 / float64(w.periods)
	return w.line(-1, -1+float64(m-1)*slope).Abs().Rsub(1)
}

// Blackman returns the Blackman window.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.blackman.html
func Blackman(m int, options ...WindowOptions) *torch.Tensor {
	return cosines("Blackman", m, []float64{0.42, 0.5, 0.08}, option.First(options))
}

// Cosine returns the cosine window, half a wave without its ends, where it would be 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.cosine.html
func Cosine(m int, options ...WindowOptions) *torch.Tensor {
	o := option.First(options)
	w := shapeOf("Cosine", m, o.Sym, o.TensorOptions)
	if m == 0 {
		return w.trivial()
	}
	n := m
	if !w.sym && m > 1 {
		n++
	}
	step := math.Pi / float64(n)
	return w.line(0.5*step, (0.5+float64(m-1))*step).Sin()
}

// ExponentialOptions are the options of [Exponential].
type ExponentialOptions struct {
	Center *float64 // where the window is highest, of periodic windows; default: the middle
	Tau    *float64 // the decay; default: 1
	Sym    *bool    // symmetric, for filters; false is a periodic window, for spectra; default: true
	torch.TensorOptions
}

// Exponential returns exp(−|n − Center| ÷ Tau). It panics unless Tau is positive, and on
// a Center of a symmetric window.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.exponential.html
func Exponential(m int, options ...ExponentialOptions) *torch.Tensor {
	o := option.First(options)
	tau := option.Or(o.Tau, 1)
	w := shapeOf("Exponential", m, o.Sym, o.TensorOptions)
	positive("Exponential", "Tau", tau)
	if w.sym && o.Center != nil {
		panic(torch.Errorf("windows.Exponential", torch.ValueError, "Center must be nil for symmetric windows"))
	}
	if m == 0 {
		return w.trivial()
	}
	center := option.Or(o.Center, w.middle())
	rate := 1 / tau
	return w.line(-center*rate, (-center+float64(m-1))*rate).Abs().Neg().Exp()
}

// GaussianOptions are the options of [Gaussian].
type GaussianOptions struct {
	Std *float64 // the standard deviation, in samples; default: 1
	Sym *bool    // symmetric, for filters; false is a periodic window, for spectra; default: true
	torch.TensorOptions
}

// Gaussian returns exp(−(n ÷ Std)² ÷ 2), n counted from the middle. It panics unless Std is
// positive.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.gaussian.html
func Gaussian(m int, options ...GaussianOptions) *torch.Tensor {
	o := option.First(options)
	std := option.Or(o.Std, 1)
	w := shapeOf("Gaussian", m, o.Sym, o.TensorOptions)
	positive("Gaussian", "Standard deviation", std)
	if m == 0 {
		return w.trivial()
	}
	start, scale := -w.middle(), 1/(std*math.Sqrt2)
	return w.line(start*scale, (start+float64(m-1))*scale).Pow(2).Neg().Exp()
}

// GeneralCosine returns the sum of (−1)ⁱ × aᵢ × cos(2πin ÷ (M − 1)). It panics without
// coefficients.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.general_cosine.html
func GeneralCosine(m int, a []float64, options ...WindowOptions) *torch.Tensor {
	return cosines("GeneralCosine", m, a, option.First(options))
}

func cosines(name string, m int, a []float64, o WindowOptions) *torch.Tensor {
	w := shapeOf(name, m, o.Sym, o.TensorOptions)
	if m < 2 {
		return w.trivial()
	}
	if len(a) == 0 {
		panic(torch.Errorf("windows."+name, torch.ValueError, "Coefficients cannot be empty"))
	}
	signed := make([]float64, len(a))
	for i, v := range a {
		signed[i] = v
		if i%2 == 1 {
			signed[i] = -v
		}
	}
	step := 2 * math.Pi / float64(w.periods)
	k := w.line(0, float64(m-1)*step)
	factors := torch.NewTensor(signed, w.TensorOptions)
	orders := torch.Arange(0, len(a), 1, w.TensorOptions)
	return factors.Unsqueeze(-1).Mul(orders.Unsqueeze(-1).Mul(k).Cos()).Sum(0)
}

// GeneralHammingOptions are the options of [GeneralHamming].
type GeneralHammingOptions struct {
	Alpha *float64 // default: 0.54
	Sym   *bool    // symmetric, for filters; false is a periodic window, for spectra; default: true
	torch.TensorOptions
}

// GeneralHamming returns Alpha − (1 − Alpha) × cos(2πn ÷ (M − 1)).
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.general_hamming.html
func GeneralHamming(m int, options ...GeneralHammingOptions) *torch.Tensor {
	o := option.First(options)
	alpha := option.Or(o.Alpha, 0.54)
	return cosines("GeneralHamming", m, []float64{alpha, 1 - alpha}, WindowOptions{o.Sym, o.TensorOptions})
}

// Hamming returns the Hamming window.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.hamming.html
func Hamming(m int, options ...WindowOptions) *torch.Tensor {
	alpha := 0.54
	return cosines("Hamming", m, []float64{alpha, 1 - alpha}, option.First(options))
}

// Hann returns the Hann window.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.hann.html
func Hann(m int, options ...WindowOptions) *torch.Tensor {
	return cosines("Hann", m, []float64{0.5, 0.5}, option.First(options))
}

// KaiserOptions are the options of [Kaiser].
type KaiserOptions struct {
	Beta *float64 // the larger, the narrower the window; default: 12
	Sym  *bool    // symmetric, for filters; false is a periodic window, for spectra; default: true
	torch.TensorOptions
}

// Kaiser returns the Kaiser window. It panics on a negative Beta.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.kaiser.html
func Kaiser(m int, options ...KaiserOptions) *torch.Tensor {
	o := option.First(options)
	value := option.Or(o.Beta, 12)
	w := shapeOf("Kaiser", m, o.Sym, o.TensorOptions)
	if !(value >= 0) {
		panic(torch.Errorf("windows.Kaiser", torch.ValueError, "Beta must be non-negative, got: %s instead.", python.Repr(value)))
	}
	if m < 2 {
		return w.trivial()
	}
	// A tensor, so that it has the dtype's precision: the root is not to be of less than 0.
	beta := torch.NewTensor(value, torch.TensorOptions{DType: w.DType, Device: w.Device})
	start := beta.Neg()
	step := beta.Mul(2.0).Div(w.periods)
	k := w.line(start, torch.Minimum(beta, start.Add(step.Mul(m-1))))
	return beta.Mul(beta).Sub(k.Pow(2)).Sqrt().I0().Div(beta.I0())
}

// Nuttall returns the Blackman-Harris window of four terms that Nuttall gave.
//
// https://docs.pytorch.org/docs/stable/generated/torch.signal.windows.nuttall.html
func Nuttall(m int, options ...WindowOptions) *torch.Tensor {
	return cosines("Nuttall", m, []float64{0.3635819, 0.4891775, 0.1365995, 0.0106411}, option.First(options))
}
