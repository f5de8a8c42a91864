package main

import (
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

// frameSize returns how many samples the model looks at together: 32 ms.
func frameSize(rate int) int { return 512 * rate / 16000 }

// Probabilities returns for each frame of the audio how likely it has speech. The last one
// is filled up with silence. The model remembers the frames before, so it must not be used
// for anything else meanwhile.
func Probabilities(model *jit.Module, audio *Audio) ([]float64, error) {
	if _, err := model.RunMethod("reset_states", nil, nil); err != nil {
		return nil, err
	}
	size := frameSize(audio.Rate)
	probabilities := make([]float64, 0, len(audio.Samples)/size+1)
	frame := make([]float32, size)
	for at := 0; at < len(audio.Samples); at += size {
		clear(frame[copy(frame, audio.Samples[at:]):])
		var failure error
		torch.Scope(func() {
			torch.NoGrad(func() {
				y, err := model.Run(torch.NewTensor(frame), audio.Rate)
				if err != nil {
					failure = err
					return
				}
				probabilities = append(probabilities, y.(*torch.Tensor).Item())
			})
		})
		if failure != nil {
			return nil, fmt.Errorf("frame %d: %w", len(probabilities), failure)
		}
	}
	return probabilities, nil
}

// Span is a part of the audio, from one sample to another.
type Span struct{ Start, End int }

// SpanOptions says which frames make a span.
type SpanOptions struct {
	Threshold  float64 // from where on a frame has speech; it has none below 0.15 less
	MinSpeech  float64 // seconds; shorter spans are left out
	MaxSpeech  float64 // seconds; longer spans are split, in the longest silence if there is one
	MinSilence float64 // seconds that end a span
	Pad        float64 // seconds that are added at both ends
}

// DefaultSpans are silero-vad's.
var DefaultSpans = SpanOptions{Threshold: 0.5, MinSpeech: 0.25, MaxSpeech: math.Inf(1), MinSilence: 0.1, Pad: 0.03}

// minPause is how many seconds of silence a long span is split in.
const minPause = 0.098

// spanner is where Spans is: get_speech_timestamps_from_probs of silero-vad.
type spanner struct {
	spans                                    []Span
	minSpeech, maxSpeech, minSilence, minEnd float64 // in samples
	speaking                                 bool
	start                                    int    // of the span
	silence                                  int    // where the silence began that may end it; 0 for none
	pauses                                   []Span // where it may be split
}

// Spans returns where the speech is, given how likely each frame has some and how many
// samples there are: what silero-vad's get_speech_timestamps returns.
func Spans(probabilities []float64, rate, samples int, o SpanOptions) []Span {
	size, second := frameSize(rate), float64(rate)
	s := &spanner{minSpeech: second * o.MinSpeech, minSilence: second * o.MinSilence, minEnd: second * minPause,
		maxSpeech: second*o.MaxSpeech - float64(size) - 2*second*o.Pad}
	for i, p := range probabilities {
		s.frame(size*i, p >= o.Threshold, p < max(o.Threshold-0.15, 0.01))
	}
	if s.speaking && float64(samples-s.start) > s.minSpeech {
		s.spans = append(s.spans, Span{s.start, samples})
	}
	pad(s.spans, second*o.Pad, samples)
	return s.spans
}

// frame looks at the frame that begins at a sample, and has speech, or silence, or neither
// for sure.
func (s *spanner) frame(at int, speech, silence bool) {
	if speech && s.silence > 0 {
		if float64(at-s.silence) > s.minEnd {
			s.pauses = append(s.pauses, Span{s.silence, at})
		}
		s.silence = 0
	}
	if speech && !s.speaking {
		s.speaking, s.start = true, at
		return
	}
	if s.speaking && float64(at-s.start) > s.maxSpeech && s.split(at) {
		return
	}
	if !silence || !s.speaking {
		return
	}
	if s.silence == 0 {
		s.silence = at
	}
	if float64(at-s.silence) < s.minSilence {
		return
	}
	if float64(s.silence-s.start) > s.minSpeech {
		s.spans = append(s.spans, Span{s.start, s.silence})
	}
	s.speaking, s.silence, s.pauses = false, 0, nil
}

// split ends a span that is too long: in its longest pause, after which the next one
// begins, or else here. It reports whether the frame is done.
func (s *spanner) split(at int) (done bool) {
	if len(s.pauses) == 0 {
		s.spans = append(s.spans, Span{s.start, at})
		s.speaking, s.silence = false, 0
		return true
	}
	longest := s.pauses[0]
	for _, p := range s.pauses {
		if p.End-p.Start > longest.End-longest.Start {
			longest = p
		}
	}
	s.spans = append(s.spans, Span{s.start, longest.Start})
	s.start, s.silence, s.pauses = longest.End, 0, nil
	return false
}

// pad makes spans longer at both ends, but for what they share.
func pad(spans []Span, by float64, samples int) {
	for i := range spans {
		if i == 0 {
			spans[i].Start = int(max(0, float64(spans[i].Start)-by))
		}
		if i == len(spans)-1 {
			spans[i].End = int(min(float64(samples), float64(spans[i].End)+by))
			break
		}
		next := &spans[i+1]
		if silence := next.Start - spans[i].End; float64(silence) < 2*by {
			spans[i].End += silence / 2
			next.Start -= silence / 2
		} else {
			spans[i].End = int(min(float64(samples), float64(spans[i].End)+by))
			next.Start = int(max(0, float64(next.Start)-by))
		}
	}
}
