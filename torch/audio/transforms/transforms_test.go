package transforms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/audio/functional"
	"github.com/wangkuiyi/gotorch/torch/audio/transforms"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is of other libtorches and processors, and of logarithms of what is near 0.
const tolerance = 1e-3

type golden struct {
	Wave, DB, Short torchtest.Tensor
	Layers          map[string]struct {
		Y    torchtest.Tensor
		Keys []string
	}
	Decibels, Fbanks, DCT, Resampled map[string]torchtest.Tensor
}

type layer interface {
	nn.Layer
	StateDict() nn.StateDict
}

func hamming(length int) *torch.Tensor { return torch.HammingWindow(length) }

func TestLayersArePythons(t *testing.T) {
	var g golden
	h := torchtest.Golden(t, "testdata/audio.json.gz", &g)
	mels := transforms.MelSpectrogramOptions{SpectrogramOptions: transforms.SpectrogramOptions{NFFT: new(128)}, NMels: new(12)}
	layers := map[string]func() layer{
		"spectrogram": func() layer { return transforms.NewSpectrogram(transforms.SpectrogramOptions{NFFT: new(64)}) },
		"spectrogram options": func() layer {
			return transforms.NewSpectrogram(transforms.SpectrogramOptions{NFFT: new(64), WindowFn: hamming, SpectrogramOptions: functional.SpectrogramOptions{
				WinLength: new(48), HopLength: new(20), Pad: 5, Power: new(1.0), Normalized: functional.NormalizeWindow, Center: new(false), Onesided: new(false)}})
		},
		"spectrogram frame length": func() layer {
			return transforms.NewSpectrogram(transforms.SpectrogramOptions{NFFT: new(50), SpectrogramOptions: functional.SpectrogramOptions{
				Power: new(3.0), Normalized: functional.NormalizeFrameLength, PadMode: torch.PadReplicate}})
		},
		"spectrogram complex": func() layer {
			return transforms.NewSpectrogram(transforms.SpectrogramOptions{NFFT: new(32), SpectrogramOptions: functional.SpectrogramOptions{Complex: true}})
		},
		"mel spectrogram": func() layer {
			o := mels
			o.NMels = new(10)
			return transforms.NewMelSpectrogram(o)
		},
		"mel spectrogram options": func() layer {
			return transforms.NewMelSpectrogram(transforms.MelSpectrogramOptions{SampleRate: new(8000), FMin: 50, FMax: new(3500.0), NMels: new(12),
				SpectrogramOptions: transforms.SpectrogramOptions{NFFT: new(128), SpectrogramOptions: functional.SpectrogramOptions{
					WinLength: new(100), HopLength: new(40), Power: new(1.0)}},
				MelscaleFbanksOptions: functional.MelscaleFbanksOptions{Norm: functional.MelNormSlaney, MelScale: functional.MelScaleSlaney}})
		},
		"mfcc": func() layer { return transforms.NewMFCC(transforms.MFCCOptions{NMFCC: new(6), Mel: mels}) },
		"mfcc options": func() layer {
			return transforms.NewMFCC(transforms.MFCCOptions{SampleRate: new(8000), NMFCC: new(5), Norm: new(functional.DCTNormNone), LogMels: true, Mel: mels})
		},
		"resample": func() layer { return transforms.NewResample(16000, 12000) },
		"resample kaiser": func() layer {
			return transforms.NewResample(8000, 11025, transforms.ResampleOptions{ResampleOptions: functional.ResampleOptions{
				ResamplingMethod: functional.SincInterpKaiser, LowpassFilterWidth: new(4), Rolloff: new(0.9), Beta: new(10.0)}})
		},
		"resample float64": func() layer {
			return transforms.NewResample(3, 2, transforms.ResampleOptions{DType: torch.Float64})
		},
		"resample same": func() layer { return transforms.NewResample(8000, 8000) },
	}
	require.Len(t, g.Layers, len(layers))
	for name, c := range g.Layers {
		t.Run(name, func(t *testing.T) {
			h.Run(t, func() {
				var net layer
				torch.Scope(func() { net = layers[name]() }) // buffers outlive it
				wave := g.Wave.Make(t)
				if strings.HasSuffix(name, "float64") {
					wave = wave.To(torch.Float64)
				}
				c.Y.Check(t, net.Forward(wave), h.Exact(), tolerance)
				assert.Equal(t, c.Keys, append([]string{}, net.StateDict().Names()...))
			})
		})
	}
	t.Run("functions", func(t *testing.T) {
		h.Run(t, func() {
			db := g.DB.Make(t)
			check := func(want torchtest.Tensor, got *torch.Tensor) {
				t.Helper()
				want.Check(t, got, h.Exact(), tolerance)
			}
			check(g.Decibels["power"], transforms.NewAmplitudeToDB().Forward(db))
			check(g.Decibels["magnitude"], transforms.NewAmplitudeToDB(transforms.AmplitudeToDBOptions{SType: transforms.Magnitude, TopDB: new(6.0)}).Forward(db))
			check(g.Decibels["two dims"], transforms.NewAmplitudeToDB(transforms.AmplitudeToDBOptions{TopDB: new(3.0)}).Forward(db.Select(0, 0).Select(0, 0)))
			check(g.Fbanks["htk"], functional.MelscaleFbanks(20, 0, 4000, 6, 8000))
			check(g.Fbanks["slaney"], functional.MelscaleFbanks(33, 100, 7000, 8, 16000,
				functional.MelscaleFbanksOptions{Norm: functional.MelNormSlaney, MelScale: functional.MelScaleSlaney}))
			check(g.DCT["ortho"], functional.CreateDCT(4, 6, functional.DCTNormOrtho))
			check(g.DCT["none"], functional.CreateDCT(4, 6, functional.DCTNormNone))
			short := g.Short.Make(t)
			check(g.Resampled["up"], functional.Resample(short, 1, 3))
			check(g.Resampled["down"], functional.Resample(short.To(torch.Float64), 44100, 8000))
			check(g.Resampled["kaiser"], functional.Resample(short, 3, 2, functional.ResampleOptions{ResamplingMethod: functional.SincInterpKaiser}))
		})
	})
}

