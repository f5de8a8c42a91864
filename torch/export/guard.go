package export

import (
	"fmt"
	"math"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
)

// guards are what the arguments must be: what the program was exported for.
type guards struct {
	arguments []argument
	from      []string       // where each symbol's value is seen first, such as "x.size()[0]"
	symbols   map[string]int // which one a symbol is
	relations []relation
}

// argument is what the caller gives for an input of the graph.
type argument struct {
	place    string            // such as "x['k']"
	tensor   *graph.TensorType // nil unless it is a tensor
	sizes    []size            // of a tensor; of an int, the one that it may vary by
	fixed    bool              // whether it must be the constant
	constant any
}

// size is what a size of an argument, or an int, must be.
type size struct {
	place      string
	n          int               // if it has no expression
	expression *graph.Expression // of symbols
	symbol     int               // which one it is, or -1
	min, max   *int
}

// relation is a condition on sizes that Python saw when it exported the program, such as
// "a.size()[0] % 2 == 0".
type relation struct {
	condition *graph.Expression
	reads     map[string]source // its symbols
}

// source is how a relation's symbol is read from the arguments.
type source struct {
	argument int
	of       string // "size", "stride", "storage_offset", or "" for an int
	dim      int
}

// add adds an argument.
func (g *guards) add(place string, v *graph.Value, ranges map[string]Range) error {
	a := argument{place: place, tensor: v.Type}
	sizes := []graph.Size(nil)
	if v.Type != nil {
		sizes = v.Type.Shape
	} else if v.Size != nil {
		sizes = []graph.Size{*v.Size}
	}
	for i, want := range sizes {
		s := size{place: place, n: want.N, symbol: -1}
		if v.Type != nil {
			s.place = fmt.Sprintf("%s.size()[%d]", place, i)
		}
		if want.Symbol != "" {
			var err error
			if s.expression, err = graph.ParseExpression(want.Symbol); err != nil {
				return err
			}
			names := s.expression.Symbols()
			if len(names) == 1 && names[0] == want.Symbol {
				s.symbol = g.note(names[0], s.place)
			}
			s.min, s.max = ranges[want.Symbol].Min, ranges[want.Symbol].Max
		}
		a.sizes = append(a.sizes, s)
	}
	g.arguments = append(g.arguments, a)
	return nil
}

// note returns which symbol a name is.
func (g *guards) note(name, place string) int {
	i, ok := g.symbols[name]
	if !ok {
		i = len(g.from)
		g.symbols[name] = i
		g.from = append(g.from, place)
	}
	return i
}

// relate adds a condition as PyTorch writes it: "(L['a'].size()[0] % 2) == 0".
func (g *guards) relate(condition string, names []string) error {
	for i, a := range g.arguments {
		condition = strings.ReplaceAll(condition, fmt.Sprintf("L['flat_args'][%d]", i), a.place)
	}
	for _, name := range names {
		if at := strings.LastIndexByte(name, '_'); at > 0 { // of *args
			condition = strings.ReplaceAll(condition, fmt.Sprintf("L['%s'][%s]", name[:at], name[at+1:]), name)
		}
		condition = strings.ReplaceAll(condition, "L['"+name+"']", name)
	}
	e, err := graph.ParseExpression(condition)
	if err != nil {
		return err
	}
	r := relation{e, map[string]source{}}
	for _, symbol := range e.Symbols() {
		reads, ok := g.find(symbol)
		if !ok {
			return fmt.Errorf("the condition %s reads what is no argument", brief.Text(condition))
		}
		r.reads[symbol] = reads
	}
	g.relations = append(g.relations, r)
	return nil
}

// find returns how to read a symbol such as "x.size()[0]".
func (g *guards) find(symbol string) (source, bool) {
	for i, a := range g.arguments {
		rest, ok := strings.CutPrefix(symbol, a.place)
		if !ok {
			continue
		}
		r := source{argument: i}
		if rest == "" && a.tensor == nil {
			return r, true
		}
		if rest == ".storage_offset()" && a.tensor != nil {
			r.of = "storage_offset"
			return r, true
		}
		for _, of := range []string{"size", "stride"} {
			n, err := fmt.Sscanf(rest, "."+of+"()[%d]", &r.dim)
			if n == 1 && err == nil && r.dim >= 0 && r.dim < len(a.sizes) {
				r.of = of
				return r, true
			}
		}
	}
	return source{}, false
}

// check holds the arguments against the guards, and fails with PyTorch's words. It
// returns what it has found out about the symbols.
func (g *guards) check(leaves []any) (*checker, error) {
	c := &checker{guards: g, values: make([]int, len(g.from)), known: make([]bool, len(g.from))}
	for i := range g.arguments {
		if err := c.argument(&g.arguments[i], leaves[i]); err != nil {
			return nil, err
		}
	}
	for _, r := range g.relations {
		if err := r.check(leaves); err != nil {
			return nil, err
		}
	}
	return c, c.equations()
}

// checker checks the arguments of one run.
type checker struct {
	*guards
	values []int // of the symbols
	known  []bool
	later  []equation
	hidden map[string]any // symbols that no size is alone
}

// equation is a size that is an expression of symbols.
type equation struct {
	*size
	got int
}

func guard(at, relation string, want, got any) error {
	return fmt.Errorf("Guard failed: %s %s %v, got %v", at, relation, want, got) //nolint:staticcheck // PyTorch's words
}

