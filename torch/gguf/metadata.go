package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// Metadata is what a file says beside its tensors, by keys such as "llama.block_count". A
// value has the type that the file gives it: uint8, int8, uint16, int16, uint32, int32,
// uint64, int64, float32, float64, bool or string; an array is a slice of such a type, and
// one of arrays a []any of those.
type Metadata map[string]any

// Int returns a whole number of whatever type. It fails if there is none of the key, and
// for one that is no int.
func (m Metadata) Int(key string) (int, error) {
	switch v := m[key].(type) {
	case uint8:
		return int(v), nil
	case int8:
		return int(v), nil
	case uint16:
		return int(v), nil
	case int16:
		return int(v), nil
	case uint32:
		return int(v), nil
	case int32:
		return int(v), nil
	case int64:
		return int(v), nil
	case uint64:
		if v <= math.MaxInt64 {
			return int(v), nil
		}
	}
	return 0, m.refuse(key, "an int")
}

// Float returns a number of whatever type. It fails if there is none of the key.
func (m Metadata) Float(key string) (float64, error) {
	switch v := m[key].(type) {
	case float32:
		return float64(v), nil
	case float64:
		return v, nil
	}
	if n, err := m.Int(key); err == nil {
		return float64(n), nil
	}
	return 0, m.refuse(key, "a number")
}

// Text returns a text. It fails if there is none of the key.
func (m Metadata) Text(key string) (string, error) {
	if v, ok := m[key].(string); ok {
		return v, nil
	}
	return "", m.refuse(key, "a text")
}

// refuse is the error of a value that is not what is wanted.
func (m Metadata) refuse(key, want string) error {
	v, given := m[key]
	if !given {
		return fmt.Errorf("gguf: the metadata have no %q", brief.Text(key))
	}
	if v, ok := v.(string); ok {
		return fmt.Errorf("gguf: %q of the metadata is %q, want %s", brief.Text(key), brief.Text(v), want)
	}
	if kind := fmt.Sprintf("%T", v); kind[0] == '[' {
		return fmt.Errorf("gguf: %q of the metadata is a %s, want %s", brief.Text(key), kind, want)
	}
	return fmt.Errorf("gguf: %q of the metadata is %v, want %s", brief.Text(key), v, want)
}

// The numbers of types that are no numbers, in the file.
const (
	textType  = 8
	arrayType = 9
)

// deepest is how deep arrays may be in arrays.
const deepest = 8

// number is how numbers of a type are read.
type number struct {
	size int
	one  func(data []byte) any
	all  func(data []byte) any
}

func numberOf[T any]() number {
	size := binary.Size(*new(T))
	return number{
		size: size,
		one: func(data []byte) any {
			var v T
			_, _ = binary.Decode(data, binary.LittleEndian, &v) // there are enough
			return v
		},
		all: func(data []byte) any {
			v := make([]T, len(data)/size)
			_, _ = binary.Decode(data, binary.LittleEndian, v)
			return v
		},
	}
}

// numbers has the types of numbers by their numbers in the file.
var numbers = map[uint32]number{
	0: numberOf[uint8](), 1: numberOf[int8](), 2: numberOf[uint16](), 3: numberOf[int16](), 4: numberOf[uint32](), 5: numberOf[int32](),
	6: numberOf[float32](), 7: numberOf[bool](), 10: numberOf[uint64](), 11: numberOf[int64](), 12: numberOf[float64](),
}

// metadata reads so many keys and values.
func (r *reader) metadata(n uint64) Metadata {
	m := Metadata{}
	for i := uint64(0); i < n && r.err == nil; i++ {
		key := r.text()
		v := r.value(r.uint32())
		if _, twice := m[key]; twice && r.err == nil {
			r.err = fmt.Errorf("the metadata have %q twice", brief.Text(key))
		}
		if r.err != nil {
			r.err = fmt.Errorf("%q of the metadata: %w", brief.Text(key), r.err)
			break
		}
		m[key] = v
	}
	return m
}

// value reads a value of a type.
func (r *reader) value(kind uint32) any {
	switch kind {
	case textType:
		return r.text()
	case arrayType:
		return r.array(1)
	}
	k := r.number(kind)
	return k.one(r.take(k.size))
}

// number returns how to read a type of numbers.
func (r *reader) number(kind uint32) number {
	k, ok := numbers[kind]
	if !ok {
		if r.err == nil {
			r.err = fmt.Errorf("there is no type %d of values", kind)
		}
		return numbers[0]
	}
	return k
}

// array reads an array, depth deep in arrays.
func (r *reader) array(depth int) any {
	kind := r.uint32()
	switch kind {
	case textType:
		return r.texts(r.count(8))
	case arrayType:
		if depth == deepest && r.err == nil {
			r.err = fmt.Errorf("arrays are in arrays more than %d deep", deepest)
		}
		v := []any{} // grows with what is read, not with what is claimed
		for n := r.count(12); len(v) < n && r.err == nil; {
			v = append(v, r.array(depth+1))
		}
		return v
	}
	k := r.number(kind)
	return k.all(r.take(r.count(k.size) * k.size))
}

// texts reads n texts, which share one memory: a vocabulary has many.
func (r *reader) texts(n int) []string {
	start := r.at
	for i := 0; i < n && r.err == nil; i++ {
		r.take(r.count(1))
	}
	if r.err != nil {
		return nil
	}
	all := string(r.data[start:r.at])
	v := make([]string, n)
	for i := range v {
		size := binary.LittleEndian.Uint64(r.data[r.at-len(all):])
		v[i] = all[8 : 8+size]
		all = all[8+size:]
	}
	return v
}
