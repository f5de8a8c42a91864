package port

import (
	"fmt"
	"go/types"
	"strings"
)

// precedences are those of Go's operators.
var precedences = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "|": 4, "^": 4,
	"*": 5, "/": 5, "%": 5, "<<": 5, ">>": 5, "&": 5}

// methods are the tensor methods for Python's operators, with the left operand a
// tensor.
var methods = map[string]string{"Add": "Add", "Sub": "Sub", "Mult": "Mul", "Div": "Div", "Pow": "Pow", "FloorDiv": "FloorDivide",
	"Mod": "Remainder", "MatMult": "Matmul", "BitOr": "BitwiseOr", "BitAnd": "BitwiseAnd", "BitXor": "BitwiseXor",
	"LShift": "BitwiseLeftShift", "RShift": "BitwiseRightShift"}

func (w *writer) binary(n *node) value {
	if n.Op == "Mod" && isText(n.Left) {
		format, args := w.percent(n)
		return value{text: call("fmt.Sprintf", append([]string{quote(format)}, args...)), typ: stringType}
	}
	a, b := w.expression(n.Left), w.expression(n.Right)
	if a.path != "" || b.path != "" || a.class != nil || b.class != nil || a.statement || b.statement {
		fail(n, "an operator on what is no value")
	}
	if w.isTensor(a.typ) || w.isTensor(b.typ) {
		return w.tensorBinary(n, a, b)
	}
	if v, ok := w.dictBinary(n, a, b); ok {
		return v
	}
	if n.Op == "Mult" && (a.list || b.list) || elem(a.typ) != nil || elem(b.typ) != nil || a.list || b.list {
		return w.listBinary(n, a, b)
	}
	a, b = w.dereferenced(a), w.dereferenced(b)
	if isString(a.typ) || isString(b.typ) {
		for _, v := range []value{a, b} {
			if v.typ == nil && v.variable != nil && n.Op != "Mult" {
				w.expect(v.variable, stringType, true)
			}
		}
		switch n.Op {
		case "Div": // of paths
			return value{text: joined(w.coerce(a, stringType), w.coerce(b, stringType)), typ: stringType}
		case "Add":
			return value{text: a.operand(4) + " + " + b.operand(5), typ: stringType, prec: 4}
		case "Mult":
			if isInt(a.typ) {
				a, b = b, a
			}
			times := w.coerce(b, intType)
			if !w.isCount(b) {
				times = "max(0, " + times + ")"
			}
			return value{text: fmt.Sprintf("strings.Repeat(%s, %s)", w.coerce(a, stringType), times), typ: stringType}
		}
		fail(n, "an operator on texts")
	}
	if a.typ == nil || b.typ == nil {
		w.expectOperands(n, a, b)
	}
	return w.numbers(n, a, b)
}

// dereferenced returns what a pointer to a number points to.
func (w *writer) dereferenced(v value) value {
	if inner := optional(v.typ); inner != nil {
		v.text, v.typ, v.prec, v.variable = "*"+v.primary(), inner, 8, nil
	}
	return v
}

// expectOperands guesses what an unknown operand is by the other.
func (w *writer) expectOperands(n *node, a, b value) {
	for _, pair := range [][2]value{{a, b}, {b, a}} {
		x, y := pair[0], pair[1]
		if x.typ != nil || x.variable == nil {
			continue
		}
		switch {
		case n.Op == "MatMult":
			w.expect(x.variable, w.tensor, true)
		case isNumber(y.typ) && x.variable.param:
			w.expect(x.variable, solid(y.typ), false)
		}
	}
}

// commutative are the operators whose operands may change places.
var commutative = map[string]bool{"Add": true, "Mult": true, "BitAnd": true, "BitOr": true, "BitXor": true}

