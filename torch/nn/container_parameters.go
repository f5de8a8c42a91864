package nn

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// ParameterList holds parameters, named "0", "1" and so on.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
type ParameterList struct{ Module }

// NewParameterList returns a list of parameters. Other tensors become such, as by
// [NewParameter].
func NewParameterList(parameters ...*torch.Tensor) *ParameterList {
	l := Init(&ParameterList{})
	l.Append(parameters...)
	return l
}

// Append adds parameters at the end, other tensors as [NewParameter] of them.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html#torch.nn.ParameterList.append
func (l *ParameterList) Append(parameters ...*torch.Tensor) {
	for _, p := range parameters {
		l.RegisterParameter(strconv.Itoa(l.Len()), parameterOf(p))
	}
}

// Len returns the number of parameters.
func (l *ParameterList) Len() int { return len(l.parameters) }

// At returns the i-th parameter; a negative i counts from the end.
func (l *ParameterList) At(i int) *torch.Tensor { return *l.parameters[indexOf(i, l.Len())].tensor }

// Set replaces the i-th parameter, by [NewParameter] of a tensor that is none; a
// negative i counts from the end.
func (l *ParameterList) Set(i int, parameter *torch.Tensor) {
	*l.parameters[indexOf(i, l.Len())].tensor = parameterOf(parameter)
}

// All returns the parameters with their numbers, in order.
func (l *ParameterList) All() iter.Seq2[int, *torch.Tensor] {
	return func(yield func(int, *torch.Tensor) bool) {
		for i, s := range l.parameters {
			if !yield(i, *s.tensor) {
				return
			}
		}
	}
}

// ExtraRepr returns the parameters as Python prints them.
func (l *ParameterList) ExtraRepr() string {
	return describeParameters(l.parameters, func(d torch.DType) string { return d.String() })
}

// parameterOf returns x as a parameter, as Python's containers do; nil stays nil.
func parameterOf(x *torch.Tensor) *torch.Tensor {
	if x == nil || isParameter(x) && x.IsLeaf() {
		return x.Keep()
	}
	return NewParameter(x)
}

// ParameterDict holds parameters by name, in the order in which they came.
//
//	nn.NewParameterDict().Set("left", left).Set("right", right)
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
type ParameterDict struct{ Module }

// NewParameterDict returns an empty dict.
func NewParameterDict() *ParameterDict { return Init(&ParameterDict{}) }

// Set adds a parameter, or [NewParameter] of another tensor, or replaces the one of
// its name, and returns d.
func (d *ParameterDict) Set(name string, parameter *torch.Tensor) *ParameterDict {
	if s := d.slot(name); s != nil {
		*s.tensor = parameterOf(parameter)
	} else {
		d.RegisterParameter(name, parameterOf(parameter))
	}
	return d
}

// At returns the parameter of a name, and panics if there is none.
func (d *ParameterDict) At(name string) *torch.Tensor {
	s := d.slot(name)
	if s == nil {
		panic(torch.Errorf("nn.ParameterDict", torch.IndexError, "'%s'", name))
	}
	return *s.tensor
}

// Has reports whether there is a parameter of a name.
func (d *ParameterDict) Has(name string) bool { return d.slot(name) != nil }

// Pop takes the parameter of a name out and returns it. It panics if there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html#torch.nn.ParameterDict.pop
func (d *ParameterDict) Pop(name string) *torch.Tensor {
	parameter := d.At(name)
	d.parameters = slices.DeleteFunc(slices.Clone(d.parameters), func(s slot) bool { return s.name == name })
	return parameter
}

// Len returns the number of parameters.
func (d *ParameterDict) Len() int { return len(d.parameters) }

// Keys returns the names in order.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html#torch.nn.ParameterDict.keys
func (d *ParameterDict) Keys() []string {
	names := make([]string, d.Len())
	for i, s := range d.parameters {
		names[i] = s.name
	}
	return names
}

// All returns the parameters with their names, in order.
func (d *ParameterDict) All() iter.Seq2[string, *torch.Tensor] {
	return func(yield func(string, *torch.Tensor) bool) {
		for _, s := range d.parameters {
			if !yield(s.name, *s.tensor) {
				return
			}
		}
	}
}

// ExtraRepr returns the parameters as Python prints them.
func (d *ParameterDict) ExtraRepr() string { return describeParameters(d.parameters, tensorTypeName) }

// describeParameters writes a line for each parameter, with dtype's name for its
// dtype.
func describeParameters(parameters []slot, dtype func(torch.DType) string) string {
	var lines []string
	for _, s := range parameters {
		x := *s.tensor
		size := strings.ReplaceAll(strings.Trim(fmt.Sprint(x.Shape()), "[]"), " ", "x")
		device := ""
		if x.Device().IsCUDA() {
			device = fmt.Sprintf(" (%v)", x.Device())
		}
		lines = append(lines, fmt.Sprintf("  (%s): Parameter containing: [%s of size %s%s]", s.name, dtype(x.DType()), size, device))
	}
	return strings.Join(lines, "\n")
}

// tensorTypeName returns PyTorch's old name of a tensor's type, such as
// torch.FloatTensor.
func tensorTypeName(dtype torch.DType) string {
	names := map[torch.DType]string{
		torch.Float32: "Float", torch.Float64: "Double", torch.Float16: "Half", torch.BFloat16: "BFloat16",
		torch.Complex64: "ComplexFloat", torch.Complex128: "ComplexDouble",
		torch.Int64: "Long", torch.Int32: "Int", torch.Int16: "Short", torch.Int8: "Char", torch.Uint8: "Byte", torch.Bool: "Bool",
	}
	return "torch." + names[dtype] + "Tensor"
}
