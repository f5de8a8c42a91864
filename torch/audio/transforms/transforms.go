// Package transforms is torchaudio.transforms: layers that make features of sounds.
//
//	mfcc := transforms.NewMFCC()
//	features := mfcc.Forward(waveform) // … × samples gives … × 40 × frames
//
// What they compute with, such as windows and filters, are buffers with torchaudio's names.
//
// https://docs.pytorch.org/audio/stable/transforms.html
package transforms

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/audio/functional"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// WindowFn makes a window of so many samples.
type WindowFn = func(length int) *torch.Tensor

// Spectrogram makes spectrograms.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.Spectrogram.html
type Spectrogram struct {
	nn.Module
	NFFT   int
	Window *torch.Tensor `nn:",buffer"` // of WinLength samples

	options functional.SpectrogramOptions
}

// SpectrogramOptions are the options of [NewSpectrogram].
type SpectrogramOptions struct {
	NFFT     *int     // samples of the transform; default: 400
	WindowFn WindowFn // default: torch.HannWindow
	functional.SpectrogramOptions
}

// NewSpectrogram returns the layer.
func NewSpectrogram(options ...SpectrogramOptions) *Spectrogram {
	o := option.First(options)
	s := &Spectrogram{NFFT: option.Or(o.NFFT, 400), options: o.SpectrogramOptions}
	if o.WindowFn == nil {
		o.WindowFn = func(length int) *torch.Tensor { return torch.HannWindow(length) }
	}
	s.Window = o.WindowFn(option.Or(o.WinLength, s.NFFT))
	argument.NotNil("transforms.NewSpectrogram", "the window that WindowFn returns", s.Window)
	s.Window.Keep()
	return nn.Init(s)
}

// Forward returns the spectrogram of a waveform, … × samples: … × (NFFT ÷ 2 + 1) × frames.
func (s *Spectrogram) Forward(waveform *torch.Tensor) *torch.Tensor {
	return s.Run(waveform, s.forward)
}

func (s *Spectrogram) forward(waveform *torch.Tensor) *torch.Tensor {
	return functional.Spectrogram(waveform, s.Window, s.NFFT, s.options)
}

// SType says what a spectrogram has.
type SType string

// The kinds of spectrograms.
const (
	Power     SType = "power"     // squares of amplitudes
	Magnitude SType = "magnitude" // amplitudes
)

// AmplitudeToDB gives spectrograms in decibels.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.AmplitudeToDB.html
type AmplitudeToDB struct {
	nn.Module
	SType SType
	TopDB *float64 // or nil
}

// AmplitudeToDBOptions are the options of [NewAmplitudeToDB].
type AmplitudeToDBOptions struct {
	SType SType    // default: Power
	TopDB *float64 // what is more than that below the greatest value is raised; default: nothing
}

// NewAmplitudeToDB returns the layer. It panics on a negative TopDB.
func NewAmplitudeToDB(options ...AmplitudeToDBOptions) *AmplitudeToDB {
	const op = "transforms.NewAmplitudeToDB"
	o := option.First(options)
	if o.SType == "" {
		o.SType = Power
	}
	if o.SType != Power && o.SType != Magnitude {
		panic(torch.Errorf(op, torch.ValueError, "SType must be %q or %q, got %q", Power, Magnitude, o.SType))
	}
	if o.TopDB != nil && *o.TopDB < 0 {
		panic(torch.Errorf(op, torch.ValueError, "top_db must be positive value"))
	}
	return nn.Init(&AmplitudeToDB{SType: o.SType, TopDB: o.TopDB})
}

// Forward returns x in decibels.
func (a *AmplitudeToDB) Forward(x *torch.Tensor) *torch.Tensor { return a.Run(x, a.forward) }

