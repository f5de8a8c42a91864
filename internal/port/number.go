package port

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// numbers translates an operator on Go's numbers.
func (w *writer) numbers(n *node, a, b value) value {
	if isBool(a.typ) && isBool(b.typ) {
		if op := map[string]string{"BitAnd": "&&", "BitOr": "||", "BitXor": "!="}[n.Op]; op != "" {
			return value{text: a.operand(precedences[op]) + " " + op + " " + b.operand(precedences[op]+1), typ: boolType, prec: precedences[op]}
		}
	}
	a, b = w.asInt(a), w.asInt(b)
	for _, pair := range [][2]*value{{&a, &b}, {&b, &a}} {
		if x, y := pair[0], pair[1]; x.typ != nil && anything(x.typ) && isAny(x.typ) && isInt(y.typ) {
			*x = value{text: w.coerce(*x, intType), typ: intType, node: x.node}
		}
	}
	t := types.Type(nil)
	if a.typ != nil && b.typ != nil {
		if !isNumber(a.typ) || !isNumber(b.typ) {
			fail(n, "an operator on %s and %s", typeText(solid(a.typ)), typeText(solid(b.typ)))
		}
		t = intType
		if isFloat(a.typ) || isFloat(b.typ) {
			t = floatType
		}
	}
	if !w.final() && t == nil {
		return value{text: a.text + operators[n.Op] + b.text}
	}
	result := w.arithmetic(n, a, b, t)
	result.count = w.staysCount(n, a, b)
	result.maybeInt = n.Op != "Div" && (w.maybeInt(a) && (isInt(b.typ) || w.maybeInt(b)) || isInt(a.typ) && w.maybeInt(b))
	if isConstant := untyped(a.typ) && untyped(b.typ); isConstant {
		w.fold(n, &result, a, b)
	}
	return result
}

// arithmetic writes an operator on numbers, whose result is a t.
func (w *writer) arithmetic(n *node, a, b value, t types.Type) value {
	literal := a.literal && b.literal
	switch n.Op {
	case "Pow":
		return w.power(a, b, t)
	case "Div":
		if literal && isInt(a.typ) && isInt(b.typ) {
			a.text += ".0"
			return value{text: a.text + " / " + b.text, typ: floatType, prec: 5}
		}
		return value{text: w.asFloat(a).operand(5) + " / " + w.asFloat(b).operand(6), typ: floatType, prec: 5}
	case "FloorDiv", "Mod":
		counts := w.isCount(a) && w.isCount(b) || n.Op == "Mod" && w.remainder == n
		if t == floatType || !counts {
			return w.floored(n, a, b, t, counts)
		}
	}
	op := operators[n.Op]
	if op == "" || t == floatType && slices.Contains([]string{"|", "&", "^", "<<", ">>"}, op) {
		fail(n, "this operator on numbers")
	}
	if t == floatType {
		a, b = w.mixed(a), w.mixed(b)
	}
	prec := precedences[op]
	left, right := a.operand(prec), b.operand(prec+1)
	text := left + " " + op + " " + right
	if prec == 5 && (n.Op == "Mult" || n.Op == "FloorDiv" || n.Op == "Mod") && len(left)+len(right) < 16 {
		text = left + op + right
	}
	result := value{text: text, typ: t, prec: prec}
	if literal && t != nil {
		result.typ = map[types.Type]types.Type{intType: types.Typ[types.UntypedInt], floatType: types.Typ[types.UntypedFloat]}[t]
	}
	return result
}

// floored writes // and % whose signs are not known, or of floating-point numbers.
func (w *writer) floored(n *node, a, b value, t types.Type, counts bool) value {
	helper := map[string]string{"FloorDiv": "floorDiv", "Mod": "floorMod"}[n.Op]
	if t == floatType {
		helper = map[string]string{"FloorDiv": "floatFloorDiv", "Mod": "floatMod"}[n.Op]
		if counts && n.Op == "Mod" {
			helper = "math.Mod"
		}
	}
	if t == nil {
		t = intType
	}
	return value{text: call(helper, []string{w.coerce(a, t), w.coerce(b, t)}), typ: t}
}

func (w *writer) power(a, b value, t types.Type) value {
	negative := b.literal && strings.HasPrefix(b.text, "-")
	switch {
	case t == intType && negative:
	case t == intType && a.text == "2" && !b.literal && w.isCount(b):
		return value{text: "1 << " + b.operand(6), typ: intType, prec: 5}
	case b.text == "2" && a.prec == 0 && !strings.Contains(a.text, "(") && !a.literal:
		return value{text: a.text + " * " + a.text, typ: t, prec: 5}
	case t == intType:
		return value{text: call("intPow", []string{a.text, b.text}), typ: intType}
	}
	return value{text: fmt.Sprintf("math.Pow(%s, %s)", w.coerce(a, floatType), w.coerce(b, floatType)), typ: floatType}
}

