package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import (
	"math"
	"unsafe"
)

// Handle is a counted reference to a tensor, a generator, a storage or an object in
// libtorch. 0 is a closed one.
type Handle uint64

// argWords is what an Args holds without a heap allocation: enough for every
// operator of fixed-size arguments, and for shapes of several dimensions.
const argWords = 40

// Args collects the values of a call, in the order of the operator's schema.
// Values left out at the end take their defaults. The zero Args is empty.
type Args struct {
	words [argWords]uint64
	n     int32
	spill []uint64 // all words, once they outgrow the array
}

func (a *Args) put(word uint64) {
	if a.spill == nil && a.n < argWords {
		a.words[a.n] = word
		a.n++
		return
	}
	a.grow(word)
}

func (a *Args) grow(word uint64) {
	if a.spill == nil {
		a.spill = append(make([]uint64, 0, 4*argWords), a.words[:]...)
	}
	a.spill = append(a.spill, word)
	a.n++
}

func (a *Args) put2(head, word uint64) {
	a.put(head)
	a.put(word)
}

// buffer returns the words, and how many there is room for.
func (a *Args) buffer() (*uint64, int) {
	if a.spill == nil {
		return &a.words[0], argWords
	}
	return &a.spill[0], len(a.spill)
}

// Default leaves an argument at the schema's default.
func (a *Args) Default() { a.put(C.CTORCH_DEFAULT) }

// None passes Python's None.
func (a *Args) None() { a.put(C.CTORCH_NONE) }

// Undefined passes a tensor that libtorch calls undefined, where it wants one that need
// not be there but does not say so.
func (a *Args) Undefined() { a.put(C.CTORCH_UNDEFINED) }

// Tensor passes a tensor; handle 0 is a closed one, which the call refuses.
func (a *Args) Tensor(handle Handle) { a.put2(C.CTORCH_TENSOR, uint64(handle)) }

// Object passes an object of a class.
func (a *Args) Object(handle Handle) { a.put2(C.CTORCH_OBJECT, uint64(handle)) }

// ShutObject makes an object that was passed a closed one.
func (a *Args) ShutObject(handle Handle) {
	words, _ := a.buffer()
	for list := unsafe.Slice(words, int(a.n)); len(list) > 0; list = list[valueWords(list[0]):] {
		if Tag(list[0]) == TagObject && Handle(list[1]) == handle {
			list[1] = 0
		}
	}
}

// Shut makes a tensor that was passed a closed one: of those with the handle, the one
// that so many are before.
func (a *Args) Shut(handle Handle, before int) {
	words, _ := a.buffer()
	for list := unsafe.Slice(words, int(a.n)); len(list) > 0; {
		head := list[0]
		if Tag(head) == TagTensor && Handle(list[1]) == handle {
			if before == 0 {
				list[1] = 0
				return
			}
			before--
		}
		list = list[valueWords(head):]
	}
}

// valueWords returns how many words a value takes, those of a container without its
// elements.
func valueWords(head uint64) int {
	switch Tag(head) {
	case TagDefault, TagNone, TagList, TagUndefined, TagDict, TagTuple:
		return 1
	case TagComplex:
		return 3
	case TagString:
		return 1 + int(head>>8+7)/8
	}
	return 2
}

// Generator passes a generator.
func (a *Args) Generator(handle Handle) { a.put2(C.CTORCH_GENERATOR, uint64(handle)) }

// Storage passes a storage.
func (a *Args) Storage(handle Handle) { a.put2(C.CTORCH_STORAGE, uint64(handle)) }

// Bool passes a bool.
func (a *Args) Bool(v bool) {
	var word uint64
	if v {
		word = 1
	}
	a.put2(C.CTORCH_BOOL, word)
}

// Int passes an int, a SymInt, a dtype, a layout or a memory format.
func (a *Args) Int(v int64) { a.put2(C.CTORCH_INT, uint64(v)) }

// Uint passes an int above those of [Args.Int].
func (a *Args) Uint(v uint64) { a.put2(C.CTORCH_UINT, v) }

// Float passes a float.
func (a *Args) Float(v float64) { a.put2(C.CTORCH_FLOAT, math.Float64bits(v)) }

// Complex passes a complex number.
func (a *Args) Complex(v complex128) {
	a.put(C.CTORCH_COMPLEX)
	a.put2(math.Float64bits(real(v)), math.Float64bits(imag(v)))
}

// Device passes a device.
func (a *Args) Device(deviceType, index int32) {
	a.put2(C.CTORCH_DEVICE, uint64(uint32(deviceType))|uint64(uint32(index))<<32)
}

// String passes a str.
func (a *Args) String(v string) {
	a.put(C.CTORCH_STRING | uint64(len(v))<<8)
	for len(v) > 0 {
		var packed [8]byte
		v = v[copy(packed[:], v):]
		a.put(*(*uint64)(unsafe.Pointer(&packed)))
	}
}

// List starts a list: the next n values are its elements.
func (a *Args) List(n int) { a.put(C.CTORCH_LIST | uint64(n)<<8) }

// Tuple starts a tuple: the next n values are its elements.
func (a *Args) Tuple(n int) { a.put(C.CTORCH_TUPLE | uint64(n)<<8) }

// Dict starts a dict: the next 2n values are its keys, and after each what it has.
func (a *Args) Dict(n int) { a.put(C.CTORCH_DICT | uint64(n)<<8) }