func (a *AmplitudeToDB) forward(x *torch.Tensor) *torch.Tensor {
	multiplier := 10.0
	if a.SType == Magnitude {
		multiplier = 20
	}
	return functional.AmplitudeToDB(x, multiplier, 1e-10, 0, functional.AmplitudeToDBOptions{TopDB: a.TopDB})
}

// MelScale makes spectrograms of mels from those of frequencies.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.MelScale.html
type MelScale struct {
	nn.Module
	FB *torch.Tensor `nn:"fb,buffer"` // the filters, NStft × NMels
}

// MelScaleOptions are the options of [NewMelScale].
type MelScaleOptions struct {
	NMels      *int     // default: 128
	SampleRate *int     // default: 16000
	FMin       float64  // the lowest frequency
	FMax       *float64 // the highest one; default: half of SampleRate
	NStft      *int     // frequencies of the spectrogram; default: 201
	functional.MelscaleFbanksOptions
}

// NewMelScale returns the layer. It panics where FMin is above FMax.
func NewMelScale(options ...MelScaleOptions) *MelScale {
	o := option.First(options)
	rate := option.Or(o.SampleRate, 16000)
	fMax := option.Or(o.FMax, float64(rate/2))
	if o.FMin > fMax {
		panic(torch.Errorf("transforms.NewMelScale", torch.ValueError, "Require f_min: %g <= f_max: %g", o.FMin, fMax))
	}
	filters := functional.MelscaleFbanks(option.Or(o.NStft, 201), o.FMin, fMax, option.Or(o.NMels, 128), rate, o.MelscaleFbanksOptions)
	return nn.Init(&MelScale{FB: filters.Keep()})
}

// Forward returns the mels of a spectrogram, … × NStft × frames: … × NMels × frames.
func (m *MelScale) Forward(x *torch.Tensor) *torch.Tensor { return m.Run(x, m.forward) }

func (m *MelScale) forward(x *torch.Tensor) *torch.Tensor { return rows(x, m.FB) }

// rows multiplies what is in the dimension before the last with a matrix.
func rows(x, matrix *torch.Tensor) *torch.Tensor {
	return x.Transpose(-1, -2).Matmul(matrix).Transpose(-1, -2)
}

// MelSpectrogram makes spectrograms of mels.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.MelSpectrogram.html
type MelSpectrogram struct {
	nn.Module
	Spectrogram *Spectrogram
	MelScale    *MelScale `nn:"mel_scale"`
}

// MelSpectrogramOptions are the options of [NewMelSpectrogram].
type MelSpectrogramOptions struct {
	SampleRate *int     // default: 16000
	FMin       float64  // the lowest frequency
	FMax       *float64 // the highest one; default: half of SampleRate
	NMels      *int     // default: 128
	SpectrogramOptions
	functional.MelscaleFbanksOptions
}

// NewMelSpectrogram returns the layer. It panics on options that it has no use for: Complex
// and a spectrum of two sides.
func NewMelSpectrogram(options ...MelSpectrogramOptions) *MelSpectrogram {
	o := option.First(options)
	if o.Complex || !option.Or(o.Onesided, true) {
		panic(torch.Errorf("transforms.NewMelSpectrogram", torch.ValueError, "takes no Complex, and no Onesided but true"))
	}
	s := NewSpectrogram(o.SpectrogramOptions)
	return nn.Init(&MelSpectrogram{Spectrogram: s, MelScale: NewMelScale(MelScaleOptions{NMels: o.NMels, SampleRate: o.SampleRate,
		FMin: o.FMin, FMax: o.FMax, NStft: new(s.NFFT/2 + 1), MelscaleFbanksOptions: o.MelscaleFbanksOptions})})
}

// Forward returns the mels of a waveform, … × samples: … × NMels × frames.
func (m *MelSpectrogram) Forward(waveform *torch.Tensor) *torch.Tensor {
	return m.Run(waveform, m.forward)
}

func (m *MelSpectrogram) forward(waveform *torch.Tensor) *torch.Tensor {
	return m.MelScale.Forward(m.Spectrogram.Forward(waveform))
}

