package port

import (
	"fmt"
	"go/types"
	"strings"
)

// Dicts and lists of pairs that but become a Sequential are one in Go from the start.

// isOrderedDict reports whether n is OrderedDict(arguments).
func (w *writer) isOrderedDict(n *node, arguments int) bool {
	return n.Kind == "Call" && strings.HasSuffix(w.path(n.Func), "OrderedDict") && len(n.Arguments) == arguments && len(n.Keywords) == 0
}

// becomesSequential reports whether a function makes a Sequential of a variable, and
// whether that is the one at hand itself.
func (w *writer) becomesSequential(name string) (becomes, self bool) {
	isName := func(n *node) bool {
		return n.Kind == "Name" && n.Name == name || w.isOrderedDict(n, 1) && n.Arguments[0].Kind == "Name" && n.Arguments[0].Name == name
	}
	c := w.fn.ownClass()
	w.fn.node.visit(func(n *node) bool {
		if n.Kind != "Call" || len(n.Arguments) != 1 || !isName(n.Arguments[0]) {
			return true
		}
		if w.path(n.Func) == "torch.nn.Sequential" {
			becomes = true
		} else if c != nil && same(c.library, w.sequential.(*types.Pointer).Elem()) && isSuper(&node{Kind: "Expr", Value: n}) {
			becomes, self = true, true
		}
		return true
	})
	return becomes, self
}

// namedLayers writes layers = OrderedDict() and layers = [], if a Sequential is made of it.
func (w *writer) namedLayers(target, from *node) bool {
	if target.Kind != "Name" || !w.isOrderedDict(from, 0) && (from.Kind != "List" || len(from.Elts) > 0) {
		return false
	}
	x := w.fn.locals[target.Name]
	if x == nil {
		return false
	}
	becomes, self := w.becomesSequential(target.Name)
	if !becomes || from.Kind == "List" && !x.pairs && !w.appendsPairs(target.Name) {
		return false
	}
	x.pairs = true
	w.learn(x, w.sequential)
	if self {
		x.goName, x.declared = w.receiver, true
		return true
	}
	w.set(x, "nn.NewSequential()", value{typ: w.sequential}, "")
	return true
}

// appendsPairs reports whether what a function appends to a list are names with layers.
func (w *writer) appendsPairs(name string) (pairs bool) {
	w.fn.node.visit(func(n *node) bool {
		if n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "append" && n.Func.Value.Name == name && len(n.Arguments) == 1 {
			pairs = pairs || n.Arguments[0].Kind == "Tuple" && len(n.Arguments[0].Elts) == 2
		}
		return true
	})
	return pairs
}

// addLayer writes layers[name] = layer and layers.append((name, layer)) of such a variable.
func (w *writer) addLayer(x value, name, layer *node) value {
	key := w.coerce(w.expression(name), stringType)
	return value{text: fmt.Sprintf("%s.Add(%s, %s)", x.text, key, w.coerce(w.expression(layer), w.layer)), statement: true}
}
