package backends

import (
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Setting is a setting of libtorch with values of a type. It holds for the process, in all
// goroutines, as in PyTorch.
type Setting[T any] struct {
	get func() T
	set func(T)
}

// Flag is a setting that is on or off.
type Flag = Setting[bool]

// Get returns the value. It panics with an UnsupportedError where libtorch is too old to have
// the setting.
func (s Setting[T]) Get() T {
	s.mustBeOne("Get")
	return s.get()
}

// Set changes the value. It panics where libtorch does not take it, and with an
// UnsupportedError where libtorch is too old to have the setting.
func (s Setting[T]) Set(value T) {
	s.mustBeOne("Set")
	s.set(value)
}

// With calls f with another value, and sets the one before again, also when f panics. It is
// PyTorch's with torch.backends.cudnn.flags(...). Other goroutines see the value, too.
func (s Setting[T]) With(value T, f func()) {
	s.mustBeOne("With")
	argument.NotNil("backends.Setting.With", "f", f)
	before := s.get()
	s.set(value)
	defer s.set(before)
	f()
}

// mustBeOne panics on a zero setting.
func (s Setting[T]) mustBeOne(method string) {
	if s.get == nil {
		panic(torch.Errorf("backends.Setting."+method, torch.TypeError, "the setting is zero: this package's variables are settings, such as CuDNN.Benchmark"))
	}
}

func flag(setting cgotorch.Setting) Flag {
	return Flag{
		get: func() bool { return setting.Get() != 0 },
		set: func(on bool) {
			value := int64(0)
			if on {
				value = 1
			}
			setting.Change(value)
		},
	}
}

func number(setting cgotorch.Setting) Setting[int] {
	return Setting[int]{
		get: func() int { return int(setting.Get()) },
		set: func(n int) { setting.Change(int64(n)) },
	}
}

// choice returns a setting of which libtorch has the numbers of words; op names it in errors.
func choice[T ~string](op string, setting cgotorch.Setting, words ...T) Setting[T] {
	return Setting[T]{
		get: func() T {
			if n := setting.Get(); n < int64(len(words)) {
				return words[n]
			}
			return words[0]
		},
		set: func(word T) {
			n := slices.Index(words, word)
			if n < 0 {
				panic(torch.Errorf(op, torch.RuntimeError, "Unknown value: %q; it is one of %q", word, words))
			}
			setting.Change(int64(n))
		},
	}
}
