package main

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// source draws the arguments of one call. What it draws fits together more often
// than not, or few calls would get far: most tensors have the call's dtype and
// sizes, and names of parameters say what is likely. In half of the calls, the plain
// ones, only this is drawn; in some, the wild ones, names say nothing.
type source struct {
	*rand.Rand
	program program
	tensors []variable
	dtype   torch.DType
	sizes   []int
	length  int // of lists of tensors
	plain   bool
	wild    bool
}

// randomCall returns a call of the operator, the same for the same seed and number.
func randomCall(s *schema.Schema, seed uint64, number int) program {
	hash := fnv.New64a()
	hash.Write([]byte(operatorName(s)))
	r := &source{Rand: rand.New(rand.NewPCG(seed^hash.Sum64(), uint64(number)))}
	r.plain = r.chance(0.5)
	r.wild = !r.plain && r.chance(0.2)
	r.dtype = pick(r, torch.Float32, torch.Float32, torch.Float32, torch.Int64, r.anyDType())
	r.sizes = r.anySizes()
	for d, name := range []string{"1d", "2d", "3d"} { // pooling, padding and so on
		for r.plain && strings.Contains(s.Name, name) && len(r.sizes) != d+3 {
			r.sizes = r.anySizes()
		}
	}
	if n := len(r.sizes); n > 1 && r.chance(0.4) {
		r.sizes[n-1] = r.sizes[n-2]
	}
	r.length = 1 + r.IntN(3)
	call := statement{op: operatorName(s)}
	positional := true
	for _, a := range s.Arguments {
		if a.HasDefault && r.chance(0.5) {
			positional = false
			continue
		}
		v := r.argument(a)
		if positional && !a.Keyword {
			call.args = append(call.args, v)
		} else {
			call.kwargs = append(call.kwargs, keyword{a.Name, v})
		}
	}
	if !r.plain && r.chance(0.01) { // what no call takes
		call.kwargs = append(call.kwargs, keyword{"no_such_name", 1})
	}
	return append(r.program, call)
}

// operatorName returns the operator's name with its overload.
func operatorName(s *schema.Schema) string {
	name, _, _ := strings.Cut(s.Text, "(")
	return name
}

func (r *source) chance(p float64) bool { return r.Float64() < p }

// pick draws one of some values.
func pick[T any](r *source, values ...T) T { return values[r.IntN(len(values))] }

// argument draws a value for a parameter.
func (r *source) argument(a schema.Argument) any {
	if !r.plain && r.chance(0.005) {
		return pick[any](r, nil, "text", true, -1, 0.5, 1i, torch.Float32, torch.CPU, []any{}, []any{1, "text"})
	}
	if a.Keyword && a.Type.Name == "Tensor" && strings.HasPrefix(a.Name, "out") {
		sizes, dtype := r.sizes, r.dtype
		if r.chance(0.5) {
			sizes = []int{0}
		}
		if r.chance(0.3) {
			dtype = pick(r, torch.Int64, torch.Bool, r.anyDType())
		}
		return r.dense(dtype, sizes, r.numbers)
	}
	name := a.Name
	if r.wild {
		name = ""
	}
	return r.value(a.Type, name)
}

// value draws a value of a type for a parameter of that name.
func (r *source) value(t *schema.Type, name string) any {
	if t.Optional && r.chance(0.4) {
		return nil
	}
	if t.Element != nil {
		return r.list(t, name)
	}
	switch t.Name {
	case "Tensor":
		return r.tensor(name)
	case "int":
		return r.int(name)
	case "float":
		return r.float()
	case "complex":
		return complex(r.float(), r.float())
	case "Scalar":
		return pick[any](r, r.int(""), r.int(""), r.float(), r.float(), r.chance(0.5), complex(r.float(), r.float()))
	case "bool":
		return r.chance(0.5)
	case "str":
		return r.word(name)
	case "ScalarType":
		if r.chance(0.15) {
			return pick(r, rareDTypes...)
		}
		return pick(r, r.dtype, r.anyDType())
	case "Layout":
		if r.chance(0.02) {
			return torch.Layout(9 + r.IntN(247))
		}
		return pick(r, torch.Strided, torch.Strided, torch.Layout(1+r.IntN(8)))
	case "MemoryFormat":
		if r.chance(0.02) {
			return torch.MemoryFormat(5 + r.IntN(251))
		}
		return torch.MemoryFormat(1 + r.IntN(4))
	case "Device":
		return pick(r, torch.CPU, torch.CPU, torch.CPU, torch.CPU, torch.Meta, r.device())
	case "Generator":
		return seed(r.IntN(100))
	}
	return nil // no value of Go is one of these
}

// device draws a device that is not there.
func (r *source) device() torch.Device {
	device, err := torch.ParseDevice(pick(r, "mps", "xla:1", "mkldnn", "vulkan", "lazy", "hpu:127"))
	if err != nil {
		panic(err)
	}
	return device
}

