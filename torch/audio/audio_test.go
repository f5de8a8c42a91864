package audio_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/audio"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type golden struct {
	Files map[string]struct {
		WAV      []byte
		Rate     int
		Waveform torchtest.Tensor
	}
}

func read(t *testing.T) golden {
	var g golden
	torchtest.Golden(t, "testdata/wav.json", &g)
	return g
}

// TestLoadWAV reads files that Python's wave and its struct wrote, whose samples Python reads.
func TestLoadWAV(t *testing.T) {
	g := read(t)
	require.Len(t, g.Files, 9)
	for name, file := range g.Files {
		waveform, rate, err := audio.LoadWAVFrom(bytes.NewReader(file.WAV))
		require.NoError(t, err, name)
		assert.Equal(t, file.Rate, rate, name)
		file.Waveform.Check(t, waveform, true, 0, name)
	}
}

func TestSaveWAV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sound.wav")
	x := torch.FromSlice([]float32{0, 0.5, -0.25, 1, -1, 0.125}, 2, 3)
	for _, c := range []struct {
		encoding audio.Encoding
		bits     *int
		largest  float64 // what 1 becomes
	}{
		{"", nil, 32767.0 / 32768}, {audio.PCMSigned, new(8), 127.0 / 128}, {audio.PCMSigned, new(24), 8388607.0 / 8388608},
		{audio.PCMSigned, new(32), 1}, {audio.PCMFloat, nil, 1}, {audio.PCMFloat, new(64), 1},
	} {
		o := audio.SaveWAVOptions{Encoding: c.encoding, BitsPerSample: c.bits}
		require.NoError(t, audio.SaveWAV(path, x, 8000, o))
		y, rate, err := audio.LoadWAV(path)
		require.NoError(t, err)
		assert.Equal(t, 8000, rate)
		assert.Equal(t, []float32{0, 0.5, -0.25, float32(c.largest), -1, 0.125}, torch.ToSlice[float32](y), "%v", o)
		assert.Equal(t, []int{2, 3}, y.Shape())
	}
	// What was read is written again bit for bit.
	for name, file := range read(t).Files {
		bits := int(binary.LittleEndian.Uint16(file.WAV[34:]))
		if name == "extensible" || name == "pipe" || name == "other chunks" || name == "int32" || name == "float64" { // more than Float32 holds
			continue
		}
		o := audio.SaveWAVOptions{BitsPerSample: &bits}
		if binary.LittleEndian.Uint16(file.WAV[20:]) == 3 {
			o.Encoding = audio.PCMFloat
		}
		y, rate, err := audio.LoadWAVFrom(bytes.NewReader(file.WAV))
		require.NoError(t, err)
		var again bytes.Buffer
		require.NoError(t, audio.SaveWAVTo(&again, y, rate, o))
		assert.Equal(t, file.WAV, again.Bytes(), name)
	}
	var one bytes.Buffer
	require.NoError(t, audio.SaveWAVTo(&one, torch.FromSlice([]float64{2, -2, 0.3}), 1))
	y, _, err := audio.LoadWAVFrom(&one)
	require.NoError(t, err)
	assert.Equal(t, []float32{32767.0 / 32768, -1, 9830.0 / 32768}, torch.ToSlice[float32](y), "cut and rounded")
}

func TestFailures(t *testing.T) {
	file := read(t).Files["int16"].WAV
	with := func(at int, values ...byte) []byte {
		changed := slices.Clone(file)
		copy(changed[at:], values)
		return changed
	}
	for words, data := range map[string][]byte{
		"not a WAV file":                                   []byte("hello, this is no sound at all, but text"),
		"not a WAV file, or one":                           nil,
		"samples of format 2":                              with(20, 2, 0),
		"floats of 16 bits, want integers of 8":            with(20, 3, 0),
		"integers of 12 bits":                              with(34, 12, 0),
		"0 channels":                                       with(22, 0, 0),
		"0 samples a second":                               with(24, 0, 0, 0, 0),
		"that was cut: 24 bytes of samples, want 16777240": with(43, 1),
		"samples before their format":                      append(slices.Clone(file[:12]), file[36:]...),
		"without samples":                                  file[:36],
		"no whole number":                                  append(with(40, 23)[:44], file[44:67]...),
	} {
		if words == "not a WAV file, or one" {
			words = "not a WAV file"
		}
		_, _, err := audio.LoadWAVFrom(bytes.NewReader(data))
		assert.ErrorContains(t, err, words)
	}
	_, _, err := audio.LoadWAVFrom(bytes.NewReader(append(slices.Clone(file[:12]), 'L', 'I', 'S', 'T', 9, 0, 0, 0, 1)))
	assert.ErrorContains(t, err, `chunk "LIST" has 1 bytes, want 9`)
	for n := range file {
		_, _, err := audio.LoadWAVFrom(bytes.NewReader(file[:n]))
		assert.Error(t, err, n)
	}
	_, _, err = audio.LoadWAV("nowhere.wav")
	assert.ErrorContains(t, err, "no such file")
	_, _, err = audio.LoadWAVFrom(nil)
	assert.ErrorContains(t, err, "the reader is nil")

	x := torch.Zeros([]int{1, 2})
	for words, err := range map[string]error{
		"want channels × samples":     audio.SaveWAVTo(new(bytes.Buffer), torch.Zeros([]int{1, 1, 1}), 8000),
		"a waveform of torch.int16":   audio.SaveWAVTo(new(bytes.Buffer), x.To(torch.Int16), 8000),
		"0 samples a second":          audio.SaveWAVTo(new(bytes.Buffer), x, 0),
		"integers of 12 bits":         audio.SaveWAVTo(new(bytes.Buffer), x, 8000, audio.SaveWAVOptions{BitsPerSample: new(12)}),
		`the encoding "ULAW" is not`:  audio.SaveWAVTo(new(bytes.Buffer), x, 8000, audio.SaveWAVOptions{Encoding: "ULAW"}),
		"a sample is NaN":             audio.SaveWAVTo(new(bytes.Buffer), torch.Full([]int{1}, math.NaN()), 8000),
		"the writer is nil":           audio.SaveWAVTo(nil, x, 8000),
		"the tensor is nil":           audio.SaveWAVTo(new(bytes.Buffer), nil, 8000),
		"nowhere/sound.wav":           audio.SaveWAV("nowhere/sound.wav", x, 8000),
		"0 channels, want 1 to 65535": audio.SaveWAVTo(new(bytes.Buffer), torch.Zeros([]int{0, 2}), 8000),
	} {
		assert.ErrorContains(t, err, words)
	}
}

// FuzzLoadWAV reads any file.
func FuzzLoadWAV(f *testing.F) {
	data, err := base64.StdEncoding.DecodeString("UklGRi4AAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQoAAAABAAIAAwAEAAUA")
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, 4*len(data), func() {
			if x, _, err := audio.LoadWAVFrom(bytes.NewReader(data)); err == nil {
				assert.LessOrEqual(t, x.Numel(), len(data))
				x.Close()
			}
		})
	})
}
