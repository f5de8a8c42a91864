package portgraph

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/graph"
)

// A numeric is how Go writes an operator of Python's numbers, of ints, of floats, which
// ints become beside one, and of bools; "" where there is no such operator.
type numeric struct{ ints, floats, bools string }

// numerics are the operators of numbers, with $1 and $2 for what they take.
var numerics = map[string]numeric{
	"_operator.add":      {ints: "$1 + $2", floats: "$1 + $2"},
	"_operator.sub":      {ints: "$1 - $2", floats: "$1 - $2"},
	"_operator.mul":      {ints: "$1 * $2", floats: "$1 * $2"},
	"_operator.floordiv": {ints: "floorDiv($1, $2)", floats: "math.Floor($1 / $2)"},
	"_operator.mod":      {ints: "modulo($1, $2)", floats: "floatModulo($1, $2)"},
	"_operator.truediv":  {floats: "$1 / $2"},
	"_operator.pow":      {ints: "power($1, $2)", floats: "math.Pow($1, $2)"},
	"_operator.neg":      {ints: "-$1", floats: "-$1"},
	"_operator.pos":      {ints: "$1", floats: "$1"},
	"_operator.eq":       {ints: "$1 == $2", floats: "$1 == $2", bools: "$1 == $2"},
	"_operator.ne":       {ints: "$1 != $2", floats: "$1 != $2", bools: "$1 != $2"},
	"_operator.lt":       {ints: "$1 < $2", floats: "$1 < $2"},
	"_operator.le":       {ints: "$1 <= $2", floats: "$1 <= $2"},
	"_operator.gt":       {ints: "$1 > $2", floats: "$1 > $2"},
	"_operator.ge":       {ints: "$1 >= $2", floats: "$1 >= $2"},
	"_operator.and_":     {ints: "$1 & $2", bools: "$1 && $2"},
	"_operator.or_":      {ints: "$1 | $2", bools: "$1 || $2"},
	"_operator.lshift":   {ints: "$1 << $2"},
	"_operator.rshift":   {ints: "$1 >> $2"},
	"torch.sym_max":      {ints: "max($1, $2)", floats: "max($1, $2)"},
	"torch.sym_min":      {ints: "min($1, $2)", floats: "min($1, $2)"},
	"torch._sym_sqrt":    {floats: "math.Sqrt($1)"},
	"torch.sym_float":    {floats: "$1"},
	"torch.sym_int":      {ints: "$1", floats: "int(math.Trunc($1))"},
	"torch.sym_not":      {bools: "!$1"},
	"math.trunc":         {ints: "$1", floats: "int(math.Trunc($1))"},
	"math.floor":         {ints: "$1", floats: "int(math.Floor($1))"},
	"math.ceil":          {ints: "$1", floats: "int(math.Ceil($1))"},
	"round":              {ints: "$1", floats: "int(math.RoundToEven($1))"},
	"abs":                {ints: "max($1, -$1)", floats: "math.Abs($1)"},
}

// numbers writes an operator of numbers.
func (w *writer) numbers(n *graph.Node) error {
	if n.Target == "torch.sym_ite" && len(n.Inputs) == 3 && len(n.Outputs) == 1 {
		return w.choice(n)
	}
	var texts []string
	kinds := map[string]int{}
	for _, in := range n.Inputs {
		text, err := w.value(in.Value)
		if err != nil {
			return err
		}
		texts = append(texts, text)
		kinds[typeOf(in.Value)]++
	}
	form := ""
	switch f := numerics[n.Target]; {
	case kinds["bool"] == len(texts):
		form = f.bools
	case kinds["int"] == len(texts) && f.ints != "":
		form = f.ints
	case kinds["int"]+kinds["float64"] == len(texts):
		form = f.floats
		for i, in := range n.Inputs {
			if v, ok := in.Value.(*graph.Value); ok && goType(v) == "int" {
				texts[i] = "float64(" + texts[i] + ")"
			}
		}
	}
	arity := 1
	if strings.Contains(form, "$2") {
		arity = 2
	}
	if form == "" || arity != len(texts) {
		return fmt.Errorf("%s is not written as Go: run the program by export.Load and Program.Run", n.Target)
	}
	for name := range helpers {
		if strings.HasPrefix(form, name+"(") {
			w.helpers[name] = true
		}
	}
	if strings.Contains(form, "math.") || form == numerics["_operator.mod"].floats {
		w.imports["math"] = true
	}
	w.assign(n, strings.NewReplacer("$1", texts[0], "$2", texts[len(texts)-1]).Replace(form))
	return nil
}

// choice writes one of two numbers: bool, number, number.
func (w *writer) choice(n *graph.Node) error {
	texts, err := w.texts(n.Inputs[0].Value, n.Inputs[1].Value, n.Inputs[2].Value)
	if err != nil {
		return err
	}
	if typeOf(n.Inputs[0].Value) != "bool" || typeOf(n.Inputs[1].Value) != typeOf(n.Inputs[2].Value) {
		return fmt.Errorf("%s of numbers of two kinds is not written as Go: run the program by export.Load and Program.Run", n.Target)
	}
	w.assign(n, texts[2])
	if v, _ := n.Outputs[0].(*graph.Value); v != nil && w.uses[v] > 0 {
		w.line("if %s {\n%s = %s\n}", texts[0], w.names[v], texts[1])
	}
	return nil
}