// untyped reports whether a type is that of a constant.
func untyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && (b.Kind() == types.UntypedInt || b.Kind() == types.UntypedFloat)
}

// fold writes the value that Python computes of constants where Go, which computes them
// exactly, has another one.
func (w *writer) fold(n *node, v *value, a, b value) {
	x, y := evaluated(a.text), evaluated(b.text)
	if x == nil || y == nil {
		return
	}
	exact := evaluated(v.text)
	if isInt(v.typ) {
		if exact == nil {
			return
		}
		if _, small := constant.Int64Val(constant.ToInt(exact)); !small {
			fail(n, "an integer of more than 64 bits")
		}
		return
	}
	p, _ := constant.Float64Val(x)
	q, _ := constant.Float64Val(y)
	var python float64
	switch n.Op {
	case "Add":
		python = p + q
	case "Sub":
		python = p - q
	case "Mult":
		python = p * q
	case "Div":
		if q == 0 {
			fail(n, "a division by zero")
		}
		python = p / q
	default:
		return
	}
	if exact == nil {
		return
	}
	if f, _ := constant.Float64Val(exact); f != python {
		v.text, v.prec = strconv.FormatFloat(python, 'g', -1, 64), 0
	}
}

// evaluated returns the value of a constant expression of Go, or nil.
func evaluated(text string) constant.Value {
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
	if err != nil {
		return nil
	}
	return v.Value
}

// isRemainderTest reports whether n is a % b == 0: the sign of the remainder does not matter.
func isRemainderTest(n *node) bool {
	return n.Left.Kind == "BinOp" && n.Left.Op == "Mod" && len(n.Ops) == 1 && (n.Ops[0] == "Eq" || n.Ops[0] == "NotEq") &&
		n.Comparators[0].Kind == "Constant" && n.Comparators[0].Constant == "0"
}

// sign tells what is known of the numbers that a variable holds.
type sign struct {
	counts, signed bool // it is set to numbers that are not negative, and to such as may be
	size           bool // it is the size of a layer, which is not negative
	zero           bool // one of the counts may be 0
	whole          bool // it is set to ints, which a float64 of Go holds if it is set to floats, too
}

// maybeInt reports whether a float of Go's may be an int in Python, which prints it without .0.
func (w *writer) maybeInt(v value) bool {
	return isFloat(v.typ) && (v.maybeInt || v.variable != nil && v.variable.sign.whole)
}

// isCount reports whether a number is surely not negative.
func (w *writer) isCount(v value) bool {
	switch {
	case v.literal:
		return !strings.HasPrefix(v.text, "-")
	case v.count, v.prec == 0 && (strings.HasPrefix(v.text, "len(") || strings.Contains(v.text, ".Size(") || strings.HasSuffix(v.text, ".Numel()")):
		return true
	case v.variable == nil:
		return false
	}
	s := v.variable.sign
	return s.size || s.counts && !s.signed
}

// isPositive reports whether a number is surely more than 0.
func (w *writer) isPositive(v value) bool {
	switch {
	case v.positive:
		return true
	case v.literal:
		return w.isCount(v) && strings.Trim(v.text, "0.") != ""
	case v.variable == nil:
		return false
	}
	s := v.variable.sign
	return s.counts && !s.signed && !s.zero
}

// sets notes whether a variable is set to a number that may be negative.
func (w *writer) sets(x *variable, v value) {
	if v.typ != nil && !isNumber(v.typ) && optional(v.typ) == nil {
		return
	}
	count, zero := w.isCount(v), !w.isPositive(v)
	if s := &x.sign; count && !s.counts || !count && v.typ != nil && !s.signed || zero && !s.zero {
		s.counts, s.signed, s.zero = s.counts || count, s.signed || !count, s.zero || zero
		w.changed = true
	}
	// What adds up from 0 is a float from the first number on.
	if whole := isInt(v.typ) && (!v.literal || v.text != "0") || w.maybeInt(v); whole && !x.sign.whole {
		x.sign.whole, w.changed = true, true
	}
}

// isSize notes that a variable is the size of a layer.
func (w *writer) isSize(v value) {
	if v.variable != nil && !v.variable.sign.size {
		v.variable.sign.size = true
		w.changed = true
	}
}

