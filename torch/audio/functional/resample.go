package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	nnfunctional "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// ResamplingMethod says what the interpolation is weighed with.
type ResamplingMethod string

// The methods.
const (
	SincInterpHann   ResamplingMethod = "sinc_interp_hann"
	SincInterpKaiser ResamplingMethod = "sinc_interp_kaiser"
)

// ResampleOptions are the options of [Resample].
type ResampleOptions struct {
	LowpassFilterWidth *int             // zero crossings on each side: more are sharper and slower; default: 6
	Rolloff            *float64         // the cutoff frequency as a share of Nyquist's; default: 0.99
	ResamplingMethod   ResamplingMethod // default: SincInterpHann
	Beta               *float64         // the shape of Kaiser's window, of SincInterpKaiser only; default: 14.769656459379492
}

// Resampler resamples waveforms from a rate to another: what [Resample] makes anew for each
// call.
type Resampler struct {
	Kernel   *torch.Tensor // filters, new × 1 × samples, of the rates without common divisors; nil of equal rates
	from, to int           // the rates without common divisors
	width    int
}

// NewResampler returns a resampler whose filters have a dtype; 0 stands for Float32, of
// filters that are computed with Float64. It panics unless rates are positive, and on options
// that are not known.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.resample.html
func NewResampler(origFreq, newFreq int, dtype torch.DType, device torch.Device, options ...ResampleOptions) *Resampler {
	const op = "functional.Resample"
	refuse := func(format string, args ...any) { panic(torch.Errorf(op, torch.ValueError, format, args...)) }
	o := option.First(options)
	crossings := option.Or(o.LowpassFilterWidth, 6)
	if o.ResamplingMethod == "" {
		o.ResamplingMethod = SincInterpHann
	}
	switch {
	case origFreq <= 0 || newFreq <= 0:
		refuse("Original frequency and desired frequency should be positive, got %d and %d", origFreq, newFreq)
	case o.ResamplingMethod != SincInterpHann && o.ResamplingMethod != SincInterpKaiser:
		refuse("Invalid resampling method: %s", o.ResamplingMethod)
	case crossings <= 0:
		refuse("Low pass filter width should be positive, got %d", crossings)
	case o.Beta != nil && o.ResamplingMethod != SincInterpKaiser:
		refuse("Beta is for %s only", SincInterpKaiser)
	case option.Or(o.Rolloff, 0.99) <= 0:
		refuse("Rolloff should be positive")
	}
	if origFreq == newFreq {
		return &Resampler{from: 1, to: 1}
	}
	divisor := gcd(origFreq, newFreq)
	r := &Resampler{from: origFreq / divisor, to: newFreq / divisor}
	cutoff := float64(min(r.from, r.to)) * option.Or(o.Rolloff, 0.99)
	r.width = int(math.Ceil(float64(crossings) * float64(r.from) / cutoff))

	// Where each sample is seen from each of the new ones, in zero crossings.
	made := torch.TensorOptions{DType: dtype, Device: device}
	steps := torch.Arange(0, -r.to, -1, made).View(-1, 1, 1).Div(r.to)
	if dtype == 0 {
		made.DType = torch.Float64
	}
	samples := torch.Arange(-r.width, r.width+r.from, 1, made).View(1, 1, -1).Div(r.from)
	t := steps.Add(samples).Mul(cutoff).Clamp(-crossings, crossings)
	window := t.Mul(math.Pi).Div(crossings).Div(2).Cos().Pow(2)
	if o.ResamplingMethod == SincInterpKaiser {
		beta := torch.NewTensor(float32(option.Or(o.Beta, 14.769656459379492)), torch.TensorOptions{Device: device})
		window = beta.Mul(t.Div(crossings).Pow(2).Rsub(1).Sqrt()).I0().Div(beta.I0())
	}
	t = t.Mul(math.Pi)
	one := torch.OnesLike(t)
	r.Kernel = torch.Where(t.Eq(0), one, t.Sin().Div(t)).Mul(window.Mul(cutoff / float64(r.from)))
	if dtype == 0 {
		r.Kernel = r.Kernel.To(torch.Float32)
	}
	return r
}

// With returns a resampler with other filters: the same ones on another device or of another
// dtype.
func (r *Resampler) With(kernel *torch.Tensor) *Resampler {
	other := *r
	other.Kernel = kernel
	return &other
}

// gcd returns the greatest common divisor.
func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Resample returns the waveform, … × samples, at the other rate. It panics unless the
// waveform is of the filters' dtype.
func (r *Resampler) Resample(waveform *torch.Tensor) *torch.Tensor {
	const op = "functional.Resample"
	if r.Kernel == nil {
		return waveform
	}
	if !waveform.DType().IsFloatingPoint() {
		panic(torch.Errorf(op, torch.TypeError, "Expected floating point type for waveform tensor, but received %v.", waveform.DType()))
	}
	if waveform.Dim() == 0 {
		panic(torch.Errorf(op, torch.ValueError, "want a waveform with a dimension of samples, got a scalar"))
	}
	shape := waveform.Shape()
	last := len(shape) - 1
	length := shape[last]
	x := waveform.Reshape(-1, length)
	padded := nnfunctional.Pad(x, []int{r.width, r.width + r.from}).Unsqueeze(1)
	y := torch.Conv1d(padded, r.Kernel, torch.Conv1dOptions{Stride: r.from})
	y = y.Transpose(1, 2).Reshape(x.Size(0), -1)
	// The quotient is a float32 in Python, too.
	target := int(math.Ceil(float64(float32(float64(r.to*length) / float64(r.from)))))
	y = y.Slice(-1, 0, target, 1)
	return y.Reshape(append(append([]int{}, shape[:last]...), y.Size(-1))...)
}

// Resample returns a waveform of origFreq samples a second, … × samples, with newFreq
// samples a second, by interpolation with a bandlimited filter; the waveform itself where
// the rates are the same. The dtype stays. It panics unless rates are positive and the dtype
// is a floating-point one. [NewResampler] keeps the filters for more of the same rates.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.resample.html
func Resample(waveform *torch.Tensor, origFreq, newFreq int, options ...ResampleOptions) *torch.Tensor {
	dtype := waveform.DType()
	if !dtype.IsFloatingPoint() {
		panic(torch.Errorf("functional.Resample", torch.TypeError, "Expected floating point type for waveform tensor, but received %v.", dtype))
	}
	return NewResampler(origFreq, newFreq, dtype, waveform.Device(), options...).Resample(waveform)
}
