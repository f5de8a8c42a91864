package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// maker makes arguments for one call.
type maker struct {
	*rand.Rand
	sanity float64 // how often a value is one that people would write
	shape  []int   // what most tensors of the call are like
	caller *caller
	depth  int
}

var (
	oddInts     = []int{0, -1, -2, -3, 5, 7, 63, 64, 65, 255, 256, 1 << 31, -1 << 31, 1<<32 + 2, math.MaxInt, math.MinInt}
	oddFloats   = []float64{0, math.Copysign(0, -1), -1, -0.5, 1.5, 1e-45, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64}
	saneFloats  = []float64{0.1, 0.25, 0.5, 0.9, 1, 2}
	oddStrings  = []string{"", " ", "x", ".", "..", "a.b", "-", "%s%d", "\x00", "\xff\xfe", "/", "no/such/file", strings.Repeat("long", 100), "ij,jk->ik", "0", "1:2", "weight"}
	saneStrings = []string{"mean", "sum", "none", "constant", "reflect", "circular", "linear", "nearest", "bilinear", "relu", "tanh", "weight", "bias", "0", "1", "fro", "nuc", "min", "max", "same", "valid", "cpu", "cosine", "file"}
)

// pick returns one of list.
func pick[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }

// chance is true with probability p.
func (m *maker) chance(p float64) bool { return m.Float64() < p }

// sane is true where the value is to be one that people would write.
func (m *maker) sane() bool { return m.chance(m.sanity) }

func (m *maker) int() int {
	if m.sane() || m.chance(0.3) {
		return m.IntN(4) + m.IntN(2)
	}
	return pick(m, oddInts)
}

func (m *maker) float() float64 {
	if m.sane() {
		return pick(m, saneFloats)
	}
	return pick(m, oddFloats)
}

func (m *maker) string() string {
	if m.sane() {
		return pick(m, saneStrings)
	}
	return pick(m, oddStrings)
}

// length is how long a list is.
func (m *maker) length() int { return m.IntN(4) }

// randomShape returns 0 to 5 sizes of 0 to 4.
func (m *maker) randomShape() []int {
	shape := make([]int, m.IntN(6))
	for i := range shape {
		shape[i] = 1 + m.IntN(3)
		if m.chance(0.1) {
			shape[i] = 0
		}
		if m.chance(0.05) {
			shape[i] = 4
		}
	}
	return shape
}

// tensor returns a tensor, or nil.
func (m *maker) tensor() *torch.Tensor {
	if !m.sane() {
		switch m.IntN(16) {
		case 0, 1:
			return nil
		case 2:
			return &torch.Tensor{}
		case 3:
			x := torch.Ones(m.shape)
			x.Close()
			return x
		}
	}
	shape := m.shape
	if m.chance(0.4) {
		shape = m.randomShape()
	}
	x := torch.Rand(shape)
	_ = torch.Try(func() { x = m.odd(x) })
	return x
}

// odd returns something like x that has another dtype, layout, device or values.
func (m *maker) odd(x *torch.Tensor) *torch.Tensor {
	switch m.IntN(5) {
	case 0:
		x = x.Mul(5).To(torch.Int64)
	case 1:
		x = x.Mul(3).To(value[torch.DType](m))
	case 2:
		if m.chance(0.3) {
			x = torch.Empty(x.Shape(), torch.TensorOptions{DType: value[torch.DType](m)})
		}
	}
	if m.sane() {
		return x
	}
	switch m.IntN(12) {
	case 0:
		x = x.Add(pick(m, []float64{math.NaN(), math.Inf(1), -1e9}))
	case 1:
		x = x.T()
	case 2:
		x = x.Unsqueeze(-1).Expand(append(x.Shape(), 3)...)
	case 3:
		x.SetRequiresGrad(true)
	case 4:
		x.SetRequiresGrad(true)
		x = x.Mul(2)
	case 5:
		x = x.ToSparse()
	case 6:
		x = torch.Empty(x.Shape(), torch.TensorOptions{Device: torch.Meta, DType: x.DType()})
	case 7:
		x = x.Neg()
	}
	return x
}

// value makes a value of type T.
func value[T any](m *maker) T {
	v, _ := m.make(reflect.TypeFor[T]()).Interface().(T)
	return v
}

// special makes values of the types that reflection does not get far with.
func (m *maker) special(t reflect.Type) (any, bool) {
	switch t {
	case reflect.TypeFor[*torch.Tensor]():
		return m.tensor(), true
	case reflect.TypeFor[error]():
		return errors.New("an odd error"), true
	case reflect.TypeFor[context.Context]():
		ctx, cancel := context.WithCancel(context.Background())
		if m.chance(0.3) {
			cancel()
		}
		m.caller.cleanup = append(m.caller.cleanup, cancel)
		return ctx, true
	case reflect.TypeFor[fmt.Stringer]():
		return torch.Device{}, true
	}
	if t.Kind() == reflect.Interface && reflect.TypeFor[*bytes.Buffer]().Implements(t) && t.NumMethod() > 0 && !m.chance(0.1) {
		return bytes.NewBufferString(m.string()), true
	}
	return nil, false
}