// staysCount reports whether an operator on numbers gives one that is not negative.
func (w *writer) staysCount(n *node, a, b value) bool {
	x, y := w.isCount(a), w.isCount(b)
	switch n.Op {
	case "Sub":
		return w.isPositive(a) && b.literal && b.text == "1"
	case "Add", "Mult", "FloorDiv", "Div", "BitOr", "BitXor", "LShift", "RShift":
		return x && y
	case "Mod":
		return y
	case "Pow":
		return x || b.literal && b.text == "2"
	case "BitAnd":
		return x || y
	}
	return false
}

// asInt makes an int of a bool that is computed with.
func (w *writer) asInt(v value) value {
	if isBool(v.typ) {
		return value{text: "boolToInt(" + v.text + ")", typ: intType, node: v.node, count: true}
	}
	return v
}

func (w *writer) asFloat(v value) value {
	switch {
	case v.literal && !strings.ContainsAny(v.text, ".e"):
		v.text += ".0"
	case strings.HasPrefix(v.text, "1 << "): // Go would shift a float64
		v = value{text: "float64(int(1) << " + strings.TrimPrefix(v.text, "1 << ") + ")", typ: floatType, node: v.node}
	case isInt(v.typ) && !v.literal:
		v = value{text: "float64(" + v.text + ")", typ: floatType, node: v.node}
	case isFloat(v.typ), v.typ == nil:
	default:
		v.text = w.coerce(v, floatType)
	}
	return v
}

// mixed makes an int a float64 that stands beside one.
func (w *writer) mixed(v value) value {
	if isInt(v.typ) && v.typ != types.Typ[types.UntypedInt] {
		return w.asFloat(v)
	}
	return v
}

func builtinInt(w *writer, n *node) value {
	v := w.dereferenced(w.expression(only(n)))
	switch t := v.typ; {
	case isInt(t):
		return value{text: v.text, typ: t, prec: v.prec, count: w.isCount(v), literal: v.literal}
	case isFloat(t):
		if c := evaluated(v.text); c != nil {
			f, _ := constant.Float64Val(c)
			return value{text: strconv.Itoa(int(f)), typ: types.Typ[types.UntypedInt], literal: true}
		}
		return value{text: "int(" + v.text + ")", typ: intType, count: w.isCount(v)}
	case isBool(t):
		return w.asInt(v)
	case w.isTensor(t):
		return value{text: v.primary() + ".Int()", typ: intType}
	case isString(t):
		return w.failing(n, "strconv.Atoi("+v.text+")", intType)
	case t == nil:
		return value{text: "int(" + v.text + ")", typ: intType}
	}
	fail(n, "int of a %s", typeText(v.typ))
	return value{}
}

func builtinAbs(w *writer, n *node) value {
	v := w.asInt(w.dereferenced(w.expression(only(n))))
	switch {
	case w.isTensor(v.typ):
		return value{text: v.primary() + ".Abs()", typ: w.tensor, dtype: v.dtype}
	case v.literal && isNumber(v.typ):
		return value{text: strings.TrimPrefix(v.text, "-"), typ: v.typ, literal: true}
	case isFloat(v.typ):
		return value{text: "math.Abs(" + v.text + ")", typ: floatType, count: true}
	case isInt(v.typ):
		return value{text: fmt.Sprintf("max(%s, -%s)", v.text, v.operand(6)), typ: intType, count: true}
	}
	fail(n, "abs of what is no number")
	return value{}
}

// builtinRound translates round: halves go to even numbers, and decimals are those that the
// number is written with.
func builtinRound(w *writer, n *node) value {
	if len(n.Keywords) > 0 || len(n.Arguments) == 0 || len(n.Arguments) > 2 {
		fail(n, "round with other arguments")
	}
	v := w.dereferenced(w.expression(n.Arguments[0]))
	if w.isTensor(v.typ) {
		fail(n, "round of a tensor")
	}
	if isInt(v.typ) {
		if len(n.Arguments) == 2 {
			fail(n, "round of an integer to decimals")
		}
		return v
	}
	if len(n.Arguments) == 2 && n.Arguments[1].Type != "NoneType" {
		return value{text: call("roundTo", []string{w.coerce(v, floatType), w.coerce(w.expression(n.Arguments[1]), intType)}), typ: floatType, count: w.isCount(v)}
	}
	return value{text: fmt.Sprintf("int(math.RoundToEven(%s))", w.coerce(v, floatType)), typ: intType, count: w.isCount(v)}
}

// builtinDivmod translates divmod as its two results.
func builtinDivmod(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "divmod of other arguments than two")
	}
	v := value{list: true, tuple: true, node: n}
	for _, op := range []string{"FloorDiv", "Mod"} {
		v.items = append(v.items, w.binary(&node{Kind: "BinOp", Op: op, Left: n.Arguments[0], Right: n.Arguments[1], Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}))
	}
	return v
}
