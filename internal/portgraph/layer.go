package portgraph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// layer is a module of package nn that does what nodes do.
type layer struct {
	name, constructor string
	expr, input       string // the call is expr.Forward(input)
}

// kinds are the operators that layers of package nn call: which of their arguments are the
// input and the weights, and how the layer is made. It is "" where the layer would do
// something else.
var kinds = map[string]struct {
	input   int
	weights map[int]string
	make    func(n *graph.Node, m *module) (name, constructor string)
}{
	"aten::linear":     {0, map[int]string{1: "weight", 2: "bias"}, linear},
	"aten::conv1d":     {0, map[int]string{1: "weight", 2: "bias"}, conv("Conv1d", 1)},
	"aten::conv2d":     {0, map[int]string{1: "weight", 2: "bias"}, conv("Conv2d", 2)},
	"aten::embedding":  {1, map[int]string{0: "weight"}, embedding},
	"aten::layer_norm": {0, map[int]string{2: "weight", 3: "bias"}, layerNorm},
	"aten::batch_norm": {0, map[int]string{1: "weight", 2: "bias", 3: "running_mean", 4: "running_var"}, batchNorm},
}

// findLayers finds the modules that are layers of package nn, and their calls.
func (w *writer) findLayers(g *graph.Graph) {
	calls := map[*module][]*graph.Node{}
	g.Walk(func(n *graph.Node, _ int) {
		if m := w.moduleOf(n); m != nil {
			calls[m] = append(calls[m], n)
		}
	})
	for m, nodes := range calls {
		name, constructor := "", ""
		for i, n := range nodes {
			k, c := kinds[n.Target].make(n, m)
			if i > 0 && c != constructor {
				k = ""
			}
			if name, constructor = k, c; name == "" {
				break
			}
		}
		if name == "" || !w.isPlain(m, name) {
			continue
		}
		delete(w.structs, m.path)
		m.layer = &layer{name: name, constructor: constructor}
		for _, f := range m.fields {
			f.name = exported(f.python)
		}
		for _, n := range nodes {
			w.calls[n] = &layer{name: name, expr: m.expr}
		}
		w.result.Layers++
	}
}

// moduleOf returns the module whose weights, all of them, are those that an operator
// takes where a layer's has them; nil if there is none.
func (w *writer) moduleOf(n *graph.Node) *module {
	kind, ok := kinds[n.Target]
	if !ok || slices.ContainsFunc(n.Inputs, func(in graph.Input) bool { return in.Keyword }) {
		return nil
	}
	var m *module
	given := 0
	for i, name := range kind.weights {
		if i >= len(n.Inputs) || n.Inputs[i].Value == nil {
			continue
		}
		v, ok := n.Inputs[i].Value.(*graph.Value)
		if !ok || w.weights[v] == nil || w.weights[v].field.python != name || m != nil && w.weights[v].module != m {
			return nil
		}
		m = w.weights[v].module
		given++
	}
	if m == nil || m == w.root {
		return nil
	}
	for _, f := range m.fields {
		switch {
		case f.module != nil:
			return nil
		case f.python == "num_batches_tracked":
			given++
		}
	}
	if given != len(m.fields) {
		return nil
	}
	return m
}

// isPlain reports whether all weights of a module are such as those of a layer.
func (w *writer) isPlain(m *module, name string) bool {
	for _, f := range m.fields {
		isBuffer := f.weight.spec.Kind == export.BufferInput
		switch f.python {
		case "weight", "bias":
			if isBuffer || f.weight.spec.Kind != export.ParameterInput || f.weight.spec.Tensor.DType() != torch.Float32 {
				return false
			}
		default:
			if !isBuffer || f.weight.spec.Persistent != nil && !*f.weight.spec.Persistent {
				return false
			}
		}
	}
	return !strings.HasPrefix(name, "BatchNorm") || len(m.fields) == 5
}

// sizes returns a weight's sizes.
func (m *module) sizes(name string) []int {
	if made := m.weightNamed(name); made != nil {
		return made.spec.Tensor.Shape()
	}
	return nil
}

// argument returns a node's argument that is a constant, or the default.
func argument[T any](n *graph.Node, i int, byDefault T) (v T, ok bool) {
	if i >= len(n.Inputs) {
		return byDefault, true
	}
	v, ok = n.Inputs[i].Value.(T)
	return v, ok
}

