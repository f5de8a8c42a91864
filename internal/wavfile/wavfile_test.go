package wavfile_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/wavfile"
)

// What is written is read again, of every format; torch/audio has files of Python's.
func TestRoundTrip(t *testing.T) {
	for _, f := range []wavfile.Format{{2, 8000, 8, false}, {1, 44100, 16, false}, {3, 1, 24, false}, {2, 16000, 32, false}, {1, 8000, 32, true}, {1, 8000, 64, true}} {
		samples, err := f.Encode([]float64{0, 0.5, -1, -0.25, 0.75, 0.125})
		require.NoError(t, err)
		assert.Len(t, samples, 6*f.Bits/8)
		var file bytes.Buffer
		require.NoError(t, wavfile.Write(&file, f, samples))
		assert.Equal(t, 44+len(samples), file.Len())
		got, read, err := wavfile.Read(&file)
		require.NoError(t, err)
		assert.Equal(t, f, got)
		assert.Equal(t, samples, read)
		assert.Equal(t, []float32{0, 0.5, -1, -0.25, 0.75, 0.125}, f.Decode(read), "%+v", f)
	}
	assert.ErrorContains(t, wavfile.Write(new(bytes.Buffer), wavfile.Format{Channels: 1, Rate: 1, Bits: 7}, nil), "integers of 7 bits")
}