func (c *checker) argument(a *argument, v any) error {
	switch {
	case a.fixed:
		if !sameConstant(a.constant, v) {
			return guard(a.place, "==", pytree.Quote(a.constant), pytree.Quote(v))
		}
		return nil
	case a.tensor == nil && len(a.sizes) == 0:
		return nil
	case a.tensor == nil:
		n, ok := v.(int)
		if !ok {
			return fmt.Errorf("%s is a %T, want an int", a.place, v)
		}
		return c.size(&a.sizes[0], n)
	}
	x, ok := v.(*torch.Tensor)
	if !ok || x == nil {
		return fmt.Errorf("%s is a %T, want a *torch.Tensor", a.place, v)
	}
	shape := x.Shape()
	if len(shape) != len(a.sizes) {
		return fmt.Errorf("Unexpected number of dimensions in input at %s.shape (expected torch.Size(%s), got torch.Size(%s))", a.place, //nolint:staticcheck // PyTorch's words
			listed(a.tensor.Shape), listed(shape))
	}
	if x.DType() != a.tensor.DType {
		return guard(a.place+".dtype", "==", a.tensor.DType, x.DType())
	}
	for i := range shape {
		if err := c.size(&a.sizes[i], shape[i]); err != nil {
			return err
		}
	}
	return nil
}

// listed writes sizes as Python does.
func listed[T any](sizes []T) string { return strings.ReplaceAll(fmt.Sprint(sizes), " ", ", ") }

// size checks a size; one that is an expression later, when all symbols are known.
func (c *checker) size(want *size, got int) error {
	switch {
	case want.expression == nil:
		if got != want.n {
			return guard(want.place, "==", want.n, got)
		}
		return nil
	case want.symbol < 0:
		c.later = append(c.later, equation{want, got})
	case c.known[want.symbol]:
		if c.values[want.symbol] != got {
			return guard(want.place, "==", c.from[want.symbol], got)
		}
		return nil
	default:
		c.values[want.symbol], c.known[want.symbol] = got, true
	}
	const special = 2 // PyTorch exports as if sizes were 2 or more, and runs smaller ones
	if want.min != nil && *want.min > special && got < *want.min {
		return guard(want.place, ">=", *want.min, got)
	}
	if want.max != nil && got > *want.max {
		return guard(want.place, "<=", *want.max, got)
	}
	return nil
}

// lookup returns the value of a symbol.
func (c *checker) lookup(name string) (any, bool) {
	i, ok := c.symbols[name]
	if !ok || !c.known[i] {
		v, ok := c.hidden[name]
		return v, ok
	}
	return c.values[i], true
}

// equations checks the sizes that are expressions. One of a symbol that no size is alone,
// such as 2*s0, says what that is.
func (c *checker) equations() error {
	for _, e := range c.later {
		var unknown []string
		for _, name := range e.expression.Symbols() {
			if _, ok := c.lookup(name); !ok {
				unknown = append(unknown, name)
			}
		}
		if len(unknown) == 1 {
			v, ok := solve(e.expression, unknown[0], c.lookup, e.got)
			if !ok {
				return fmt.Errorf("Expected input %s = %d to be of the form %v, where %s is an integer", e.place, e.got, e.expression, unknown[0]) //nolint:staticcheck // PyTorch's words
			}
			if c.hidden == nil {
				c.hidden = map[string]any{}
			}
			c.hidden[unknown[0]] = v
			continue
		}
		want, err := e.expression.Value(c.lookup)
		if err != nil {
			return fmt.Errorf("%s: %w", e.place, err)
		}
		if want != e.got {
			text, got := e.expression.String(), fmt.Sprint(e.got)
			for _, name := range e.expression.Symbols() {
				if v, ok := c.hidden[name]; ok {
					got += fmt.Sprintf(" where %s is %v", name, v)
				} else {
					text = strings.ReplaceAll(text, name, c.from[c.symbols[name]])
				}
			}
			return guard(e.place, "==", text, got)
		}
	}
	return nil
}

// solve returns the int for which an expression that is linear in a symbol has a value;
// if it is not linear, one for which nothing more is checked.
func solve(e *graph.Expression, symbol string, known func(string) (any, bool), want int) (int, bool) {
	at := func(n int) (int, bool) {
		v, err := e.Value(func(name string) (any, bool) {
			if name == symbol {
				return n, true
			}
			return known(name)
		})
		value, ok := v.(int)
		return value, ok && err == nil
	}
	zero, ok0 := at(0)
	one, ok1 := at(1)
	slope := one - zero
	if !ok0 || !ok1 || slope == 0 {
		return math.MinInt, true
	}
	n := (want - zero) / slope
	got, ok := at(n)
	return n, ok && got == want
}

// check reads the sizes of a relation and computes it.
func (r *relation) check(leaves []any) error {
	v, err := r.condition.Value(func(name string) (any, bool) { return r.reads[name].value(leaves) })
	if err == nil && v == true {
		return nil
	}
	var got []string
	for _, name := range r.condition.Symbols() {
		n, _ := r.reads[name].value(leaves)
		got = append(got, fmt.Sprintf("%s = %v", name, n))
	}
	text := fmt.Sprintf("Guard failed: %s, got %s", r.condition, strings.Join(got, ", "))
	if err != nil {
		text += ": " + err.Error()
	}
	return fmt.Errorf("%s", text)
}

func (r source) value(leaves []any) (any, bool) {
	x, ok := leaves[r.argument].(*torch.Tensor)
	switch {
	case !ok:
		return leaves[r.argument], true
	case r.of == "size":
		return x.Size(r.dim), true
	case r.of == "stride":
		return x.Stride()[r.dim], true
	}
	return x.StorageOffset(), true
}

// sameConstant reports whether an argument is the constant that the program was exported
// with; a NaN is a NaN.
func sameConstant(want, got any) bool {
	if w, ok := want.(float64); ok && math.IsNaN(w) {
		g, ok := got.(float64)
		return ok && math.IsNaN(g)
	}
	switch got.(type) {
	case nil, bool, int, float64, string:
		return want == got
	}
	return false
}
