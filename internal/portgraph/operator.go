package portgraph

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// A form is a call of Go, where {0t} stands for the first argument. The letter says what
// it must be, else the form does not fit:
//
//	t a tensor, o a tensor or a number, n a number, i an int, f a float64 that is constant,
//	b a bool, s ints and S tensors one after the other, l a []int, T a []*torch.Tensor
//
// {2=false} writes nothing and fits where the argument is that constant. The arguments of
// a node are as many as those of a form.
type form = string

// forms are the calls for operators that are written by hand or have options, of which the
// first that fits is taken; those of the generated functions come after them. Each does what
// the operator does by one call of the same overload.
var forms = map[string][]form{
	"aten::linear":     {"functional.Linear({0t}, {1t}, nil){2=nil}", "functional.Linear({0t}, {1t}, {2t})", "functional.Linear({0t}, {1t}, nil)"},
	"aten::embedding":  {"functional.Embedding({1t}, {0t})", "functional.Embedding({1t}, {0t}){2=-1}"},
	"aten::cat":        {"torch.Cat({0T}, {1i})", "torch.Cat({0T}, 0)"},
	"aten::stack":      {"torch.Stack({0T}, {1i})", "torch.Stack({0T}, 0)"},
	"aten::gelu":       {"functional.GELU({0t})", `functional.GELU({0t}){1="none"}`},
	"aten::hardswish_": {"functional.HardswishInplace({0t})"},
	"aten::max_pool2d": {"torch.MaxPool2d({0t}, {1l})", "torch.MaxPool2d({0t}, {1l}, torch.MaxPool2dOptions{Stride: {2l}})", "torch.MaxPool2d({0t}, {1l}, torch.MaxPool2dOptions{Stride: {2l}, Padding: {3l}})"},
	"aten::scaled_dot_product_attention": {"functional.ScaledDotProductAttention({0t}, {1t}, {2t})",
		"functional.ScaledDotProductAttention({0t}, {1t}, {2t}, functional.ScaledDotProductAttentionOptions{AttnMask: {3t}})",
		"functional.ScaledDotProductAttention({0t}, {1t}, {2t}, functional.ScaledDotProductAttentionOptions{IsCausal: {5b}}){3=nil}{4=0.0}",
		"functional.ScaledDotProductAttention({0t}, {1t}, {2t}, functional.ScaledDotProductAttentionOptions{AttnMask: {3t}, IsCausal: {5b}}){4=0.0}"},

	"aten::squeeze.dim":        {"{0t}.Squeeze({1i})"},
	"aten::squeeze":            {"{0t}.Squeeze()"},
	"aten::flatten.using_ints": {"{0t}.Flatten({1i}, {2i})", "{0t}.Flatten({1i})", "{0t}.Flatten()"},
	"aten::slice.Tensor":       {"{0t}.Slice({1i}, {2i}, {3i}, {4i})", "{0t}.Slice({1i}, {2i}, {3i}, 1)", "{0t}.Slice({1i}, 0, {3i}, 1){2=nil}"},
	"aten::unbind.int":         {"{0t}.Unbind({1i})", "{0t}.Unbind(0)"},
	"aten::split.Tensor":       {"{0t}.Split({1i}, {2i})", "{0t}.Split({1i}, 0)"},
	"aten::split_with_sizes":   {"{0t}.SplitWithSizes({1l}, {2i})", "{0t}.SplitWithSizes({1l}, 0)"},
	"aten::chunk":              {"{0t}.Chunk({1i}, {2i})", "{0t}.Chunk({1i}, 0)"},
	"aten::sym_size.int":       {"{0t}.Size({1i})"},

	"aten::sum":             {"{0t}.Sum()"},
	"aten::mean":            {"{0t}.Mean()"},
	"aten::sum.dim_IntList": {"{0t}.Sum({1s})", "{0t}.SumWith(torch.ReduceOptions{Dim: {1l}, Keepdim: {2b}})"},
	"aten::mean.dim":        {"{0t}.Mean({1s})", "{0t}.MeanWith(torch.ReduceOptions{Dim: {1l}, Keepdim: {2b}})"},
}

