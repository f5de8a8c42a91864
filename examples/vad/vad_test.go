package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// golden is what silero-vad gives; scripts/golden/vad.py makes it.
type golden struct {
	Spans []struct {
		Rate, Samples int
		Probabilities []float64
		Spans         [][2]int
		Options       struct {
			Threshold  *float64
			MinSpeech  *float64 `json:"min_speech_duration_ms"`
			MaxSpeech  *float64 `json:"max_speech_duration_s"`
			MinSilence *float64 `json:"min_silence_duration_ms"`
			Pad        *float64 `json:"speech_pad_ms"`
		}
	}
	Sounds []struct {
		WAV           []byte
		Probabilities []float64
	}
}

func read(t *testing.T) (golden, torchtest.Header) {
	var g golden
	header := torchtest.Golden(t, "testdata/vad.json.gz", &g)
	return g, header
}

// Spans are those of silero-vad's get_speech_timestamps.
func TestSpans(t *testing.T) {
	g, _ := read(t)
	require.Len(t, g.Spans, 48)
	for i, c := range g.Spans {
		o := SpanOptions{
			Threshold:  option.Or(c.Options.Threshold, DefaultSpans.Threshold),
			MinSpeech:  option.Or(c.Options.MinSpeech, 1000*DefaultSpans.MinSpeech) / 1000,
			MaxSpeech:  option.Or(c.Options.MaxSpeech, DefaultSpans.MaxSpeech),
			MinSilence: option.Or(c.Options.MinSilence, 1000*DefaultSpans.MinSilence) / 1000,
			Pad:        option.Or(c.Options.Pad, 1000*DefaultSpans.Pad) / 1000,
		}
		var got [][2]int
		for _, s := range Spans(c.Probabilities, c.Rate, c.Samples, o) {
			got = append(got, [2]int{s.Start, s.End})
		}
		assert.Equal(t, slices.Clip(c.Spans), slices.Clip(append([][2]int{}, got...)), "case %d", i)
	}
	assert.Empty(t, Spans(nil, 16000, 0, DefaultSpans))
}

// The frames have Python's probabilities, where the model was fetched: make example-vad
// does that.
func TestProbabilities(t *testing.T) {
	cache, err := download.CacheFolder("-model", "models")
	require.NoError(t, err)
	dir := filepath.Join(cache, model.Into)
	if err := model.Check(dir); err != nil {
		t.Skip("the model was not fetched, which make example-vad does:", err)
	}
	net, err := jit.Load(filepath.Join(dir, modelFile), jit.LoadOptions{MapLocation: torch.CPU})
	require.NoError(t, err)
	defer func() {
		net.Close()
		for _, x := range net.NamedTensors() {
			x.Tensor.Close()
		}
	}()
	g, header := read(t)
	for _, sound := range g.Sounds {
		audio, err := readWAV(bytes.NewReader(sound.WAV))
		require.NoError(t, err)
		for range 3 {
			got, err := Probabilities(net, audio)
			require.NoError(t, err)
			require.Len(t, got, len(sound.Probabilities))
			for i, p := range sound.Probabilities {
				if header.Exact() {
					assert.Equal(t, p, got[i])
				} else {
					assert.InDelta(t, p, got[i], 1e-4)
				}
			}
		}
	}
	_, err = Probabilities(net, &Audio{11025, make([]float32, 512)})
	assert.ErrorContains(t, err, "Supported sampling rates: [8000, 16000] (or multiply of 16000)")
}

func TestReadWAV(t *testing.T) {
	g, _ := read(t)
	for i, want := range []struct{ rate, samples int }{{16000, 4000}, {8000, 4000}} {
		audio, err := readWAV(bytes.NewReader(g.Sounds[i].WAV))
		require.NoError(t, err)
		assert.Equal(t, want.rate, audio.Rate)
		require.Len(t, audio.Samples, want.samples)
		assert.Zero(t, audio.Samples[0])
	}
	fast := slices.Clone(g.Sounds[0].WAV)
	copy(fast[24:], []byte{0x44, 0xac, 0, 0})
	for want, data := range map[string][]byte{
		"not a WAV file; ffmpeg -i FILE":         []byte("hello, this is no sound at all, but text"),
		"44100 samples a second, want 8000":      fast,
		"that was cut: 7999 bytes of samples, w": g.Sounds[0].WAV[:44+7999],
	} {
		_, err := readWAV(bytes.NewReader(data))
		assert.ErrorContains(t, err, want)
	}
	_, err := ReadWAV("nowhere.wav")
	assert.ErrorContains(t, err, "no such file")
}

func TestArguments(t *testing.T) {
	g, _ := read(t)
	sound := filepath.Join(t.TempDir(), "sound.wav")
	require.NoError(t, os.WriteFile(sound, g.Sounds[0].WAV, 0o600))
	for want, args := range map[string][]string{
		"flag: help requested":           nil,
		"no such file":                   {"nowhere.wav"},
		"-pad is -1, want 0 or more":     {"-pad", "-1", sound},
		"jit.Load: " + sound + ": not a": {"-model", sound, sound},
	} {
		var out, log strings.Builder
		err := run(context.Background(), args, &out, &log)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, out.String())
	}
}

func TestPlot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "speech.png")
	audio := &Audio{16000, make([]float32, 16000)}
	require.NoError(t, plotSpans(path, audio, make([]float64, 32), []Span{{4000, 12000}}, 0.5))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG", string(data[:4]))
	assert.Error(t, plotSpans(filepath.Join(path, "below.png"), audio, nil, nil, 0.5))
}