func (w *writer) tensorBinary(n *node, a, b value) value {
	dtype := ""
	if a.dtype == "int" && (b.dtype == "int" || isInt(b.typ)) && n.Op != "Div" && n.Op != "Pow" {
		dtype = "int"
	}
	result := func(text string) value { return value{text: text, typ: w.tensor, dtype: dtype} }
	if a.typ == nil && a.variable != nil {
		w.expect(a.variable, w.tensor, false)
	}
	if w.isTensor(a.typ) {
		method := methods[n.Op]
		if method == "" {
			fail(n, "this operator on tensors")
		}
		want := w.operandType()
		if n.Op == "MatMult" {
			want = w.tensor
		}
		return result(fmt.Sprintf("%s.%s(%s)", a.primary(), method, w.operandText(b, want)))
	}
	number := w.operandText(a, w.operandType())
	switch {
	case commutative[n.Op]:
		return result(fmt.Sprintf("%s.%s(%s)", b.primary(), methods[n.Op], number))
	case n.Op == "Sub":
		return result(fmt.Sprintf("%s.Rsub(%s)", b.primary(), number))
	case n.Op == "Div" && (a.text == "1" || a.text == "1.0"):
		return result(b.primary() + ".Reciprocal()")
	case n.Op == "Div":
		return result(fmt.Sprintf("%s.Reciprocal().Mul(%s)", b.primary(), number))
	case n.Op == "Pow":
		return result(fmt.Sprintf("torch.Pow(%s, %s)", number, b.text))
	}
	if method := map[string]string{"FloorDiv": "FloorDivide", "Mod": "Remainder"}[n.Op]; method != "" && a.literal {
		return result(fmt.Sprintf("%s.%s(%s)", w.scalar(a), method, b.text))
	}
	fail(n, "this operator on a number and a tensor")
	return value{}
}

// operandText returns what stands beside a tensor.
func (w *writer) operandText(v value, want types.Type) string {
	v = w.dereferenced(v)
	if v.typ == nil && v.variable != nil {
		w.expect(v.variable, w.tensor, false)
	}
	if v.typ != nil && !w.isTensor(v.typ) && !isNumber(v.typ) && !isBool(v.typ) {
		fail(v.node, "a tensor's operand of type %s", typeText(v.typ))
	}
	return w.coerce(v, want)
}

func (w *writer) unary(n *node) value {
	if n.Op == "Not" {
		return w.negated(w.condition(n.Operand))
	}
	v := w.dereferenced(w.expression(n.Operand))
	if w.isTensor(v.typ) {
		method := map[string]string{"USub": "Neg", "Invert": "BitwiseNot", "UAdd": "Positive"}[n.Op]
		return value{text: v.primary() + "." + method + "()", typ: w.tensor, dtype: v.dtype}
	}
	switch n.Op {
	case "Invert":
		if v = w.asInt(v); isInt(v.typ) {
			return value{text: "^" + v.operand(6), typ: solid(v.typ), prec: 6}
		}
	case "USub":
		v = w.asInt(v)
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, w.tensor, false)
		}
		if v.text == "math.Inf(1)" {
			return value{text: "math.Inf(-1)", typ: floatType}
		}
		if strings.HasPrefix(v.text, "-") {
			v.prec = 1 // -(-x)
		}
		if v.literal && isFloat(v.typ) && strings.Trim(v.text, "0.") == "" {
			return value{text: "math.Copysign(0, -1)", typ: floatType}
		}
		return value{text: "-" + v.operand(6), typ: v.typ, prec: 6, literal: v.literal}
	case "UAdd":
		return v
	}
	fail(n, "this operator")
	return value{}
}

// condition translates an expression that only counts as true or false.
func (w *writer) condition(n *node) value {
	if n.Kind == "BoolOp" {
		return w.boolean(n)
	}
	if n.Kind == "BinOp" && n.Op == "Mod" {
		w.remainder = n
	}
	return w.truth(w.expression(n))
}

// negated returns the opposite of a condition.
func (w *writer) negated(v value) value {
	for _, pair := range [][2]string{{" == ", " != "}, {" < ", " >= "}, {" > ", " <= "}} {
		for i := range pair {
			if v.prec == 3 && strings.Count(v.text, pair[i]) == 1 && !strings.ContainsAny(v.text, "&|\n\"") {
				if strings.ContainsAny(pair[i], "<>") && !v.ints {
					continue // NaN
				}
				v.text = strings.Replace(v.text, pair[i], pair[1-i], 1)
				return v
			}
		}
	}
	if inner, ok := strings.CutPrefix(v.text, "!"); ok && v.prec == 6 {
		return value{text: inner, typ: boolType, node: v.node}
	}
	switch v.text {
	case "true":
		return value{text: "false", typ: boolType, node: v.node}
	case "false":
		return value{text: "true", typ: boolType, node: v.node}
	}
	return value{text: "!" + v.operand(6), typ: boolType, prec: 6, node: v.node}
}

