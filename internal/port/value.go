package port

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// value is what an expression became.
type value struct {
	text string
	typ  types.Type // nil: not known
	prec int        // of its outermost Go operator; 0: none
	node *node

	dtype     string // "int" of tensors of integers or bools
	parameter bool   // it is an nn.Parameter
	buffer    bool
	literal   bool    // a number, text or bool
	list      bool    // a list or tuple that is written out
	items     []value // its elements
	path      string  // of a Python module or what is in it
	class     *class  // it is a class of the files
	function  *function
	variable  *variable
	sizesOf   string // it is the shape of this tensor
	defaults  bool   // it is a dict with a value for keys that are not there
	limit     string // how many elements it keeps, as a deque
	shape     bool   // it is a tensor's shape
	tuple     bool   // it is a list that is a tuple in Python
	ints      bool   // it compares integers
	count     bool   // it is a number that is not negative
	positive  bool   // it is a number that is more than 0
	statement bool   // it can only stand alone
	maybeInt  bool   // it is a float of Go's that may be an int in Python
	fails     bool   // it gives an error beside its value, or nothing else
}

// operand returns the text to stand beside an operator of a precedence.
func (v value) operand(prec int) string {
	if v.prec > 0 && v.prec < prec {
		return "(" + v.text + ")"
	}
	return v.text
}

// primary returns the text to stand before a dot or a bracket.
func (v value) primary() string { return v.operand(9) }

// coerce returns the text of a value where a type is wanted, or gives up.
func (w *writer) coerce(v value, want types.Type) string {
	if text, ok := w.convert(v, want); ok {
		return text
	}
	have := "None"
	if v.typ != nil {
		have = typeText(v.typ)
	}
	fail(v.node, "%s where Go wants %s", have, typeText(want))
	return ""
}

// convert returns the text of a value where a type is wanted, if it can be one.
func (w *writer) convert(v value, want types.Type) (string, bool) {
	if s, ok := under(want).(*types.Signature); ok && w.holdsClass(v) {
		return w.classFunction(v, s), true
	}
	if v.statement || v.path != "" || v.class != nil || v.typ == conflict || want == conflict {
		return "", false
	}
	if want == nil {
		return v.text, true
	}
	if v.list {
		return w.convertList(v, want)
	}
	if v.typ == nil {
		if v.variable != nil && !anything(want) {
			if inner := optional(want); inner != nil {
				w.expect(v.variable, inner, true)
				return w.convert(v, inner)
			}
			if same(want, w.named("torch/optim", "Grouped")) {
				want = w.optimizer // which is one, and more
			}
			w.expect(v.variable, solid(want), !isFloat(want)) // an int would do for a float
		} else if v.variable != nil && aliasName(want) == "Sizes" {
			w.expect(v.variable, intType, false)
		}
		return v.text, true
	}
	if v.typ == noneType {
		return "nil", want == noneType || nilable(want)
	}
	if v.typ == emptyList && elem(want) != nil {
		return "nil", true
	}
	if same(v.typ, w.tensors) && same(want, w.lstmState) && v.variable != nil {
		return fmt.Sprintf("&nn.LSTMState{H: %s[0], C: %[1]s[1]}", v.primary()), true
	}
	if same(v.typ, w.lstmState) && same(want, w.tensors) && v.variable != nil {
		return fmt.Sprintf("[]*torch.Tensor{%s.H, %[1]s.C}", v.primary()), true
	}
	if anything(v.typ) && isAny(v.typ) && (isInt(want) || isString(want)) {
		return fmt.Sprintf("%s.(%s)", v.primary(), typeText(solid(want))), true
	}
	if w.isStateDict(want) && v.node != nil && v.node.Kind == "Dict" && !w.isStateDict(v.typ) {
		return w.stateLiteral(v.node)
	}
	if v.typ == emptyDict && v.text != "" {
		return v.text, w.isDict(want)
	}
	if v.typ == emptyDict {
		return emptyText(want), w.isDict(want) && want != emptyDict
	}
	if inner := optional(want); inner != nil {
		if same(v.typ, want) {
			return v.text, true
		}
		text, ok := w.convert(v, inner)
		if ok && isFloat(inner) && v.literal && !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return "new(" + text + ")", ok
	}
	if inner := optional(v.typ); inner != nil && !same(v.typ, want) && (!anything(want) || aliasName(want) != "") {
		v.text, v.typ, v.prec = "*"+v.primary(), inner, 8
	}
	have := solid(v.typ)
	if r := w.recordOf(have); r != nil && elem(want) != nil {
		return w.convertList(value{list: true, items: r.elements(v), node: v.node}, want)
	}
	switch {
	case anything(want):
		return v.text, true
	case isFloat(want) && isInt(have):
		if v.literal {
			return v.text, true
		}
		return "float64(" + v.text + ")", true
	case isInt(want) && isFloat(have) && v.literal && strings.HasSuffix(v.text, ".0"):
		return strings.TrimSuffix(v.text, ".0"), true
	case same(want, w.device) && isString(have):
		return deviceOf(v), true
	case w.isTensor(want) && isNumber(have) && v.literal:
		return w.scalar(v), true
	}
	if b, ok := want.Underlying().(*types.Basic); ok && !same(have, want) && b.Info()&types.IsString != 0 && isString(have) {
		if v.literal {
			return namedConstant(want, v.text), true
		}
		return typeText(want) + "(" + v.text + ")", true
	}
	if b, ok := want.Underlying().(*types.Basic); ok && b.Info()&types.IsInteger != 0 && isInt(have) && !same(have, want) {
		if v.literal {
			return v.text, true
		}
		return typeText(want) + "(" + v.text + ")", true
	}
	if e := elem(want); e != nil && isInt(e) && isInt(have) {
		return "[]int{" + v.text + "}", true
	}
	return v.text, types.AssignableTo(have, want)
}

