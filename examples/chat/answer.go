package main

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/torch"
)

// Session is a conversation.
type Session struct {
	*Chat
	Sampling Sampling
	Max      int // tokens of an answer
	Messages []Message

	cache *Cache
	read  []int // what the cache has
}

// NewSession begins a conversation of at most so many tokens. What the model is told first
// is system, or what its template says if that is empty. It fails if memory does not do.
func (c *Chat) NewSession(sampling Sampling, room, most int, system string) (*Session, error) {
	s := &Session{Chat: c, Sampling: sampling, Max: most}
	if system == "" {
		system = c.Template.System
	}
	if system != "" {
		s.Messages = []Message{{"system", system}}
	}
	err := torch.Try(func() {
		torch.InferenceMode(func() { s.cache = NewCache(c.Config, room, c.DType) })
	})
	return s, err
}

// Speed says how many tokens were read and written, and how long that took.
type Speed struct {
	Read, Written        int
	Reading, WritingTime time.Duration
}

// String returns a line of it.
func (s Speed) String() string {
	second := func(n int, d time.Duration) float64 { return float64(n) / max(d.Seconds(), 1e-9) }
	return fmt.Sprintf("%d tokens read, %.1f a second; %d written, %.1f a second",
		s.Read, second(s.Read, s.Reading), s.Written, second(s.Written-1, s.WritingTime))
}

// Ask adds a message of the user's and the model's answer, which write gets as it comes. It
// ends early, with what there is, when the context does, and fails when the conversation is
// longer than there is room.
func (s *Session) Ask(ctx context.Context, message string, write func(text string)) (Speed, error) {
	s.Messages = append(s.Messages, Message{"user", message})
	tokens := s.Tokenizer.Encode(s.Template.Write(s.Messages))
	var w writer
	speed, err := s.generate(ctx, tokens, func(token int) { write(w.add(s.Tokenizer.Decode(token))) })
	write(w.rest())
	s.Messages = append(s.Messages, Message{"assistant", string(w.text)})
	return speed, err
}

// writer hands on text as it comes, but letters only when they are whole.
type writer struct {
	text    []byte
	written int // how much of it was handed on
}

// add appends bytes and returns what can be handed on.
func (w *writer) add(bytes []byte) string {
	w.text = append(w.text, bytes...)
	end := len(w.text)
	for back := 1; back < utf8.UTFMax && back <= end-w.written; back++ {
		if letter := w.text[end-back:]; utf8.RuneStart(letter[0]) {
			if !utf8.FullRune(letter) {
				end -= back
			}
			break
		}
	}
	return w.upTo(end)
}

// rest returns what was not handed on.
func (w *writer) rest() string { return w.upTo(len(w.text)) }

func (w *writer) upTo(end int) string {
	text := string(w.text[w.written:end])
	w.written = end
	return text
}

// generate reads tokens, but for those that the cache has from before, and hands on what
// the model writes after them.
func (s *Session) generate(ctx context.Context, tokens []int, each func(token int)) (speed Speed, err error) {
	same := 0
	for same < min(len(s.read), len(tokens)-1) && s.read[same] == tokens[same] {
		same++
	}
	s.cache.Length = same
	s.read = slices.Clone(tokens[:same])
	next := tokens[same:]
	began := time.Now()
	for written := 0; written < s.Max && ctx.Err() == nil; written++ {
		if s.cache.Length+len(next) > s.cache.Room() {
			return speed, fmt.Errorf("the conversation has more than the %d tokens that there is room for; -context makes more", s.cache.Room())
		}
		var token int
		err := torch.Try(func() {
			torch.Scope(func() {
				torch.InferenceMode(func() { token = s.Sampling.Choose(s.Model.Forward(next, s.cache)) })
			})
		})
		if err != nil {
			return speed, err
		}
		if written == 0 {
			speed.Read, speed.Reading = len(next), time.Since(began)
			began = time.Now()
		}
		s.read = append(s.read, next...)
		next = []int{token}
		speed.Written, speed.WritingTime = written+1, time.Since(began)
		if s.Stop[token] {
			break
		}
		each(token)
	}
	return speed, nil
}