// boolean translates and, or.
func (w *writer) boolean(n *node) value {
	if known, holds := w.staticTest(n); known {
		return value{text: fmt.Sprint(holds), typ: boolType}
	}
	op := map[string]string{"And": "&&", "Or": "||"}[n.Op]
	prec := precedences[op]
	var parts []string
	outer := w.inline
	defer func() { w.inline = outer }()
	for i, e := range n.Values {
		before := len(w.lines)
		w.inline = outer || i > 0
		if known, value := w.staticTest(e); known && value == (n.Op == "And") && len(n.Values) > 1 {
			continue
		}
		if i == 0 && n.Op == "Or" {
			w.mayBeNone(n)
		}
		v := w.expression(e)
		parts = append(parts, w.truth(v).operand(prec))
		if i > 0 && len(w.lines) > before {
			fail(n, "a condition of several statements")
		}
	}
	if len(parts) == 1 {
		return value{text: parts[0], typ: boolType, prec: prec}
	}
	return value{text: strings.Join(parts, " "+op+" "), typ: boolType, prec: prec}
}

// mayBeNone notes what a parameter is that is None by default, of x or 1.
func (w *writer) mayBeNone(n *node) {
	x := w.fn.scope(n.Values[0].Name)
	if n.Values[0].Kind != "Name" || x == nil || !x.param || x.typ != nil && x.typ != noneType || len(n.Values) != 2 {
		return
	}
	w.attempt(func() value {
		b := w.expression(n.Values[1])
		if isNumber(b.typ) || isString(b.typ) {
			w.learn(x, w.orNone(solid(b.typ)))
		}
		return b
	})
}

// comparisons are Python's in Go, and the methods of tensors.
var comparisons = map[string][2]string{"Eq": {"==", "Eq"}, "NotEq": {"!=", "Ne"}, "Lt": {"<", "Lt"}, "LtE": {"<=", "Le"}, "Gt": {">", "Gt"}, "GtE": {">=", "Ge"}}

// mirrored are the comparisons with their operands exchanged.
var mirrored = map[string]string{"Eq": "Eq", "Ne": "Ne", "Lt": "Gt", "Le": "Ge", "Gt": "Lt", "Ge": "Le"}

func (w *writer) compare(n *node) value {
	if isRemainderTest(n) {
		w.remainder = n.Left
	}
	left := w.expression(n.Left)
	var parts []value
	for i, op := range n.Ops {
		right := w.expression(n.Comparators[i])
		if i > 0 && strings.Contains(left.text, "(") {
			fail(n, "a comparison of three, of which one is called")
		}
		parts = append(parts, w.compareTwo(n, op, left, right))
		left = right
	}
	if len(parts) == 1 {
		return parts[0]
	}
	var texts []string
	for _, p := range parts {
		if !isBool(p.typ) {
			fail(n, "a comparison of three with tensors")
		}
		texts = append(texts, p.operand(2))
	}
	return value{text: strings.Join(texts, " && "), typ: boolType, prec: 2}
}