// Ints passes a list of ints.
func (a *Args) Ints(values []int) {
	a.List(len(values))
	for _, v := range values {
		a.Int(int64(v))
	}
}

// Floats passes a list of floats.
func (a *Args) Floats(values []float64) {
	a.List(len(values))
	for _, v := range values {
		a.Float(v)
	}
}

// Tag says what a value is.
type Tag uint8

// The tags of values.
const (
	TagDefault   Tag = C.CTORCH_DEFAULT
	TagNone      Tag = C.CTORCH_NONE
	TagBool      Tag = C.CTORCH_BOOL
	TagInt       Tag = C.CTORCH_INT
	TagFloat     Tag = C.CTORCH_FLOAT
	TagComplex   Tag = C.CTORCH_COMPLEX
	TagString    Tag = C.CTORCH_STRING
	TagDevice    Tag = C.CTORCH_DEVICE
	TagTensor    Tag = C.CTORCH_TENSOR
	TagGenerator Tag = C.CTORCH_GENERATOR
	TagStorage   Tag = C.CTORCH_STORAGE
	TagList      Tag = C.CTORCH_LIST
	TagUint      Tag = C.CTORCH_UINT
	TagUndefined Tag = C.CTORCH_UNDEFINED
	TagObject    Tag = C.CTORCH_OBJECT
	TagDict      Tag = C.CTORCH_DICT
	TagTuple     Tag = C.CTORCH_TUPLE
)

// Results are the values that a call gave. Each Take method takes the next one.
// The caller owns every handle that it takes, and must take all.
type Results struct {
	words []uint64
	// Scope is the number that SetScope set on the thread that made the call.
	Scope uint64
}

// Tag returns the next value's tag, or TagDefault where there is none.
func (r *Results) Tag() Tag {
	if len(r.words) == 0 {
		return TagDefault
	}
	return Tag(r.words[0])
}

// Done reports whether all values are taken.
func (r *Results) Done() bool { return len(r.words) == 0 }

func (r *Results) take() uint64 {
	word := r.words[0]
	r.words = r.words[1:]
	return word
}

// expect calls Raise unless the next value has the tag.
func (r *Results) expect(want Tag) {
	if len(r.words) == 0 {
		Raise(&Error{Kind: KindType, Message: "the operator gave fewer results than are asked for"})
	}
	if Tag(r.words[0]) != want {
		Raise(&Error{Kind: KindType, Message: "the operator's result has another type than is asked for"})
	}
}

func (r *Results) payload(want Tag) uint64 {
	r.expect(want)
	r.take()
	return r.take()
}

// Drop drops the references among the values that are left.
func (r *Results) Drop() { r.DropTo(TagDefault) }

// DropTo drops the references among the values before the first one of the tag, also
// within lists.
func (r *Results) DropTo(tag Tag) {
	for !r.Done() && r.Tag() != tag {
		switch r.Tag() {
		case TagTensor:
			handles := [1]Handle{r.TakeTensor()}
			Free(handles[:])
		case TagGenerator:
			FreeGenerator(r.TakeGenerator())
		case TagObject:
			FreeObject(r.TakeObject())
		default:
			r.words = r.words[valueWords(r.words[0]):]
		}
	}
}

// TakeTensor takes a tensor; None gives 0.
func (r *Results) TakeTensor() Handle {
	if r.Tag() == TagNone {
		r.take()
		return 0
	}
	return Handle(r.payload(TagTensor))
}

// TakeGenerator takes a generator.
func (r *Results) TakeGenerator() Handle { return Handle(r.payload(TagGenerator)) }

// TakeObject takes an object of a class.
func (r *Results) TakeObject() Handle { return Handle(r.payload(TagObject)) }

// TakeInt takes an int.
func (r *Results) TakeInt() int64 { return int64(r.payload(TagInt)) }

// TakeUint takes an int above those of [Results.TakeInt].
func (r *Results) TakeUint() uint64 { return r.payload(TagUint) }

// TakeFloat takes a float.
func (r *Results) TakeFloat() float64 { return math.Float64frombits(r.payload(TagFloat)) }

// TakeBool takes a bool.
func (r *Results) TakeBool() bool { return r.payload(TagBool) != 0 }

// TakeComplex takes a complex number.
func (r *Results) TakeComplex() complex128 {
	re := math.Float64frombits(r.payload(TagComplex))
	return complex(re, math.Float64frombits(r.take()))
}

// TakeDevice takes a device.
func (r *Results) TakeDevice() (deviceType, index int32) {
	word := r.payload(TagDevice)
	return int32(word), int32(word >> 32)
}

// TakeString takes a str.
func (r *Results) TakeString() string {
	r.expect(TagString)
	head := r.take()
	text := make([]byte, 0, head>>8)
	for n := int(head >> 8); n > 0; n -= 8 {
		word := r.take()
		text = append(text, (*[8]byte)(unsafe.Pointer(&word))[:min(n, 8)]...)
	}
	return string(text)
}

// TakeList takes the start of a list, whose elements are the next n values.
func (r *Results) TakeList() (n int) { return r.takeStart(TagList) }

// TakeTuple takes the start of a tuple, whose elements are the next n values.
func (r *Results) TakeTuple() (n int) { return r.takeStart(TagTuple) }

// TakeDict takes the start of a dict: the next 2n values are its keys, and after each
// what it has.
func (r *Results) TakeDict() (n int) { return r.takeStart(TagDict) }

func (r *Results) takeStart(want Tag) (n int) {
	r.expect(want)
	return int(r.take() >> 8)
}
