package export

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// symbols are those of the sizes of a program that is written: Python knows what a symbol
// is by its first letter.
type symbols struct {
	ranges map[string]Range
	hints  map[string]int    // what each is in the example
	names  map[string]string // in the file
}

// pythons are the names of PyTorch's own symbols: of sizes, and of what depends on data.
var pythons = regexp.MustCompile(`^[su][0-9]+$`)

// unbacked reports whether a symbol stands for what depends on data.
func unbacked(symbol string) bool { return symbol[0] == 'u' && pythons.MatchString(symbol) }

// collect finds the symbols of a graph, with their values in the example.
func (s *symbols) collect(g *graph.Graph) error {
	for _, v := range values(g) {
		var sizes []graph.Size
		if v.Type != nil {
			sizes = append(slices.Clone(v.Type.Shape), v.Type.Stride...)
		}
		if v.Size != nil {
			sizes = append(sizes, *v.Size)
		}
		for _, size := range sizes {
			if size.Symbol == "" {
				continue
			}
			e, err := graph.ParseExpression(size.Symbol)
			if err != nil {
				return fmt.Errorf("the value %s: %w", brief.Text(v.Name), err)
			}
			for _, symbol := range e.Symbols() {
				if _, ok := s.names[symbol]; !ok {
					s.names[symbol] = ""
				}
				if symbol == size.Symbol && s.hints[symbol] == 0 && size.N != 0 {
					s.hints[symbol] = size.N
				}
			}
		}
	}
	s.name()
	return nil
}

// name gives each symbol a name that Python knows, and each of sizes a value and a range.
func (s *symbols) name() {
	next := 0
	for _, symbol := range slices.Sorted(maps.Keys(s.names)) {
		s.names[symbol] = symbol
		for !pythons.MatchString(s.names[symbol]) {
			name := fmt.Sprint("s", next)
			next++
			if _, taken := s.names[name]; !taken {
				s.names[symbol] = name
			}
		}
		if unbacked(symbol) {
			continue
		}
		r, ok := s.ranges[symbol]
		if !ok {
			r.Min = new(2)
			s.ranges[symbol] = r
		}
		if s.hints[symbol] == 0 {
			// Another one for each, or Python might take them for the same.
			s.hints[symbol] = max(2, *cmp.Or(r.Min, new(2))) + len(s.hints)
			if r.Max != nil {
				s.hints[symbol] = min(s.hints[symbol], *r.Max)
			}
		}
	}
}

// constraints returns the ranges by the names in the file.
func (s *symbols) constraints() map[string]Range {
	ranges := map[string]Range{}
	for symbol, r := range s.ranges {
		if name := s.names[symbol]; name != "" {
			symbol = name
		}
		ranges[symbol] = r // also of expressions, such as 2*s0
	}
	return ranges
}

// number returns a number as the file has it: itself, or an expression.
func (s *symbols) number(size graph.Size) (union, error) {
	if size.Symbol == "" {
		return oneOf("as_int", size.N), nil
	}
	e, err := graph.ParseExpression(size.Symbol)
	if err != nil {
		return union{}, err
	}
	text := exprJSON{Text: e.SymPy(s.symbol)}
	hint, err := e.Value(func(name string) (any, bool) { n, ok := s.hints[name]; return n, ok })
	if err != nil {
		return oneOf("as_expr", text), nil // it depends on data
	}
	switch v := hint.(type) {
	case int:
		text.Hint = new(oneOf("as_int", v))
	case bool:
		text.Hint = new(oneOf("as_bool", v))
	case float64:
		text.Hint = new(oneOf("as_float", pythonFloat(v)))
	}
	return oneOf("as_expr", text), nil
}

// symbol writes a symbol as SymPy does.
func (s *symbols) symbol(name string) string {
	assumptions := "integer=True"
	if r := s.ranges[name]; !unbacked(name) && r.Min != nil && *r.Min >= 0 {
		assumptions = "positive=True, " + assumptions
	}
	return fmt.Sprintf("Symbol('%s', %s)", s.names[name], assumptions)
}

// contiguous returns the strides of a contiguous tensor.
func contiguous(shape []graph.Size) []graph.Size {
	strides := make([]graph.Size, len(shape))
	stride := graph.Size{N: 1}
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = stride
		stride = product(stride, shape[i])
	}
	return strides
}

// product multiplies two sizes.
func product(a, b graph.Size) graph.Size {
	one := func(s graph.Size) bool { return s.Symbol == "" && s.N == 1 }
	switch {
	case a.Symbol == "" && b.Symbol == "":
		return graph.Size{N: a.N * max(b.N, 1)}
	case one(a):
		return b
	case one(b):
		return a
	}
	return graph.Size{N: a.N * b.N, Symbol: "(" + a.String() + ")*(" + b.String() + ")"}
}
