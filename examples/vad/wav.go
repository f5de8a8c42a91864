package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-audio/wav"
)

// Audio is sound of one channel: samples from -1 to 1.
type Audio struct {
	Rate    int // samples a second
	Samples []float32
}

// pcm is the number of samples that are plain integers, in a WAV file.
const pcm = 1

// ReadWAV reads a WAV file of 16-bit PCM samples, at 8,000 or 16,000 of them a second, which
// is what the model was trained on. The channels of several are averaged.
func ReadWAV(path string) (*Audio, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	audio, err := readWAV(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return audio, nil
}

// checkChunks returns an error if a chunk before the samples says that it is longer than the
// file: the decoder makes room for what chunks say.
func checkChunks(r io.ReadSeeker) error {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	var header struct {
		ID   [4]byte
		Size uint32
	}
	for at := int64(12); at+8 <= size; at += 8 + int64(header.Size) + int64(header.Size%2) {
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return err
		}
		if err := binary.Read(r, binary.LittleEndian, &header); err != nil {
			return err
		}
		if string(header.ID[:]) == "data" {
			break
		}
		if int64(header.Size) > size-at-8 {
			return fmt.Errorf("not a WAV file, or a cut one: chunk %q of %d bytes at %d of %d", header.ID, header.Size, at, size)
		}
	}
	_, err = r.Seek(0, io.SeekStart)
	return err
}

func readWAV(r io.ReadSeeker) (*Audio, error) {
	if err := checkChunks(r); err != nil {
		return nil, err
	}
	d := wav.NewDecoder(r)
	if err := d.FwdToPCM(); err != nil {
		return nil, fmt.Errorf("not a WAV file, or one without samples: %w", err)
	}
	if d.PCMChunk == nil {
		return nil, errors.New("not a WAV file, or one without samples")
	}
	channels, rate := int(d.NumChans), int(d.SampleRate)
	switch {
	case d.WavAudioFormat != pcm || d.BitDepth != 16:
		return nil, fmt.Errorf("samples of format %d and %d bits, want 16-bit PCM: ffmpeg -i FILE -ar 16000 -ac 1 -c:a pcm_s16le new.wav converts it",
			d.WavAudioFormat, d.BitDepth)
	case rate != 8000 && rate != 16000:
		return nil, fmt.Errorf("%d samples a second, want 8000 or 16000: ffmpeg -i FILE -ar 16000 -ac 1 -c:a pcm_s16le new.wav converts it", rate)
	}
	data, err := io.ReadAll(d.PCMChunk)
	if err != nil {
		return nil, err
	}
	samples := make([]float32, len(data)/(2*channels))
	for i := range samples {
		sum := float32(0)
		for c := range channels {
			sum += float32(int16(binary.LittleEndian.Uint16(data[2*(i*channels+c):]))) / 32768
		}
		samples[i] = sum / float32(channels)
	}
	return &Audio{rate, samples}, nil
}