// namedConstant returns the constant of a type that has a value, or the value.
func namedConstant(t types.Type, literal string) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || importPath(named.Obj().Pkg().Name()) != named.Obj().Pkg().Path() {
		return literal
	}
	scope := named.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && c.Exported() && same(c.Type(), t) && c.Val().ExactString() == literal {
			return strings.TrimSuffix(typeText(t), named.Obj().Name()) + name
		}
	}
	return literal
}

// isAny reports whether a type is any itself, not another name of it.
func isAny(t types.Type) bool { return aliasName(t) == "" || aliasName(t) == "any" }

// scalar makes a tensor of a number.
func (w *writer) scalar(v value) string {
	if isFloat(v.typ) {
		return "torch.NewTensor(float32(" + v.text + "))"
	}
	return "torch.NewTensor(" + v.text + ")"
}

// deviceOf makes a device of its name.
func deviceOf(v value) string {
	switch name, _ := strconv.Unquote(v.text); name {
	case "cpu":
		return "torch.CPU"
	case "cuda", "cuda:0":
		return "torch.CUDA(0)"
	case "meta":
		return "torch.Meta"
	}
	return "must(torch.ParseDevice(" + v.text + "))"
}

// convertList writes a list or tuple where a type is wanted.
func (w *writer) convertList(v value, want types.Type) (string, bool) {
	if anything(want) {
		t := w.listType(v)
		if aliasName(want) == "Sizes" {
			t = types.NewSlice(intType)
		}
		if t == nil {
			return "", false
		}
		want = t
	}
	if r := w.recordOf(want); r != nil {
		return w.recordText(v, r)
	}
	if same(want, w.lstmState) && len(v.items) == 2 {
		return fmt.Sprintf("&nn.LSTMState{H: %s, C: %s}", w.coerce(v.items[0], w.tensor), w.coerce(v.items[1], w.tensor)), true
	}
	var e types.Type
	name := typeText(want)
	switch u := want.Underlying().(type) {
	case *types.Slice:
		e = u.Elem()
	case *types.Array:
		e = u.Elem()
		if int(u.Len()) != len(v.items) {
			return "", false
		}
	case *types.Pointer:
		if _, ok := u.Elem().Underlying().(*types.Array); !ok {
			return "", false
		}
		text, ok := w.convertList(v, u.Elem())
		return "&" + text, ok
	default:
		return "", false
	}
	parts := make([]string, len(v.items))
	for i, item := range v.items {
		text, ok := w.convert(item, e)
		if !ok {
			return "", false
		}
		if item.list && strings.HasPrefix(text, typeText(e)+"{") {
			text = strings.TrimPrefix(text, typeText(e))
		}
		parts[i] = text
	}
	if len(parts) == 0 && !strings.HasPrefix(name, "[]*") {
		return name + "{}", true
	}
	return name + "{" + strings.Join(parts, ", ") + "}", true
}

// listType returns the type of a list that is written out, or nil.
func (w *writer) listType(v value) types.Type {
	var e types.Type
	for _, item := range v.items {
		t := item.typ
		if item.list {
			t = w.listType(item)
		}
		if t == nil {
			return nil
		}
		e = w.join(e, t)
	}
	if e == nil || e == conflict || e == noneType {
		return nil
	}
	return types.NewSlice(e)
}

// isMixed reports whether a tuple has elements of several types.
func (w *writer) isMixed(v value) bool {
	for _, item := range v.items {
		if item.typ == nil || item.list || !same(solid(item.typ), solid(v.items[0].typ)) {
			return item.typ != nil && !item.list
		}
	}
	return false
}

// settled returns a value whose list, if it is one, has a text and a type.
func (w *writer) settled(v value) value {
	if !v.list {
		return v
	}
	t := w.listType(v)
	if t == nil || v.tuple && w.isMixed(v) {
		if r, ok := w.recordFor(v); ok {
			return r
		}
	}
	if t == nil {
		return v
	}
	text, ok := w.convertList(v, t)
	if !ok {
		return v
	}
	return value{text: text, typ: t, node: v.node, items: v.items, tuple: v.tuple}
}

// truth returns Go's condition for what Python takes as one.
func (w *writer) truth(v value) value {
	out := value{typ: boolType, node: v.node}
	switch t := v.typ; {
	case v.list || v.statement || v.path != "":
		fail(v.node, "a condition that is no value")
	case t == nil:
		if v.variable != nil {
			w.expect(v.variable, boolType, false)
		}
		out.text, out.prec = v.text, v.prec
	case isBool(t):
		return v
	case isNumber(t):
		out.text, out.prec = v.operand(3)+" != 0", 3
	case isString(t):
		out.text, out.prec = v.operand(3)+` != ""`, 3
	case w.isTensor(t):
		out.text = v.primary() + ".Bool()"
	case elem(t) != nil:
		out.text, out.prec = "len("+v.text+") > 0", 3
	case optional(t) != nil:
		inner := w.truth(value{text: "*" + v.primary(), typ: optional(t), prec: 8, node: v.node})
		out.text, out.prec = v.operand(3)+" != nil && "+inner.operand(2), 2
	case nilable(t):
		if w.isDict(t) {
			out.text, out.prec = w.lengthOf(v)+" > 0", 3
		} else {
			out.text, out.prec = v.operand(3)+" != nil", 3
		}
	default:
		fail(v.node, "a condition of type %s", typeText(t))
	}
	return out
}