func TestRefused(t *testing.T) {
	x := torch.Zeros([]int{100})
	value := func(words string, call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.ValueError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"complex power": value("give one of them", func() {
			functional.Spectrogram(x, torch.HannWindow(8), 8, functional.SpectrogramOptions{Complex: true, Power: new(1.0)})
		}),
		"normalized": value("Invalid normalized parameter: all", func() {
			functional.Spectrogram(x, torch.HannWindow(8), 8, functional.SpectrogramOptions{Normalized: "all"})
		}),
		"scalar":      value("got a scalar", func() { functional.Spectrogram(torch.NewTensor(1.0), torch.HannWindow(8), 8) }),
		"one dim":     value("got the shape [100]", func() { functional.AmplitudeToDB(x, 10, 1e-10, 0, functional.AmplitudeToDBOptions{TopDB: new(1.0)}) }),
		"dct":         value(`norm must be either "ortho" or none`, func() { functional.CreateDCT(1, 2, "other") }),
		"mel norm":    value("norm must be one of", func() { functional.MelscaleFbanks(2, 0, 1, 2, 8000, functional.MelscaleFbanksOptions{Norm: "a"}) }),
		"mel scale":   value("mel_scale should be one of", func() { functional.MelscaleFbanks(2, 0, 1, 2, 8000, functional.MelscaleFbanksOptions{MelScale: "a"}) }),
		"rates":       value("should be positive, got 0 and 1", func() { functional.Resample(x, 0, 1) }),
		"method":      value("Invalid resampling method: linear", func() { functional.Resample(x, 1, 2, functional.ResampleOptions{ResamplingMethod: "linear"}) }),
		"width":       value("Low pass filter width should be positive", func() { functional.Resample(x, 1, 2, functional.ResampleOptions{LowpassFilterWidth: new(0)}) }),
		"beta":        value("Beta is for sinc_interp_kaiser only", func() { functional.Resample(x, 1, 2, functional.ResampleOptions{Beta: new(1.0)}) }),
		"rolloff":     value("Rolloff should be positive", func() { functional.Resample(x, 1, 2, functional.ResampleOptions{Rolloff: new(0.0)}) }),
		"integers":    {Call: func() { functional.Resample(torch.Ones([]int{2}).To(torch.Int64), 1, 2) }, Kind: torch.TypeError, Words: "received torch.int64"},
		"negative DB": value("top_db must be positive value", func() { transforms.NewAmplitudeToDB(transforms.AmplitudeToDBOptions{TopDB: new(-1.0)}) }),
		"kind":        value("SType must be", func() { transforms.NewAmplitudeToDB(transforms.AmplitudeToDBOptions{SType: "loud"}) }),
		"frequencies": value("Require f_min: 9000 <= f_max: 8000", func() { transforms.NewMelScale(transforms.MelScaleOptions{FMin: 9000}) }),
		"coefficients": value("more MFCC coefficients", func() {
			transforms.NewMFCC(transforms.MFCCOptions{NMFCC: new(200)})
		}),
		"rate twice": value("goes into MFCCOptions", func() {
			transforms.NewMFCC(transforms.MFCCOptions{Mel: transforms.MelSpectrogramOptions{SampleRate: new(8000)}})
		}),
		"two sides": value("takes no Complex", func() {
			o := transforms.MelSpectrogramOptions{}
			o.Complex = true
			transforms.NewMelSpectrogram(o)
		}),
		"no window": {Call: func() {
			transforms.NewSpectrogram(transforms.SpectrogramOptions{WindowFn: func(int) *torch.Tensor { return nil }})
		}, Kind: torch.TypeError, Words: "the window that WindowFn returns must not be nil"},
	})
}

func ExampleNewMFCC() {
	mfcc := transforms.NewMFCC(transforms.MFCCOptions{NMFCC: new(13)})
	waveform := torch.Zeros([]int{1, 16000})
	fmt.Println(mfcc.Forward(waveform).Shape())
	// Output: [1 13 81]
}

func ExampleNewResample() {
	slower := transforms.NewResample(44100, 16000)
	fmt.Println(slower.Forward(torch.Zeros([]int{2, 44100})).Shape())
	// Output: [2 16000]
}
