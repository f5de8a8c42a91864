package portgraph

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// name returns how Forward calls a value; "" where it is not known.
func (w *writer) name(v *graph.Value) string {
	if made := w.weights[v]; made != nil {
		return made.expr()
	}
	return w.names[v]
}

// value returns an argument as Go writes it.
func (w *writer) value(argument any) (string, error) {
	switch v := argument.(type) {
	case nil:
		return "nil", nil
	case *graph.Value:
		if name := w.name(v); name != "" {
			return name, nil
		}
		return "", fmt.Errorf("the value %s is not known", v.Name)
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			w.imports["math"] = true
		}
		return float(v), nil
	case string:
		return strconv.Quote(v), nil
	case complex128:
		if a, b := real(v), imag(v); !math.IsInf(a, 0) && !math.IsInf(b, 0) && a == a && b == b {
			return fmt.Sprintf("complex(%s, %s)", float(a), float(b)), nil
		}
	case torch.DType:
		if name := dtypes[v]; name != "" {
			return name, nil
		}
	case torch.Device:
		if v == torch.CPU {
			return "torch.CPU", nil
		}
	case torch.Layout:
		if v == torch.Strided {
			return "torch.Strided", nil
		}
	case torch.MemoryFormat:
		for format, name := range map[torch.MemoryFormat]string{torch.ContiguousFormat: "torch.ContiguousFormat", torch.PreserveFormat: "torch.PreserveFormat", torch.ChannelsLast: "torch.ChannelsLast"} {
			if v == format {
				return name, nil
			}
		}
	case []any:
		items, err := w.texts(v...)
		return "[]any{" + strings.Join(items, ", ") + "}", err
	}
	return "", fmt.Errorf("a %T is not written as Go: run the program by export.Load and Program.Run", argument)
}

// texts returns arguments as Go writes them.
func (w *writer) texts(arguments ...any) ([]string, error) {
	texts := make([]string, len(arguments))
	for i, argument := range arguments {
		var err error
		if texts[i], err = w.value(argument); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// float returns a number as Go writes it, as a float64.
func float(v float64) string {
	switch {
	case math.IsNaN(v):
		return "math.NaN()"
	case math.IsInf(v, 1):
		return "math.Inf(1)"
	case math.IsInf(v, -1):
		return "math.Inf(-1)"
	case v == 0 && math.Signbit(v):
		return "-0.0"
	}
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// list returns a list of arguments of one type as Go writes them, without brackets.
func (w *writer) list(argument any, typ string) (string, bool) {
	items, ok := argument.([]any)
	if !ok {
		return "", false
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, err := w.value(item)
		if err != nil || typeOf(item) != typ {
			return "", false
		}
		texts[i] = text
	}
	return strings.Join(texts, ", "), true
}
