package aoti

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// Input is a tensor that a compiled model takes.
type Input struct {
	Name   string      // where it is in the arguments, such as "args[0]" or "args[1]['mask']"
	DType  torch.DType // its elements
	Shape  []Dim       // its sizes
	Stride []int       // its strides, with -1 for those that depend on its sizes
	Device string      // the type of the device that it is on, such as "cpu"
}

// String returns dtype and sizes, such as "float32[1..64, 28]".
func (in Input) String() string {
	sizes := make([]string, len(in.Shape))
	for i, d := range in.Shape {
		sizes[i] = d.String()
	}
	return strings.TrimPrefix(in.DType.String(), "torch.") + "[" + strings.Join(sizes, ", ") + "]"
}

// Dim is which sizes a dimension may have: Min to Max.
type Dim struct{ Min, Max int }

// String returns the size, such as "28", or which they are, such as "1..64" or "1..".
func (d Dim) String() string {
	switch {
	case d.Min == d.Max:
		return strconv.Itoa(d.Min)
	case d.Max == math.MaxInt:
		return strconv.Itoa(d.Min) + ".."
	}
	return fmt.Sprintf("%d..%d", d.Min, d.Max)
}

// Constant is a tensor that was compiled into a model: a weight.
type Constant struct {
	Name  string      // in the module that was compiled, such as "fc1.weight"
	DType torch.DType // its elements
	Shape []int       // its sizes
	Kind  string      // "Parameter", "Buffer" or "TensorConstant", as PyTorch calls them
}

// source is what the C++ says from which a model was compiled. PyTorch's generator writes
// it, and it is in every package: the library itself does not say what inputs it wants.
type source struct {
	in, out   string // how arguments and results lie
	inputs    []Input
	outputs   int
	constants []Constant
}

var (
	inputLine    = regexp.MustCompile(`(?m)^\s*inputs_info_\[(\d+)\]\.name = "(\w+)";`)
	outputLine   = regexp.MustCompile(`(?m)^\s*outputs_info_\[(\d+)\]\.name = `)
	constantLine = regexp.MustCompile(`(?m)^\s*constants_info_\[(\d+)\]\.(\w+) = (.*);`)
	specLine     = regexp.MustCompile(`(?m)^\s*(in|out)_spec_ = R"(\w*)\((.*)\)(\w*)";`)

	dtypeLine  = regexp.MustCompile(`_expected_dtype = aoti_torch_dtype_(\w+)\(\)`)
	deviceLine = regexp.MustCompile(`_expected_device_type = (\d+);`)
	fixedLine  = regexp.MustCompile(`if \((\d+) != \w+_size\[(\d+)\]\)`)
	leastLine  = regexp.MustCompile(`if \(\w+_size\[(\d+)\] < (\d+)\)`)
	mostLine   = regexp.MustCompile(`if \(\w+_size\[(\d+)\] > (\d+)\)`)
	strideLine = regexp.MustCompile(`if \((-?\d+) != \w+_stride\[(\d+)\]\)`)
)

// readSource reads the C++ of a model.
func readSource(text string) (*source, error) {
	s := &source{}
	for _, m := range specLine.FindAllStringSubmatch(text, -1) {
		if m[1] == "in" {
			s.in = m[3]
		} else {
			s.out = m[3]
		}
	}
	if s.in == "" || s.out == "" {
		return nil, errors.New("it does not say how arguments and results lie")
	}
	for i, m := range inputLine.FindAllStringSubmatch(text, -1) {
		if m[1] != strconv.Itoa(i) {
			return nil, fmt.Errorf("input %s comes as number %d", m[1], i)
		}
		in, err := readInput(text, i, m[2])
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		s.inputs = append(s.inputs, in)
	}
	s.outputs = len(outputLine.FindAllString(text, -1))
	return s, s.readConstants(text)
}

// readInput reads the function that compares an input with what the model was compiled for.
func readInput(text string, i int, name string) (in Input, err error) {
	_, check, ok := strings.Cut(text, fmt.Sprintf("static void check_input_%d(", i))
	if ok {
		check, _, ok = strings.Cut(check, "\n}")
	}
	dtype := dtypeLine.FindStringSubmatch(check)
	if !ok || dtype == nil {
		return in, errors.New("nothing says which tensors it may be")
	}
	if in.DType = dtypeNamed(dtype[1]); in.DType == 0 {
		return in, fmt.Errorf("it is of dtype %s, which has no counterpart in Go", brief.Text(dtype[1]))
	}
	if device := deviceLine.FindStringSubmatch(check); device != nil {
		in.Device = deviceTypes[device[1]]
	}
	// Each size that the source looks at is one that the input has.
	sizes := regexp.MustCompile(`\b` + name + `_size\[(\d+)\]`)
	rank := 0
	for _, m := range slices.Concat(sizes.FindAllStringSubmatch(text, -1), swapped(strideLine.FindAllStringSubmatch(check, -1))) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n >= maxDims {
			return in, fmt.Errorf("it has a dimension %s", brief.Text(m[1]))
		}
		rank = max(rank, n+1)
	}
	in.Shape, in.Stride = make([]Dim, rank), make([]int, rank)
	for d := range rank {
		in.Shape[d], in.Stride[d] = Dim{0, math.MaxInt}, -1
	}
	for _, fact := range []struct {
		matches [][]string
		note    func(d, n int)
	}{
		{swapped(fixedLine.FindAllStringSubmatch(check, -1)), func(d, n int) { in.Shape[d] = Dim{n, n} }},
		{leastLine.FindAllStringSubmatch(check, -1), func(d, n int) {
			if n > 2 { // which is the least size that PyTorch traces a dynamic one with, and no bound
				in.Shape[d].Min = n
			}
		}},
		{mostLine.FindAllStringSubmatch(check, -1), func(d, n int) { in.Shape[d].Max = n }},
		{swapped(strideLine.FindAllStringSubmatch(check, -1)), func(d, n int) { in.Stride[d] = n }},
	} {
		for _, m := range fact.matches {
			d, err1 := strconv.Atoi(m[1])
			n, err2 := strconv.Atoi(m[2])
			if err1 != nil || err2 != nil || d >= rank {
				return in, fmt.Errorf("it has no dimension %s of %s", brief.Text(m[1]), brief.Text(m[2]))
			}
			fact.note(d, n)
		}
	}
	return in, nil
}