// MFCC makes mel-frequency cepstral coefficients.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.MFCC.html
type MFCC struct {
	nn.Module
	DCTMat         *torch.Tensor   `nn:"dct_mat,buffer"` // NMels × NMFCC
	AmplitudeToDB  *AmplitudeToDB  `nn:"amplitude_to_DB"`
	MelSpectrogram *MelSpectrogram `nn:"MelSpectrogram"`
	LogMels        bool
}

// MFCCOptions are the options of [NewMFCC].
type MFCCOptions struct {
	SampleRate *int                  // default: 16000
	NMFCC      *int                  // how many coefficients; default: 40
	Norm       *functional.DCTNorm   // default: functional.DCTNormOrtho
	LogMels    bool                  // logarithms of mels instead of decibels
	Mel        MelSpectrogramOptions // of the spectrogram: Python's melkwargs; SampleRate is the one above
}

// NewMFCC returns the layer. It panics where there are more coefficients than mels.
func NewMFCC(options ...MFCCOptions) *MFCC {
	const op = "transforms.NewMFCC"
	o := option.First(options)
	if o.Mel.SampleRate != nil {
		panic(torch.Errorf(op, torch.ValueError, "SampleRate goes into MFCCOptions, not into Mel"))
	}
	o.Mel.SampleRate = o.SampleRate
	m := &MFCC{LogMels: o.LogMels, AmplitudeToDB: NewAmplitudeToDB(AmplitudeToDBOptions{TopDB: new(80.0)}), MelSpectrogram: NewMelSpectrogram(o.Mel)}
	n, mels := option.Or(o.NMFCC, 40), m.MelSpectrogram.MelScale.FB.Size(1)
	if n > mels {
		panic(torch.Errorf(op, torch.ValueError, "Cannot select more MFCC coefficients than # mel bins"))
	}
	m.DCTMat = functional.CreateDCT(n, mels, option.Or(o.Norm, functional.DCTNormOrtho)).Keep()
	return nn.Init(m)
}

// Forward returns the coefficients of a waveform, … × samples: … × NMFCC × frames.
func (m *MFCC) Forward(waveform *torch.Tensor) *torch.Tensor { return m.Run(waveform, m.forward) }

func (m *MFCC) forward(waveform *torch.Tensor) *torch.Tensor {
	mels := m.MelSpectrogram.Forward(waveform)
	if m.LogMels {
		return rows(mels.Add(1e-6).Log(), m.DCTMat)
	}
	return rows(m.AmplitudeToDB.Forward(mels), m.DCTMat)
}

// Resample gives waveforms another number of samples a second.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.Resample.html
type Resample struct {
	nn.Module
	OrigFreq, NewFreq int
	Kernel            *torch.Tensor `nn:",buffer"` // the filters, or nil

	resampler *functional.Resampler
}

// ResampleOptions are the options of [NewResample].
type ResampleOptions struct {
	functional.ResampleOptions
	DType torch.DType // of the filters; default: Float32, of filters that are computed with Float64
}

// NewResample returns the layer, which computes its filters once. It panics unless both are
// positive.
func NewResample(origFreq, newFreq int, options ...ResampleOptions) *Resample {
	o := option.First(options)
	r := functional.NewResampler(origFreq, newFreq, o.DType, torch.CPU, o.ResampleOptions)
	return nn.Init(&Resample{OrigFreq: origFreq, NewFreq: newFreq, Kernel: r.Kernel.Keep(), resampler: r})
}

// Forward returns the waveform, … × samples, at the other rate.
func (r *Resample) Forward(waveform *torch.Tensor) *torch.Tensor { return r.Run(waveform, r.forward) }

func (r *Resample) forward(waveform *torch.Tensor) *torch.Tensor {
	return r.resampler.With(r.Kernel).Resample(waveform)
}
