package torch

import (
	"reflect"
	"slices"
)

// NoGradValue returns what f returns, which it calls in [NoGrad]:
//
//	accuracy := torch.NoGradValue(func() float64 { return net.Forward(x).Argmax(1).Eq(y).Mean().Item() })
//
// What NoGrad says of goroutines holds here too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
func NoGradValue[T any](f func() T) (value T) {
	mustCallValue("torch.NoGradValue", f)
	NoGrad(func() { value = f() })
	return value
}

// InferenceValue returns what f returns, which it calls in [InferenceMode]. It is all
// that a server's call needs:
//
//	scores := torch.InferenceValue(func() []float32 { return torch.ToSlice[float32](net.Forward(x)) })
//
// Tensors in the value can never take part in autograd. What [NoGrad] says of
// goroutines holds here too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html
func InferenceValue[T any](f func() T) (value T) {
	mustCallValue("torch.InferenceValue", f)
	InferenceMode(func() { value = f() })
	return value
}

// Scoped calls f in a [Scope] and returns its value. The tensors that f made and that
// are in the value live on, as if they were made where Scoped is called: a scope there
// closes them at its end, else they are the garbage collector's. The others are closed.
//
//	loss := torch.Scoped(func() *torch.Tensor { return criterion.Forward(net.Forward(x), y) })
//
// The tensors of a value are a *[Tensor], those in slices, arrays, maps and structs of
// them, and what a method Tensors() []*Tensor returns. Other types that can lead to a
// tensor would be returned with closed ones: pointers to structs with tensors, such as
// modules, interfaces but error, functions and channels. Scoped panics with a TypeError
// for them before it calls f, and says which it is. It also panics if f is nil.
//
// What Scope says of goroutines holds here too, and whatever else keeps a tensor beyond
// f, such as a cache or a variable outside, must [Tensor.Keep] it.
func Scoped[T any](f func() T) (value T) {
	const op = "torch.Scoped"
	mustCallValue(op, f)
	if t := reflect.TypeFor[T](); t != tensorType {
		if lost := unseen(t, true, nil); lost != nil {
			panic(Errorf(op, TypeError, "a %v cannot be returned, since a tensor that it leads to would be closed: "+
				"return tensors, or structs, slices and maps of them, or give %v a method Tensors() []*torch.Tensor", t, lost))
		}
	}
	around := currentScope()
	Scope(func() {
		value = f()
		within := currentScope()
		eachTensor(reflect.ValueOf(&value).Elem(), func(x *Tensor) { within.move(x, around) })
	})
	return value
}

// mustCallValue is mustCall for a function that returns a value.
func mustCallValue[T any](op string, f func() T) {
	if f == nil {
		panic(Errorf(op, TypeError, "the function is nil"))
	}
}

// tensorsOwner is what says which tensors it has.
type tensorsOwner interface{ Tensors() []*Tensor }

var (
	tensorType = reflect.TypeFor[*Tensor]()
	errorType  = reflect.TypeFor[error]()
	ownerType  = reflect.TypeFor[tensorsOwner]()
)

// unseen returns the type within t through which values may lead to tensors that
// eachTensor does not see, or nil. Methods of unexported fields cannot be called. seen
// are the types around.
func unseen(t reflect.Type, exported bool, seen []reflect.Type) reflect.Type {
	if t == tensorType || t == errorType || exported && t.Implements(ownerType) || slices.Contains(seen, t) {
		return nil
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Interface, reflect.Func, reflect.Chan:
		return t
	case reflect.Pointer:
		if leads(t.Elem(), nil) {
			return t
		}
	case reflect.Slice, reflect.Array:
		return unseen(t.Elem(), exported, seen)
	case reflect.Map:
		if lost := unseen(t.Key(), exported, seen); lost != nil {
			return lost
		}
		return unseen(t.Elem(), exported, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			if lost := unseen(field.Type, exported && field.IsExported(), seen); lost != nil {
				return lost
			}
		}
	}
	return nil
}

// leads reports whether values of a type may lead to a tensor in any way.
func leads(t reflect.Type, seen []reflect.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Interface:
		return t != errorType
	case reflect.Func, reflect.Chan:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return t == tensorType || leads(t.Elem(), seen)
	case reflect.Map:
		return leads(t.Key(), seen) || leads(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if leads(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// eachTensor calls f with the tensors of a value whose type unseen has nothing to say
// of.
func eachTensor(v reflect.Value, f func(*Tensor)) {
	switch {
	case v.Type() == tensorType:
		f((*Tensor)(v.UnsafePointer()))
		return
	case v.CanInterface() && v.Type().Implements(ownerType):
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			for _, x := range v.Interface().(tensorsOwner).Tensors() {
				f(x)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k <= reflect.Complex128 || k == reflect.String {
			return // numbers, of which there may be many
		}
		for i := range v.Len() {
			eachTensor(v.Index(i), f)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			eachTensor(entry.Key(), f)
			eachTensor(entry.Value(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachTensor(v.Field(i), f)
		}
	}
}