func (r *source) list(t *schema.Type, name string) any {
	if t.Size > 0 && r.chance(0.1) {
		return repeat{r.value(t.Element, name), t.Size}
	}
	if t.Element.Name == "int" && !r.wild {
		if list := r.sizesFor(name); list != nil && (t.Size <= 1 || t.Size == len(list)) && r.chance(0.8) {
			return listOf(list)
		}
	}
	n := max(t.Size, 1)
	switch {
	case !r.plain && r.chance(0.01):
		n = 65
	case (t.Element.Name == "Tensor" || t.Element.Name == "Scalar") && r.chance(0.7):
		n = r.length
	case t.Size == 0 && t.Element.Name == "int" && r.chance(0.6):
		n = len(r.sizes)
	case t.Size == 0 || !r.plain && r.chance(0.2):
		n = r.IntN(7)
	}
	list := make([]any, n)
	for i := range list {
		list[i] = r.value(t.Element, name)
	}
	return list
}

// sizesFor draws a list of integers for what a name says, or nil.
func (r *source) sizesFor(name string) []int {
	switch {
	case strings.Contains(name, "stride") && len(r.sizes) > 0 && r.chance(0.3):
		return strides(r.sizes)
	case strings.Contains(name, "size") || strings.Contains(name, "shape"):
		return pick(r, r.sizes, r.sizes, r.anySizes())
	case strings.HasPrefix(name, "dim") && len(r.sizes) > 0:
		return r.Perm(len(r.sizes))[:r.IntN(len(r.sizes)+1)]
	}
	return nil
}

// strides returns the strides of a contiguous tensor.
func strides(sizes []int) []int {
	list := make([]int, len(sizes))
	step := 1
	for i, size := range slices.Backward(sizes) {
		list[i] = step
		step *= max(size, 1)
	}
	return list
}

// huge are integers that no size or index is.
var huge = []int{100, 1000, 1 << 16, math.MaxInt32, math.MinInt32, 1 << 32, 1 << 40, math.MaxInt64 / 8, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}

func (r *source) int(name string) int {
	if !r.plain && r.chance(0.06) {
		return pick(r, huge...)
	}
	n := len(r.sizes)
	switch {
	case (strings.Contains(name, "dim") || strings.Contains(name, "axis")) && n > 0 && r.chance(0.9):
		return r.IntN(2*n) - n
	case name == "reduction":
		return r.IntN(4)
	case name == "groups" && r.chance(0.8):
		return 1
	}
	for _, positive := range []string{"stride", "dilation", "kernel", "size", "num", "steps", "length", "bins"} {
		if strings.Contains(name, positive) && r.chance(0.9) {
			return 1 + r.IntN(4)
		}
	}
	return pick(r, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 8, -1, -1, -2, -5)
}

func (r *source) float() float64 {
	if r.chance(0.2) {
		return pick(r, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e-320, 1e30, -1e30, math.MaxFloat64)
	}
	return pick(r, 0, 0.5, 1, 1, 2, 1e-5, -1, -0.5, 3.25, 100)
}

// words are what strings stand for, by the parameter's name.
var words = map[string][]string{
	"norm":               {"forward", "backward", "ortho"},
	"reduce":             {"sum", "prod", "mean", "amax", "amin", "max", "min", "add", "multiply"},
	"reduce_op":          {"sum", "avg", "max"},
	"rounding_mode":      {"floor", "trunc"},
	"attr":               {"none", "relu", "tanh", "sigmoid", "hardtanh", "gelu", "leaky_relu", "swish", "add", "mul"},
	"algorithm":          {"none", "tanh"},
	"driver":             {"gels", "gelsd", "gelss", "gelsy", "gesvd", "gesvdj"},
	"interpolation":      {"linear", "lower", "higher", "midpoint", "nearest"},
	"approximate":        {"none", "tanh"},
	"unary_attr":         {"none", "relu", "tanh"},
	"binary_attr":        {"add", "sub", "mul", "div", "sum"},
	"side":               {"left", "right"},
	"padding_side":       {"left", "right"},
	"padding":            {"same", "valid"},
	"mode":               {"constant", "reflect", "replicate", "circular", "reduced", "complete", "r"},
	"pad_mode":           {"constant", "reflect", "replicate", "circular"},
	"ord":                {"fro", "nuc"},
	"p":                  {"fro", "nuc"},
	"activation":         {"relu", "gelu"},
	"unary_post_op":      {"none", "relu", "gelu", "hardtanh"},
	"post_op_name":       {"none", "relu", "gelu", "leaky_relu"},
	"binary_post_op":     {"none", "add", "sum"},
	"indexing":           {"ij", "xy"},
	"equation":           {"ij,jk->ik", "ij->ji", "i,i->", "...i,...i->...", "ii", "ij,kl", "a b -> c", "->", ",,", "bij,bjk->bik"},
	"post_op_algorithm":  {"none", "tanh"},
	"unary_algorithm":    {"none", "tanh"},
	"unary_post_op_algo": {"none", "tanh"},
}

func (r *source) word(name string) string {
	if list := words[name]; list != nil && r.chance(0.85) {
		return pick(r, list...)
	}
	return pick(r, "", "sum", "mean", "none", "tanh", "linear", "text", "Ünïcode\x00", strings.Repeat("x", 1000))
}