// maxDims is how many dimensions a tensor may have, and more.
const maxDims = 64

// swapped returns matches with their two groups in the other order.
func swapped(matches [][]string) [][]string {
	for _, m := range matches {
		m[1], m[2] = m[2], m[1]
	}
	return matches
}

// deviceTypes are the types of devices by their numbers in libtorch.
var deviceTypes = map[string]string{"0": "cpu", "1": "cuda", "12": "xpu", "13": "mps", "14": "meta"}

// dtypeNamed returns the dtype of a name such as "float32", or 0.
func dtypeNamed(name string) torch.DType {
	for d := torch.DType(1); d < 64; d++ {
		if d.String() == "torch."+name {
			return d
		}
	}
	return 0
}

func (s *source) readConstants(text string) error {
	var list []Constant
	folded := map[int]bool{}
	for _, m := range constantLine.FindAllStringSubmatch(text, -1) {
		i, err := strconv.Atoi(m[1])
		if err != nil || i > len(list) {
			return fmt.Errorf("constant %s comes after %d", brief.Text(m[1]), len(list))
		}
		if i == len(list) {
			list = append(list, Constant{})
		}
		c, value := &list[i], m[3]
		switch m[2] {
		case "original_fqn":
			if c.Name, err = strconv.Unquote(value); err != nil {
				return fmt.Errorf("constant %d has the name %s", i, brief.Text(value))
			}
		case "dtype":
			c.DType = dtypeNamed(strings.TrimPrefix(value, "cached_torch_dtype_"))
		case "shape":
			if c.Shape, err = readShape(value); err != nil {
				return fmt.Errorf("constant %d: %w", i, err)
			}
		case "type":
			_, kind, _ := strings.Cut(value, "ConstantType::")
			c.Kind = brief.Text(strings.TrimSuffix(kind, ")"))
		case "from_folded":
			folded[i] = value == "true"
		}
	}
	for i, c := range list {
		if !folded[i] { // those are computed of the others
			s.constants = append(s.constants, c)
		}
	}
	return nil
}

func readShape(text string) ([]int, error) {
	text = strings.Trim(text, "{}")
	shape := []int{}
	if text == "" {
		return shape, nil
	}
	for size := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(size), "L"))
		if err != nil || n < 0 {
			return nil, fmt.Errorf("it has the sizes {%s}", brief.Text(text))
		}
		shape = append(shape, n)
	}
	return shape, nil
}

// check says why a tensor may not be the input, or "".
func (in *Input) check(x *torch.Tensor) string {
	if x == nil || x.IsClosed() {
		return "is nil or closed"
	}
	if layout := x.Layout(); layout != torch.Strided || x.IsNested() {
		return fmt.Sprintf("is a tensor of layout %v, and the model was compiled for dense ones: give its ToDense()", layout)
	}
	if x.DType() != in.DType {
		return fmt.Sprintf("is of dtype %v, and the model was compiled for %v", x.DType(), in.DType)
	}
	if in.Device != "" && x.Device().Type() != in.Device {
		return fmt.Sprintf("is on %v, and the model was compiled for %s", x.Device(), in.Device)
	}
	shape := x.Shape()
	if len(shape) != len(in.Shape) {
		return fmt.Sprintf("has the sizes %d, and the model was compiled for %s", shape, in)
	}
	for d, n := range shape {
		if n < in.Shape[d].Min || n > in.Shape[d].Max {
			return fmt.Sprintf("has the sizes %d, and the model was compiled for %s", shape, in)
		}
	}
	return in.checkLayout(x, shape)
}

// checkLayout says why a tensor of the right sizes does not lie in memory as the model
// wants, or "". Where there is but one element in a dimension, its stride is not used.
func (in *Input) checkLayout(x *torch.Tensor, shape []int) string {
	if slices.Contains(shape, 0) {
		return ""
	}
	given, remedy, contiguous := x.Stride(), "", 1
	for d := range slices.Backward(given) {
		if in.Stride[d] >= 0 && in.Stride[d] != contiguous {
			remedy = ", which no Contiguous() is"
		}
		contiguous *= shape[d]
	}
	for d, stride := range given {
		if want := in.Stride[d]; want >= 0 && stride != want && shape[d] > 1 {
			if remedy == "" {
				remedy = ": give its Contiguous()"
			}
			return fmt.Sprintf("has the strides %d, and the model was compiled for %d%s", given, in.Stride, remedy)
		}
	}
	return ""
}
