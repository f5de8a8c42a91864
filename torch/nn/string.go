package nn

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	repr "github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// ExtraRepr is a module that prints its options between the brackets.
type ExtraRepr interface{ ExtraRepr() string }

// String returns what Python's print shows of the module: its type, its options
// and the modules within it.
func (m *Module) String() string {
	if m.self == nil {
		return "Module(not initialized)"
	}
	var lines []string
	if module, ok := m.self.(ExtraRepr); ok && module.ExtraRepr() != "" {
		lines = strings.Split(module.ExtraRepr(), "\n")
	}
	children := m.parts()
	if len(children) == 0 && len(lines) <= 1 {
		return typeName(m.self) + "(" + strings.Join(lines, "") + ")"
	}
	_, joins := m.self.(interface{ joinsRepeated() })
	for i := 0; i < len(children); {
		text := children[i].Module.base().String()
		first := i
		for i++; joins && i < len(children) && children[i].Module.base().String() == text; i++ {
		}
		name := children[first].Name
		if n := i - first; n > 1 {
			name += "-" + children[i-1].Name
			text = fmt.Sprintf("%d x %s", n, text)
		}
		lines = append(lines, "("+name+"): "+strings.ReplaceAll(text, "\n", "\n  "))
	}
	return typeName(m.self) + "(\n  " + strings.Join(lines, "\n  ") + "\n)"
}

// GetName is a module that prints a name of its own, and not that of its type.
type GetName interface{ GetName() string }

// TypeName returns the name of a module's type as Python has it, such as "Linear".
func TypeName(module AnyModule) string { return typeName(module.base().initialized().self) }

// typeName returns the name of a module's type, without package and type
// arguments, as Python has it.
func typeName(module AnyModule) string {
	if named, ok := module.(GetName); ok {
		return named.GetName()
	}
	name, _, _ := strings.Cut(reflect.TypeOf(module).Elem().Name(), "[")
	if module.base().child("parametrizations") != nil {
		name = "Parametrized" + name // Python makes a class of its own
	}
	return name
}

// python writes a bool as Python does.
func python(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// pythonFloat writes a float as Python does: 1.0, 1e-05, inf.
func pythonFloat(v float64) string {
	switch {
	case math.IsInf(v, 0) || math.IsNaN(v):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64)), "+")
	case v != 0 && (math.Abs(v) < 1e-4 || math.Abs(v) >= 1e16):
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// pythonNumber writes a number as Python does.
func pythonNumber(v torch.Number) string {
	if f, ok := v.(float64); ok {
		return pythonFloat(f)
	}
	return fmt.Sprint(v)
}

// pythonOptional writes a float as Python does; nil is None.
func pythonOptional(v *float64) string {
	if v == nil {
		return "None"
	}
	return pythonFloat(*v)
}

// pythonTuple writes ints as Python writes a tuple: (3,), (3, 4).
func pythonTuple(values []int) string {
	text := strings.Trim(list(values), "[]")
	if len(values) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// pythonOption writes an option as Python does, a list as a tuple.
func pythonOption(v any) string {
	switch list := v.(type) {
	case []int:
		v = repr.TupleOf(list)
	case []float64:
		v = repr.TupleOf(list)
	}
	return repr.Repr(v)
}
