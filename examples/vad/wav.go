package main

import (
	"fmt"
	"io"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/audio"
)

// Audio is sound of one channel: samples from -1 to 1.
type Audio struct {
	Rate    int // samples a second
	Samples []float32
}

// ReadWAV reads a WAV file of 8,000 or 16,000 samples a second, which is what the model was
// trained on. The channels of several are averaged.
func ReadWAV(path string) (*Audio, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sound, err := readWAV(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sound, nil
}

func readWAV(r io.Reader) (*Audio, error) {
	waveform, rate, err := audio.LoadWAVFrom(r)
	if err != nil {
		return nil, fmt.Errorf("%w; ffmpeg -i FILE -ar 16000 -ac 1 -c:a pcm_s16le new.wav converts other files", err)
	}
	defer waveform.Close()
	if rate != 8000 && rate != 16000 {
		return nil, fmt.Errorf("%d samples a second, want 8000 or 16000: ffmpeg -i FILE -ar 16000 -ac 1 -c:a pcm_s16le new.wav converts it", rate)
	}
	sound := &Audio{Rate: rate}
	torch.Scope(func() { sound.Samples = torch.ToSlice[float32](waveform.Mean(0)) })
	return sound, nil
}