// intList returns an argument that is a list of constant ints.
func intList(n *graph.Node, i, size, byDefault int) ([]int, bool) {
	if i >= len(n.Inputs) {
		return slices.Repeat([]int{byDefault}, size), true
	}
	items, ok := n.Inputs[i].Value.([]any)
	if !ok {
		return nil, false
	}
	var list []int
	for _, item := range items {
		v, ok := item.(int)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	if len(list) == 1 {
		list = slices.Repeat(list, size)
	}
	return list, len(list) == size
}

// with returns the call of a constructor with options, if there are any.
func with(call, options string, fields []string) string {
	if len(fields) > 0 {
		call += ", nn." + options + "{" + strings.Join(fields, ", ") + "}"
	}
	return call + ")"
}

func linear(_ *graph.Node, m *module) (string, string) {
	shape := m.sizes("weight")
	if len(shape) != 2 {
		return "", ""
	}
	return "Linear", with(fmt.Sprintf("nn.NewLinear(%d, %d", shape[1], shape[0]), "LinearOptions", noBias(m))
}

// noBias returns the option of a layer without a bias.
func noBias(m *module) []string {
	if m.weightNamed("bias") == nil {
		return []string{"Bias: new(false)"}
	}
	return nil
}

// size returns sizes as one number where they are alike.
func size(list []int) string {
	if len(slices.Compact(slices.Clone(list))) == 1 {
		return fmt.Sprint(list[0])
	}
	return ints(list)
}

func conv(name string, dims int) func(n *graph.Node, m *module) (string, string) {
	return func(n *graph.Node, m *module) (string, string) {
		shape := m.sizes("weight")
		stride, ok1 := intList(n, 3, dims, 1)
		padding, ok2 := intList(n, 4, dims, 0)
		dilation, ok3 := intList(n, 5, dims, 1)
		groups, ok4 := argument(n, 6, 1)
		if !ok1 || !ok2 || !ok3 || !ok4 || len(shape) != dims+2 {
			return "", ""
		}
		var fields []string
		if size(stride) != "1" {
			fields = append(fields, "Stride: "+size(stride))
		}
		if size(padding) != "0" {
			fields = append(fields, "Padding: "+size(padding))
		}
		if size(dilation) != "1" {
			fields = append(fields, "Dilation: "+size(dilation))
		}
		if groups != 1 {
			fields = append(fields, fmt.Sprintf("Groups: new(%d)", groups))
		}
		return name, with(fmt.Sprintf("nn.New%s(%d, %d, %s", name, shape[1]*groups, shape[0], size(shape[2:])), name+"Options", append(fields, noBias(m)...))
	}
}

func embedding(n *graph.Node, m *module) (string, string) {
	shape := m.sizes("weight")
	padding, ok1 := argument(n, 2, -1)
	byFrequency, ok2 := argument(n, 3, false)
	sparse, ok3 := argument(n, 4, false)
	if !ok1 || !ok2 || !ok3 || byFrequency || sparse || len(shape) != 2 {
		return "", ""
	}
	var fields []string
	if padding >= 0 {
		fields = append(fields, fmt.Sprintf("PaddingIdx: new(%d)", padding))
	}
	return "Embedding", with(fmt.Sprintf("nn.NewEmbedding(%d, %d", shape[0], shape[1]), "EmbeddingOptions", fields)
}

func layerNorm(n *graph.Node, m *module) (string, string) {
	shape := m.sizes("weight")
	eps, ok := argument(n, 4, 1e-5)
	if !ok || len(shape) == 0 || m.weightNamed("bias") == nil {
		return "", ""
	}
	var fields []string
	if eps != 1e-5 {
		fields = append(fields, "Eps: new("+float(eps)+")")
	}
	sizes := fmt.Sprint(shape[0])
	if len(shape) > 1 {
		sizes = ints(shape)
	}
	return "LayerNorm", with("nn.NewLayerNorm("+sizes, "LayerNormOptions", fields)
}

func batchNorm(n *graph.Node, m *module) (string, string) {
	training, ok1 := argument(n, 5, true)
	momentum, ok2 := argument(n, 6, 0.1)
	eps, ok3 := argument(n, 7, 1e-5)
	x, ok4 := n.Inputs[0].Value.(*graph.Value)
	if !ok1 || !ok2 || !ok3 || !ok4 || training || x.Type == nil {
		return "", ""
	}
	name := map[int]string{2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}[len(x.Type.Shape)]
	if name == "" {
		return "", ""
	}
	var fields []string
	if momentum != 0.1 {
		fields = append(fields, "Momentum: new("+float(momentum)+")")
	}
	if eps != 1e-5 {
		fields = append(fields, "Eps: new("+float(eps)+")")
	}
	return name, with(fmt.Sprintf("nn.New%s(%d", name, m.sizes("weight")[0]), "BatchNormOptions", fields)
}