func init() {
	for python, ours := range map[string]string{"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div"} {
		forms["aten::"+python+".Tensor"] = []form{"{0t}." + ours + "({1o})"}
		forms["aten::"+python+"_.Tensor"] = []form{"{0t}." + ours + "Inplace({1o})"}
	}
	for python, ours := range map[string]string{"zeros": "Zeros", "ones": "Ones"} {
		forms["aten::"+python] = []form{"torch." + ours + "({0l}OPTIONS)"}
	}
	forms["aten::full"] = []form{"torch.Full({0l}, {1n}OPTIONS)"}
	forms["aten::arange"] = []form{"torch.Arange(0, {0n}, 1OPTIONS)"}
	forms["aten::arange.start_step"] = []form{"torch.Arange({0n}, {1n}, {2n}OPTIONS)", "torch.Arange({0n}, {1n}, 1OPTIONS)"}
}

// slots are where arguments go in a form.
var slots = regexp.MustCompile(`\{(\d+)([a-zA-Z]|=[^}]*)\}`)

// typed returns the call of an operator by a function of Go, or "".
func (w *writer) typed(n *graph.Node) string {
	candidates := forms[n.Target]
	if f := generated[n.Target]; f != "" {
		candidates = append(slices.Clip(candidates), f)
	}
	for _, f := range candidates {
		if text := w.fits(f, n); text != "" {
			for name := range paths {
				if strings.Contains(f, name+".") {
					w.imports[name] = true
				}
			}
			return text
		}
	}
	return ""
}

// fits fills a form, or returns "" where the node's arguments do not fit.
func (w *writer) fits(f form, n *graph.Node) string {
	var args []any
	kwargs := map[string]any{}
	for _, in := range n.Inputs {
		if in.Keyword {
			kwargs[in.Name] = in.Value
		} else {
			args = append(args, in.Value)
		}
	}
	options, ok := w.tensorOptions(kwargs, strings.Contains(f, "OPTIONS"))
	if !ok {
		return ""
	}
	seen := map[int]bool{}
	text := slots.ReplaceAllStringFunc(f, func(s string) string {
		m := slots.FindStringSubmatch(s)
		i, _ := strconv.Atoi(m[1])
		seen[i] = true
		if i >= len(args) {
			ok = false
			return ""
		}
		filled, fit := w.slot(m[2], args[i])
		ok = ok && fit
		return filled
	})
	if !ok || len(seen) != len(args) {
		return ""
	}
	return strings.ReplaceAll(text, "OPTIONS", options)
}

// slot returns an argument for a slot of a form.
func (w *writer) slot(kind string, argument any) (string, bool) {
	if constant, ok := strings.CutPrefix(kind, "="); ok {
		text, err := w.value(argument)
		if f, isFloat := argument.(float64); isFloat {
			text = float(f)
		} else if i, isInt := argument.(int); isInt && strings.HasSuffix(constant, ".0") {
			text = float(float64(i))
		}
		return "", err == nil && text == constant
	}
	switch kind {
	case "s":
		return w.list(argument, "int")
	case "l":
		text, ok := w.list(argument, "int")
		return "[]int{" + text + "}", ok
	case "S":
		return w.list(argument, "*torch.Tensor")
	case "T":
		text, ok := w.list(argument, "*torch.Tensor")
		return "[]*torch.Tensor{" + text + "}", ok
	}
	text, err := w.value(argument)
	t := typeOf(argument)
	isNumber := t == "int" || t == "float64"
	switch kind {
	case "t":
		return text, err == nil && t == "*torch.Tensor"
	case "o":
		return text, err == nil && (isNumber || t == "*torch.Tensor")
	case "n":
		return text, err == nil && isNumber
	case "i":
		return text, err == nil && t == "int"
	case "b":
		return text, err == nil && t == "bool"
	case "f":
		if i, ok := argument.(int); ok {
			return float(float64(i)), true
		}
		return text, err == nil && t == "float64"
	}
	return "", false
}

// tensorOptions returns the options for the arguments by name of what makes a tensor.
func (w *writer) tensorOptions(kwargs map[string]any, taken bool) (string, bool) {
	text := ""
	for name, v := range kwargs {
		switch {
		case !taken:
			return "", false
		case name == "dtype":
			if d, ok := v.(torch.DType); ok && dtypes[d] != "" {
				text = ", torch.TensorOptions{DType: " + dtypes[d] + "}"
			} else if v != nil {
				return "", false
			}
		case name == "device" && (v == nil || v == torch.CPU), name == "pin_memory" && (v == nil || v == false), name == "layout" && v == nil:
		default:
			return "", false
		}
	}
	return text, true
}
