package nn

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
)

// ExtraRepr is a module that prints its options between the brackets.
type ExtraRepr interface{ ExtraRepr() string }

// String returns what Python's print shows of the module: its type, its options
// and the modules within it.
func (m *Module) String() string {
	if m.self == nil {
		return "Module(not initialized)"
	}
	return m.start().text()
}

// text is String.
func (s *step) text() string {
	m := s.module
	var lines []string
	if module, ok := m.self.(ExtraRepr); ok && module.ExtraRepr() != "" {
		lines = strings.Split(module.ExtraRepr(), "\n")
	}
	children := s.within()
	if len(children) == 0 && len(lines) <= 1 {
		return typeName(m.self) + "(" + strings.Join(lines, "") + ")"
	}
	_, joins := m.self.(interface{ joinsRepeated() })
	for i := 0; i < len(children); {
		text := children[i].text()
		first := i
		for i++; joins && i < len(children) && children[i].text() == text; i++ {
		}
		name := children[first].name
		if n := i - first; n > 1 {
			name += "-" + children[i-1].name
			text = fmt.Sprintf("%d x %s", n, text)
		}
		lines = append(lines, "("+name+"): "+strings.ReplaceAll(text, "\n", "\n  "))
	}
	return typeName(m.self) + "(\n  " + strings.Join(lines, "\n  ") + "\n)"
}

// GetName is a module that prints a name of its own, and not that of its type.
type GetName interface{ GetName() string }

// TypeName returns the name of a module's type as Python has it, such as "Linear".
func TypeName(module AnyModule) string { return typeName(Base(module).self) }

// typeName returns the name of a module's type, without package and type
// arguments, as Python has it.
func typeName(module AnyModule) string {
	if module == nil { // one that was not initialized
		return "Module"
	}
	if named, ok := module.(GetName); ok {
		return named.GetName()
	}
	name, _, _ := strings.Cut(reflect.TypeOf(module).Elem().Name(), "[")
	if module.base().child("parametrizations") != nil {
		name = "Parametrized" + name // Python makes a class of its own
	}
	return name
}

// tuple writes ints as Python writes a tuple: (3,), (3, 4).
func tuple(values []int) string { return python.Repr(python.TupleOf(values)) }