// make returns a value of type t.
func (m *maker) make(t reflect.Type) reflect.Value {
	m.depth++
	defer func() { m.depth-- }()
	v := reflect.New(t).Elem()
	if m.depth > 8 {
		return v
	}
	if special, ok := m.special(t); ok {
		if special != nil {
			v.Set(reflect.ValueOf(special))
		}
		return v
	}
	if known := m.caller.values[t]; len(known) > 0 && m.chance(0.9) {
		return pick(m, known)
	}
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(m.chance(0.5))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(m.int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(uint64(m.int()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(m.float())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(m.float(), m.float()))
	case reflect.String:
		v.SetString(m.string())
	case reflect.Slice:
		m.fillSlice(v)
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(m.make(t.Elem()))
		}
	case reflect.Map:
		m.fillMap(v)
	case reflect.Pointer:
		m.fillPointer(v)
	case reflect.Struct:
		if made, ok := m.constructed(t); ok && m.chance(0.5) {
			return made
		}
		m.fillStruct(v)
	case reflect.Func:
		if m.sane() || !m.chance(0.2) {
			v.Set(m.function(t))
		}
	case reflect.Interface:
		m.fillInterface(v)
	}
	return v
}

func (m *maker) fillSlice(v reflect.Value) {
	if !m.sane() && m.chance(0.2) {
		return // nil
	}
	n := m.length()
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		v.Index(i).Set(m.make(v.Type().Elem()))
	}
}

func (m *maker) fillMap(v reflect.Value) {
	if !m.sane() && m.chance(0.2) {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range m.length() {
		if key := m.make(v.Type().Key()); key.Comparable() {
			v.SetMapIndex(key, m.make(v.Type().Elem()))
		}
	}
}

func (m *maker) fillPointer(v reflect.Value) {
	if !m.sane() && m.chance(0.2) {
		return
	}
	if made, ok := m.constructed(v.Type()); ok && (m.sane() || m.chance(0.8)) {
		v.Set(made)
		return
	}
	if len(m.caller.constructors[v.Type()]) > 0 {
		return // none could be made
	}
	if to := v.Type().Elem(); to.Kind() != reflect.Struct || byHand(to) {
		v.Set(reflect.New(to))
		v.Elem().Set(m.make(to))
	}
}

// byHand reports whether a struct's fields are all exported, so that programs may
// write one down.
func byHand(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if !byHand(f.Type) {
				return false
			}
		} else if !f.IsExported() {
			return false
		}
	}
	return true
}

// fillStruct gives some of the exported fields a value.
func (m *maker) fillStruct(v reflect.Value) {
	if m.chance(0.2) {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && (!f.Anonymous || f.Type.Kind() == reflect.Interface) && f.Name != "Download" && m.chance(0.4) {
			v.Field(i).Set(m.make(f.Type))
		}
	}
}

// fillInterface looks for a type that has the methods.
func (m *maker) fillInterface(v reflect.Value) {
	t := v.Type()
	if t.NumMethod() == 0 {
		if x := m.anything(); x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return
	}
	if !m.sane() && m.chance(0.2) {
		return
	}
	implementers := m.caller.implementers(t)
	if len(implementers) == 0 || m.chance(0.2) {
		if made, ok := m.constructed(t); ok {
			v.Set(made)
			return
		}
	}
	if len(implementers) > 0 {
		v.Set(m.make(pick(m, implementers)))
	}
}

// anything is a Number, an Operand, Sizes or what none of them may be.
func (m *maker) anything() any {
	switch m.IntN(14) {
	case 0, 1, 2:
		return m.int()
	case 3, 4:
		return m.float()
	case 5, 6:
		return m.tensor()
	case 7:
		return value[[]int](m)
	case 8:
		return value[[]float64](m)
	case 9:
		return m.string()
	case 10:
		return m.chance(0.5)
	case 11:
		return pick(m, []any{complex(1, 2), []any{1, nil}, struct{}{}, torch.Tuple{1, 2}, map[string]any{"a": 1}, int8(-1), uint64(math.MaxUint64), float32(1)})
	case 12:
		return value[[]*torch.Tensor](m)
	}
	return nil
}

// function returns a function that returns odd values. One that takes a function
// calls it some times.
func (m *maker) function(t reflect.Type) reflect.Value {
	calls := 0
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		m := &maker{rand.New(rand.NewPCG(uint64(m.caller.index), uint64(calls))), m.sanity, m.shape, m.caller, 5}
		calls++
		for _, arg := range args {
			if arg.Kind() == reflect.Func && !arg.IsNil() && !arg.Type().IsVariadic() && calls < 5 {
				m.yield(arg)
			}
		}
		results := make([]reflect.Value, t.NumOut())
		for i := range results {
			results[i] = reflect.Zero(t.Out(i))
			if t.Out(i) != reflect.TypeFor[error]() && (m.sane() || m.chance(0.7)) {
				results[i] = m.make(t.Out(i))
			}
			for _, arg := range args {
				if arg.Type() == t.Out(i) && m.chance(0.6) {
					results[i] = arg
				}
			}
		}
		return results
	})
}

// yield calls f up to three times, until it returns false.
func (m *maker) yield(f reflect.Value) {
	for range m.length() {
		var args []reflect.Value
		for in := range f.Type().Ins() {
			args = append(args, m.make(in))
		}
		results := f.Call(args)
		if len(results) == 1 && results[0].Kind() == reflect.Bool && !results[0].Bool() {
			return
		}
	}
}
