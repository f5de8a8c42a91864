package nn

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
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

// typeName returns the name of a module's type, without package and type
// arguments.
func typeName(module AnyModule) string {
	name, _, _ := strings.Cut(reflect.TypeOf(module).Elem().Name(), "[")
	return name
}

// python writes a bool as Python does.
func python(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// pythonFloat writes a float as Python does.
func pythonFloat(v float64) string {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(text, ".en") {
		text += ".0"
	}
	return text
}