func (w *writer) compareTwo(n *node, op string, a, b value) value {
	switch op {
	case "Is", "IsNot":
		return w.identity(n, op, a, b)
	case "In", "NotIn":
		v := w.contains(n, a, b)
		if op == "NotIn" {
			return w.negated(v)
		}
		return v
	}
	names, ok := comparisons[op]
	if !ok {
		fail(n, "this comparison")
	}
	if a.class != nil || b.class != nil || a.path != "" || b.path != "" || a.function != nil && a.typ == nil {
		fail(n, "a comparison of what Go does not compare")
	}
	if w.isTensor(a.typ) {
		return value{text: fmt.Sprintf("%s.%s(%s)", a.primary(), names[1], w.operandText(b, w.operandType())), typ: w.tensor, dtype: "int"}
	}
	if w.isTensor(b.typ) {
		return value{text: fmt.Sprintf("%s.%s(%s)", b.primary(), mirrored[names[1]], w.operandText(a, w.operandType())), typ: w.tensor, dtype: "int"}
	}
	if a.list && b.list {
		a, b = w.settled(a), w.settled(b)
	}
	if a.list && b.list {
		fail(n, "a comparison of lists of different types")
	}
	if elem(a.typ) != nil || elem(b.typ) != nil {
		t := w.join(a.typ, b.typ)
		if a.list || b.list {
			t = a.typ
			if a.list {
				t = b.typ
			}
		}
		text := fmt.Sprintf("slices.Equal(%s, %s)", w.coerce(a, t), w.coerce(b, t))
		switch op {
		case "Eq":
			return value{text: text, typ: boolType}
		case "NotEq":
			return value{text: "!" + text, typ: boolType, prec: 6}
		}
		fail(n, "a comparison of lists")
	}
	a, b = w.dereferenced(a), w.dereferenced(b)
	if a.typ == nil || b.typ == nil {
		for _, pair := range [][2]value{{a, b}, {b, a}} {
			if pair[0].typ == nil && pair[0].variable != nil && pair[1].typ != nil {
				w.expect(pair[0].variable, solid(pair[1].typ), isString(pair[1].typ))
			}
		}
	}
	ints := isInt(a.typ) && isInt(b.typ)
	if isNumber(a.typ) && isNumber(b.typ) && !ints {
		a, b = w.mixed(a), w.mixed(b)
	} else if a.typ != nil && b.typ != nil && w.join(a.typ, b.typ) == conflict {
		fail(n, "a comparison of %s and %s", typeText(a.typ), typeText(b.typ))
	}
	return value{text: a.operand(4) + " " + names[0] + " " + b.operand(4), typ: boolType, prec: 3, ints: ints}
}

// identity translates is and is not.
func (w *writer) identity(n *node, op string, a, b value) value {
	sign := map[string]string{"Is": " == ", "IsNot": " != "}[op]
	if b.typ != noneType {
		if isBool(b.typ) && isBool(a.typ) {
			return value{text: a.operand(4) + sign + b.operand(4), typ: boolType, prec: 3}
		}
		if a.typ != nil && b.typ != nil && (w.isModule(a.typ) && w.isModule(b.typ) || w.isTensor(a.typ) && w.isTensor(b.typ)) {
			return value{text: a.operand(4) + sign + b.operand(4), typ: boolType, prec: 3}
		}
		fail(n, "is of what is not None")
	}
	if a.variable != nil && a.typ != nil && !nilable(solid(a.typ)) && a.typ != conflict {
		if a.variable.annotated || w.final() || a.variable.param {
			w.report.note(w.source, n, "this is never None in Go")
		}
		return value{text: map[string]string{"Is": "false", "IsNot": "true"}[op], typ: boolType}
	}
	if a.class != nil || a.path != "" || a.list || a.typ != nil && !nilable(solid(a.typ)) {
		fail(n, "is None of what is no pointer")
	}
	return value{text: a.operand(4) + sign + "nil", typ: boolType, prec: 3}
}

// contains translates x in y.
func (w *writer) contains(n *node, a, b value) value {
	b = w.settled(b)
	switch t := b.typ; {
	case isString(t):
		return value{text: fmt.Sprintf("strings.Contains(%s, %s)", b.text, w.coerce(a, stringType)), typ: boolType}
	case w.isStateDict(t):
		return value{text: fmt.Sprintf("%s.Get(%s) != nil", b.primary(), w.coerce(a, stringType)), typ: boolType, prec: 3}
	case elem(t) != nil:
		return value{text: fmt.Sprintf("slices.Contains(%s, %s)", b.text, w.coerce(a, elem(t))), typ: boolType}
	}
	if c := w.settingsOf(b.typ); c != nil && a.literal {
		return value{text: fmt.Sprint(c.lookup(a.node.Constant) != nil), typ: boolType}
	}
	if v := w.hasKey(a, b); v.text != "" {
		return v
	}
	fail(n, "in of what is no list")
	return value{}
}
