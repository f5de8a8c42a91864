package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// MelScale says how mels follow from frequencies.
type MelScale string

// The scales.
const (
	MelScaleHTK    MelScale = "htk"    // logarithmic
	MelScaleSlaney MelScale = "slaney" // linear below 1,000 Hz
)

// MelNorm says how filters are scaled.
type MelNorm string

// The norms.
const (
	MelNormNone   MelNorm = ""       // their peaks are 1
	MelNormSlaney MelNorm = "slaney" // their areas are alike
)

// MelscaleFbanksOptions are the options of [MelscaleFbanks].
type MelscaleFbanksOptions struct {
	Norm     MelNorm  // default: MelNormNone
	MelScale MelScale // default: MelScaleHTK
}

// Slaney's scale: linear up to a frequency, then with a logarithmic step.
const (
	slaneyWidth   = 200.0 / 3
	slaneyFromHz  = 1000.0
	slaneyFromMel = slaneyFromHz / slaneyWidth
)

var slaneyStep = math.Log(6.4) / 27

// hzToMel returns the mels of a frequency.
func hzToMel(hz float64, scale MelScale) float64 {
	switch {
	case scale == MelScaleHTK:
		return 2595 * math.Log10(1+hz/700)
	case hz < slaneyFromHz:
		return hz / slaneyWidth
	}
	return slaneyFromMel + math.Log(hz/slaneyFromHz)/slaneyStep
}

// melToHz returns the frequencies of mels.
func melToHz(mels *torch.Tensor, scale MelScale) *torch.Tensor {
	if scale == MelScaleHTK {
		return torch.Pow(10.0, mels.Div(2595.0)).Sub(1.0).Mul(700.0)
	}
	above := mels.Sub(slaneyFromMel).Mul(slaneyStep).Exp().Mul(slaneyFromHz)
	return torch.Where(mels.Ge(slaneyFromMel), above, mels.Mul(slaneyWidth))
}

// MelscaleFbanks returns the triangular filters that make mels of a spectrum, nFreqs × nMels,
// of Float32 on the CPU. Where mels are many for so few frequencies some filters are all
// zeros. It panics on a norm and a scale that are not known.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.melscale_fbanks.html
func MelscaleFbanks(nFreqs int, fMin, fMax float64, nMels, sampleRate int, options ...MelscaleFbanksOptions) *torch.Tensor {
	const op = "functional.MelscaleFbanks"
	o := option.First(options)
	if o.MelScale == "" {
		o.MelScale = MelScaleHTK
	}
	if o.Norm != MelNormNone && o.Norm != MelNormSlaney {
		panic(torch.Errorf(op, torch.ValueError, `norm must be one of none or "slaney", got %q`, o.Norm))
	}
	if o.MelScale != MelScaleHTK && o.MelScale != MelScaleSlaney {
		panic(torch.Errorf(op, torch.ValueError, `mel_scale should be one of "htk" or "slaney", got %q`, o.MelScale))
	}
	float32s := torch.TensorOptions{DType: torch.Float32, Device: torch.CPU}
	frequencies := torch.Linspace(0, sampleRate/2, nFreqs, float32s)
	points := melToHz(torch.Linspace(hzToMel(fMin, o.MelScale), hzToMel(fMax, o.MelScale), nMels+2, float32s), o.MelScale)
	part := func(x *torch.Tensor, from int) *torch.Tensor { return x.Narrow(-1, from, nMels) }
	widths := points.Narrow(0, 1, nMels+1).Sub(points.Narrow(0, 0, nMels+1))
	slopes := points.Unsqueeze(0).Sub(frequencies.Unsqueeze(1))
	down := part(slopes, 0).Mul(-1.0).Div(part(widths, 0))
	up := part(slopes, 2).Div(part(widths, 1))
	filters := torch.Zeros([]int{1}, float32s).Maximum(down.Minimum(up))
	if o.Norm == MelNormSlaney {
		filters = filters.Mul(part(points, 2).Sub(part(points, 0)).Reciprocal().Mul(2.0).Unsqueeze(0))
	}
	return filters
}
