package library

import (
	"strings"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// Args are the arguments of a call, all of the schema, those with defaults too.
type Args struct {
	schema *schema.Schema
	values []any
}

// Len returns how many arguments the schema has.
func (a Args) Len() int { return len(a.values) }

// At returns the i-th argument, of the type that [torch.OpOverload.Call] lists. It panics if
// there is none.
func (a Args) At(i int) any {
	if i < 0 || i >= len(a.values) {
		panic(torch.Errorf(a.name(), torch.IndexError, "there is no argument %d, but %d arguments", i, len(a.values)))
	}
	return a.values[i]
}

// name returns the operator's name.
func (a Args) name() string {
	if a.schema == nil {
		return "library.Args"
	}
	name, _, _ := strings.Cut(a.schema.Text, "(")
	return name
}

// position returns which argument has a name.
func (a Args) position(name string) int {
	for i := range a.values {
		if a.schema.Arguments[i].Name == name {
			return i
		}
	}
	panic(torch.Errorf(a.name(), torch.TypeError, "there is no argument '%s'", name))
}

// Get returns the argument of that name, and T's zero value for one that is None. It panics
// if there is none, or if it is of another type.
//
//	text := library.Get[string](in, "text")
//	dtype := library.Get[torch.DType](in, "dtype")
func Get[T any](a Args, name string) T {
	var value T
	i := a.position(name)
	if a.values[i] == nil {
		return value
	}
	value, ok := a.values[i].(T)
	if !ok {
		panic(torch.Errorf(a.name(), torch.TypeError, "argument '%s' is a %T, not a %T", name, a.values[i], value))
	}
	return value
}

// IsNone reports whether the argument of that name is None. It panics if there is none of
// that name.
func (a Args) IsNone(name string) bool {
	v := a.values[a.position(name)]
	x, tensor := v.(*torch.Tensor)
	return v == nil || tensor && x == nil
}

// Tensor returns the tensor of that name, nil for None, as [Get] does.
func (a Args) Tensor(name string) *torch.Tensor { return Get[*torch.Tensor](a, name) }

// Tensors returns the list of tensors of that name, as [Get] does.
func (a Args) Tensors(name string) []*torch.Tensor { return Get[[]*torch.Tensor](a, name) }

// Int returns the int of that name, as [Get] does.
func (a Args) Int(name string) int { return Get[int](a, name) }

// Ints returns the list of ints of that name, as [Get] does.
func (a Args) Ints(name string) []int { return Get[[]int](a, name) }

// Float returns the float of that name, as [Get] does.
func (a Args) Float(name string) float64 { return Get[float64](a, name) }

// Floats returns the list of floats of that name, as [Get] does.
func (a Args) Floats(name string) []float64 { return Get[[]float64](a, name) }

// Bool returns the bool of that name, as [Get] does.
func (a Args) Bool(name string) bool { return Get[bool](a, name) }

// String returns the str of that name, as [Get] does.
func (a Args) String(name string) string { return Get[string](a, name) }

// tensors are places of tensors among values, nil ones left out: those that are values
// themselves and those in lists.
func tensors(values []any) (places []place) {
	for i, v := range values {
		switch v := v.(type) {
		case *torch.Tensor:
			if v != nil {
				places = append(places, place{i, -1, v})
			}
		case []*torch.Tensor:
			for j, x := range v {
				if x != nil {
					places = append(places, place{i, j, x})
				}
			}
		case []any: // with elements that may be None
			for j, x := range v {
				if x, ok := x.(*torch.Tensor); ok && x != nil {
					places = append(places, place{i, j, x})
				}
			}
		}
	}
	return places
}

// place is where a tensor is among values.
type place struct {
	value, element int // element is -1 for a value that is no list
	tensor         *torch.Tensor
}

// with returns values with other tensors in their places.
func with(values []any, places []place, others []*torch.Tensor) []any {
	changed := make([]any, len(values))
	copy(changed, values)
	for i, v := range changed {
		switch v := v.(type) {
		case []*torch.Tensor:
			changed[i] = append([]*torch.Tensor(nil), v...)
		case []any:
			changed[i] = append([]any(nil), v...)
		}
	}
	for i, p := range places {
		switch v := changed[p.value].(type) {
		case []*torch.Tensor:
			v[p.element] = others[i]
		case []any:
			v[p.element] = others[i]
		default:
			changed[p.value] = others[i]
		}
	}
	return changed
}

// listOf returns the tensors of places.
func listOf(places []place) []*torch.Tensor {
	list := make([]*torch.Tensor, len(places))
	for i, p := range places {
		list[i] = p.tensor
	}
	return list
}
