// Package functional is torchaudio.functional: what the layers of package transforms compute.
//
// https://docs.pytorch.org/audio/stable/functional.html
package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	nnfunctional "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Normalization says what a spectrogram is divided by.
type Normalization string

// The normalizations.
const (
	NormalizeNone        Normalization = ""             // nothing
	NormalizeWindow      Normalization = "window"       // the root of the sum of the window's squares
	NormalizeFrameLength Normalization = "frame_length" // the root of the number of samples in a frame
)

// SpectrogramOptions are the options of [Spectrogram].
type SpectrogramOptions struct {
	WinLength  *int          // samples in a window; default: those of the transform
	HopLength  *int          // samples from one window to the next; default: half of WinLength
	Pad        int           // zeros at both ends
	Power      *float64      // of the absolute values: 1 for magnitudes, 2 for powers; default: 2
	Complex    bool          // the spectrum itself, without Power: Python's power=None
	Normalized Normalization // default: NormalizeNone
	Center     *bool         // windows lie around their sample, over the ends; default: true
	PadMode    torch.PadMode // what is over the ends; default: torch.PadReflect
	Onesided   *bool         // without the half that mirrors the other; default: true
}

// Spectrogram returns the spectrogram of a waveform, … × samples: … × (nFFT ÷ 2 + 1) × frames,
// of the waveform's dtype, or complex if asked for. The window weighs each frame. It panics
// where the window's length is not WinLength, and where both Power and Complex are given.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.spectrogram.html
func Spectrogram(waveform, window *torch.Tensor, nFFT int, options ...SpectrogramOptions) *torch.Tensor {
	const op = "functional.Spectrogram"
	o := option.First(options)
	if o.Complex && o.Power != nil {
		panic(torch.Errorf(op, torch.ValueError, "Complex gives the spectrum without Power: give one of them"))
	}
	switch o.Normalized {
	case NormalizeNone, NormalizeWindow, NormalizeFrameLength:
	default:
		panic(torch.Errorf(op, torch.ValueError, "Invalid normalized parameter: %s", o.Normalized))
	}
	if waveform.Dim() == 0 {
		panic(torch.Errorf(op, torch.ValueError, "want a waveform with a dimension of samples, got a scalar"))
	}
	if o.Pad > 0 {
		waveform = nnfunctional.Pad(waveform, []int{o.Pad, o.Pad})
	}
	winLength := option.Or(o.WinLength, nFFT)
	shape := waveform.Shape()
	last := len(shape) - 1
	y := waveform.Reshape(-1, shape[last]).Stft(nFFT, torch.StftOptions{
		HopLength: new(option.Or(o.HopLength, winLength/2)), WinLength: &winLength, Window: window, Center: o.Center, PadMode: o.PadMode,
		Normalized: o.Normalized == NormalizeFrameLength, Onesided: new(option.Or(o.Onesided, true)), ReturnComplex: new(true)})
	y = y.Reshape(append(append([]int{}, shape[:last]...), y.Shape()[1:]...)...)
	if o.Normalized == NormalizeWindow {
		y = y.Div(window.Pow(2).Sum().Sqrt())
	}
	power := option.Or(o.Power, 2)
	switch {
	case o.Complex:
		return y
	case power == 1:
		return y.Abs()
	}
	return y.Abs().Pow(power)
}

// AmplitudeToDBOptions are the options of [AmplitudeToDB].
type AmplitudeToDBOptions struct {
	TopDB *float64 // what is more than that below the greatest value, of each spectrogram with its channels, is raised; default: nothing
}

// AmplitudeToDB returns x in decibels: multiplier × log₁₀(max(x, amin)) − multiplier ×
// dbMultiplier. With TopDB x is … × channels × frequencies × frames, without channels if it
// has two dimensions, and it panics on fewer.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.amplitude_to_DB.html
func AmplitudeToDB(x *torch.Tensor, multiplier, amin, dbMultiplier float64, options ...AmplitudeToDBOptions) *torch.Tensor {
	o := option.First(options)
	y := x.ClampMin(amin).Log10().Mul(multiplier).Sub(multiplier * dbMultiplier)
	if o.TopDB == nil {
		return y
	}
	shape := y.Shape()
	n := len(shape)
	if n < 2 {
		panic(torch.Errorf("functional.AmplitudeToDB", torch.ValueError, "TopDB needs frequencies × frames, got the shape %v", shape))
	}
	channels := 1
	if n > 2 {
		channels = shape[n-3]
	}
	y = y.Reshape(-1, channels, shape[n-2], shape[n-1])
	return y.Maximum(y.Amax([]int{-3, -2, -1}).Sub(*o.TopDB).View(-1, 1, 1, 1)).Reshape(shape...)
}

// DCTNorm says how the rows of a cosine transform are scaled.
type DCTNorm string

// The norms.
const (
	DCTNormNone  DCTNorm = ""      // by 2
	DCTNormOrtho DCTNorm = "ortho" // so that they have the length 1
)

// CreateDCT returns the matrix of the discrete cosine transform of type II, nMels × nMFCC, of
// Float32. It panics on another norm.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.create_dct.html
func CreateDCT(nMFCC, nMels int, norm DCTNorm) *torch.Tensor {
	if norm != DCTNormNone && norm != DCTNormOrtho {
		panic(torch.Errorf("functional.CreateDCT", torch.ValueError, `norm must be either "ortho" or none, got %q`, norm))
	}
	n := torch.Arange(0, float64(nMels), 1)
	k := torch.Arange(0, float64(nMFCC), 1).Unsqueeze(1)
	dct := torch.Mul(n.Add(0.5).Mul(math.Pi/float64(nMels)), k).Cos()
	if norm == DCTNormNone {
		return dct.Mul(2.0).T()
	}
	if nMFCC > 0 {
		dct.Select(0, 0).MulInplace(1 / math.Sqrt2)
	}
	return dct.MulInplace(math.Sqrt(2 / float64(nMels))).T()
}
