// Package audio is torchaudio: sounds as tensors. It reads and writes WAV files; packages
// transforms and functional make spectrograms and other features of sounds.
//
//	waveform, rate, err := audio.LoadWAV("speech.wav")
//	mel := transforms.NewMelSpectrogram(transforms.MelSpectrogramOptions{SampleRate: &rate})
//	features := mel.Forward(waveform) // channels × mels × frames
//
// A waveform is channels × samples, with values from −1 to 1.
//
// https://docs.pytorch.org/audio/stable/torchaudio.html
package audio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/wavfile"
	"github.com/wangkuiyi/gotorch/torch"
)

// LoadWAV reads a WAV file: its waveform, channels × samples of Float32 on the CPU, and how
// many samples a second there are. Integers of 8, 16, 24 and 32 bits become numbers from −1
// to 1, and floats stay as they are. It fails on files of other samples, such as compressed
// ones, and on one that was cut.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.load.html
func LoadWAV(path string) (waveform *torch.Tensor, rate int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("audio.LoadWAV: %w", err)
	}
	defer f.Close()
	if waveform, rate, err = load(bufio.NewReader(f)); err != nil {
		return nil, 0, fmt.Errorf("audio.LoadWAV: %s: %w", path, err)
	}
	return waveform, rate, nil
}

// LoadWAVFrom is [LoadWAV] from a reader.
func LoadWAVFrom(r io.Reader) (waveform *torch.Tensor, rate int, err error) {
	if r == nil {
		return nil, 0, errors.New("audio.LoadWAVFrom: the reader is nil")
	}
	if waveform, rate, err = load(r); err != nil {
		return nil, 0, fmt.Errorf("audio.LoadWAVFrom: %w", err)
	}
	return waveform, rate, nil
}

func load(r io.Reader) (waveform *torch.Tensor, rate int, err error) {
	format, samples, err := wavfile.Read(r)
	if err != nil {
		return nil, 0, err
	}
	values := format.Decode(samples)
	err = torch.Try(func() {
		waveform = torch.FromSlice(values, len(values)/format.Channels, format.Channels)
		if format.Channels > 1 {
			frames := waveform
			waveform = frames.T().Contiguous()
			frames.Close()
		} else {
			waveform = waveform.View(1, -1)
		}
	})
	return waveform, format.Rate, err
}

// Encoding says what samples in a file are.
type Encoding string

// The encodings.
const (
	PCMSigned Encoding = "PCM_S" // integers
	PCMFloat  Encoding = "PCM_F" // floating-point numbers
)

// SaveWAVOptions are the options of [SaveWAV].
type SaveWAVOptions struct {
	Encoding      Encoding // default: PCMSigned
	BitsPerSample *int     // 8 (without sign), 16, 24 or 32 of integers, 32 or 64 of floats; default: 16, of floats 32
}

// SaveWAV writes a WAV file of a waveform, channels × samples or samples alone, of a
// floating-point dtype. Integers are rounded, and what is beyond −1 and 1 is cut. The file
// takes the place of an older one only when it is whole. It fails on other tensors, on NaN
// where samples are integers, and on a rate that is not positive.
//
// https://docs.pytorch.org/audio/stable/generated/torchaudio.save.html
func SaveWAV(path string, waveform *torch.Tensor, rate int, options ...SaveWAVOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return save(w, waveform, rate, o) })
	}
	if err != nil {
		return fmt.Errorf("audio.SaveWAV: %s: %w", path, err)
	}
	return nil
}

// SaveWAVTo is [SaveWAV] to a writer.
func SaveWAVTo(w io.Writer, waveform *torch.Tensor, rate int, options ...SaveWAVOptions) error {
	if w == nil {
		return errors.New("audio.SaveWAVTo: the writer is nil")
	}
	o, err := option.AtMostOne(options)
	if err == nil {
		err = save(w, waveform, rate, o)
	}
	if err != nil {
		return fmt.Errorf("audio.SaveWAVTo: %w", err)
	}
	return nil
}

func save(w io.Writer, waveform *torch.Tensor, rate int, o SaveWAVOptions) error {
	format := wavfile.Format{Channels: 1, Rate: rate, Bits: option.Or(o.BitsPerSample, 16)}
	switch o.Encoding {
	case PCMSigned, "":
	case PCMFloat:
		format.Float, format.Bits = true, option.Or(o.BitsPerSample, 32)
	default:
		return fmt.Errorf("the encoding %q is not known, want %q or %q", o.Encoding, PCMSigned, PCMFloat)
	}
	var values []float64
	var unfit error
	err := torch.Try(func() {
		torch.Scope(func() {
			torch.NoGrad(func() {
				x := waveform
				switch dims := x.Dim(); {
				case !x.DType().IsFloatingPoint():
					unfit = fmt.Errorf("a waveform of %v, want a floating-point dtype with values from -1 to 1", x.DType())
					return
				case dims == 1:
					x = x.Unsqueeze(0)
				case dims != 2:
					unfit = fmt.Errorf("a waveform of shape %v, want channels × samples", x.Shape())
					return
				}
				format.Channels = x.Size(0)
				values = torch.ToSlice[float64](x.T())
			})
		})
	})
	if err = errors.Join(err, unfit); err != nil {
		return err
	}
	samples, err := format.Encode(values)
	if err != nil {
		return err
	}
	return wavfile.Write(w, format, samples)
}
