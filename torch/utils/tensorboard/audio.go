package tensorboard

import (
	stdbytes "bytes"
	"encoding/binary"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/wavfile"
	"github.com/wangkuiyi/gotorch/torch"
)

// AudioOptions are the options of [SummaryWriter.AddAudio].
type AudioOptions struct {
	WallTime   time.Time // when it happened; default: now
	SampleRate *int      // in Hz; default: 44100
}

// AddAudio adds a sound of one channel, as a WAV file of 16 bits. Its elements are -1 to
// 1; what is beyond is cut off. It panics if there is more than one dimension, but for
// dimensions of size 1.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_audio
func (w *SummaryWriter) AddAudio(tag string, sound *torch.Tensor, step int, options ...AudioOptions) {
	o := option.First(options)
	rate := option.Or(o.SampleRate, 44100)
	var samples []int16
	torch.Scope(func() {
		torch.NoGrad(func() {
			x := sound.Squeeze()
			if x.Dim() != 1 {
				panic(torch.Errorf("tensorboard.SummaryWriter.AddAudio", torch.ValueError,
					"input tensor should be 1 dimensional."))
			}
			if x.DType() != torch.Float64 {
				x = x.To(torch.Float32)
			}
			samples = torch.ToSlice[int16](x.Clamp(-1, 1).Mul(32767))
		})
	})
	w.add(EventOptions{o.WallTime}.time(), step, bytes(1, tag), message(6, presentFloat(1, float64(rate)),
		integer(2, 1), integer(3, len(samples)), bytes(4, wav(samples, rate)), bytes(5, "audio/wav")))
}

// wav returns a WAV file of one channel.
func wav(samples []int16, rate int) []byte {
	var file stdbytes.Buffer
	data, _ := binary.Append(nil, binary.LittleEndian, samples) // takes all slices of numbers
	if err := wavfile.Write(&file, wavfile.Format{Channels: 1, Rate: rate, Bits: 16}, data); err != nil {
		panic(torch.Errorf("tensorboard.SummaryWriter.AddAudio", torch.ValueError, "%v", err))
	}
	return file.Bytes()
}
