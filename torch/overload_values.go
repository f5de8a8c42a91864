package torch

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/plan"
	"github.com/wangkuiyi/gotorch/internal/schema"
)

// pass passes a value as an argument of the given type. If it does not fit, pass
// returns in words what it is instead.
func (c *Call) pass(t *schema.Type, v any) (wrong string) {
	if t.Name == "Any" && t.Element == nil {
		place, wrong := c.passNested(v, 0)
		if place != "" {
			wrong = fmt.Sprintf("%T that at %s %s", v, place, wrong)
		}
		return wrong
	}
	if isNone(v) {
		switch {
		case t.Optional:
			c.None()
		case c.undefined && t.Name == "Tensor":
			c.args.Undefined()
		default:
			return "nil"
		}
		return ""
	}
	if t.Element != nil {
		return c.passList(t, v)
	}
	if !c.passOne(t.Name, v) {
		return fmt.Sprintf("%T", v)
	}
	return ""
}

// isNone reports whether v is Python's None.
func isNone(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case *Tensor:
		return v == nil
	case *Generator:
		return v == nil
	case *Storage:
		return v == nil
	case *Object:
		return v == nil
	}
	return false
}

func (c *Call) passList(t *schema.Type, v any) (wrong string) {
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		if t.Size > 0 {
			return c.pass(t.Element, v) // one for all
		}
		return fmt.Sprintf("%T", v)
	}
	c.args.List(list.Len())
	for i := range list.Len() {
		element := list.Index(i).Interface()
		wrong := c.pass(t.Element, element)
		if t.Element.Name == "Tensor" && plainNumber(element) != nil { // a number stands for a tensor alone
			wrong = fmt.Sprintf("%T", element)
		}
		if wrong != "" {
			return fmt.Sprintf("%T whose element %d is %s", v, i, wrong)
		}
	}
	return ""
}

// passOne passes a value that is neither None nor a list, and reports whether it
// fits the type of that name. Older libtorchs say int for dtypes, layouts and
// memory formats. The shim checks the class of an object.
func (c *Call) passOne(name string, v any) bool {
	switch v := v.(type) {
	case *Tensor:
		c.Tensor(v)
		return name == "Tensor"
	case *Object:
		c.Object(v)
		return strings.HasPrefix(name, "__torch__.")
	case *Generator:
		c.Generator(v)
		return name == "Generator"
	case *Storage:
		c.Tensor(v.elements)
		return name == "Storage"
	case DType:
		c.DType(v)
		return name == "ScalarType" || name == "int"
	case Layout:
		c.Layout(v)
		return name == "Layout" || name == "int"
	case MemoryFormat:
		c.MemoryFormat(v)
		return name == "MemoryFormat" || name == "int"
	case Device:
		c.Device(v)
		return name == "Device"
	case string:
		c.String(v)
		return name == "str"
	case plan.Slot:
		c.args.Slot(v.Number)
		return name == "Tensor"
	}
	if text := reflect.ValueOf(v); text.Kind() == reflect.String { // of a named type
		c.String(text.String())
		return name == "str"
	}
	c.Number(v)
	switch valueType(v) {
	case Bool:
		return name == "bool" || name == "Scalar" || name == "Tensor"
	case Float32, Float64:
		return name == "float" || name == "complex" || name == "Scalar" || name == "Tensor"
	case Complex64, Complex128:
		return name == "complex" || name == "Scalar" || name == "Tensor"
	}
	_, fits := number.Int(v)
	return c.bad == "" && (name == "int" && fits || name == "float" || name == "complex" || name == "Scalar" || name == "Tensor")
}

// take takes a result of the given type.
func (r *Results) take(t *schema.Type) any {
	if t.Name == "Any" && t.Element == nil {
		return r.takeNested()
	}
	switch tag := r.raw.Tag(); {
	case tag == cgotorch.TagTensor, tag == cgotorch.TagNone && t.Name == "Tensor":
		x := r.Tensor()
		if t.Name == "Storage" {
			return &Storage{elements: x}
		}
		return x
	case tag == cgotorch.TagNone:
		r.raw.TakeTensor()
		return nil
	}
	if t.Element == nil {
		return r.takeOne(t.Name)
	}
	switch element := t.Element; {
	case element.Name == "Tensor":
		return r.Tensors()
	case element.Optional:
	case element.Name == "int":
		return takeList(r, r.Int)
	case element.Name == "float":
		return takeList(r, r.Float)
	case element.Name == "bool":
		return takeList(r, r.Bool)
	case element.Name == "str":
		return takeList(r, r.raw.TakeString)
	}
	return takeList(r, func() any { return r.take(t.Element) })
}

func takeList[T any](r *Results, take func() T) []T {
	list := make([]T, r.raw.TakeList())
	for i := range list {
		list[i] = take()
	}
	return list
}

// takeOne takes a result that is neither None nor a list nor a tensor. The name of
// its type says what an int stands for.
func (r *Results) takeOne(name string) any {
	switch r.raw.Tag() {
	case cgotorch.TagBool:
		return r.Bool()
	case cgotorch.TagUint:
		return r.raw.TakeUint()
	case cgotorch.TagFloat:
		return r.Float()
	case cgotorch.TagComplex:
		return r.raw.TakeComplex()
	case cgotorch.TagString:
		return r.raw.TakeString()
	case cgotorch.TagDevice:
		return deviceOf(r.raw.TakeDevice())
	case cgotorch.TagGenerator:
		handle := r.raw.TakeGenerator()
		return ownGenerator(handle, deviceOf(cgotorch.GeneratorDevice(handle)))
	case cgotorch.TagObject:
		return r.Object()
	}
	switch v := r.Int(); name {
	case "ScalarType":
		return dtypeOf(int32(v))
	case "Layout":
		return Layout(v + 1)
	case "MemoryFormat":
		return MemoryFormat(v + 1)
	default:
		return v
	}
}
