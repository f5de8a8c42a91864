package tensorboard

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Model is a network of which [SummaryWriter.AddGraph] can draw the graph: every
// struct that embeds [nn.Module] and has a Forward of one tensor.
type Model interface {
	nn.Layer
	module
	NamedModules() []nn.NamedModule
	NamedParameters() []nn.NamedTensor
}

// module is what is asked of each module of a model.
type module interface {
	IsTraining() bool
	Train(mode ...bool)
	RegisterForwardPreHook(f func(module nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor, options ...nn.HookOptions) *torch.Hook
	RegisterForwardHook(f func(module nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor, options ...nn.HookOptions) *torch.Hook
}

// AddGraph adds a drawing of what the model computes from input, in evaluation
// mode: its operations and parameters, grouped by modules, and the shapes of what
// flows between them. Other than Python's, which traces TorchScript, it comes from
// autograd's graph, so it shows operations through which gradients flow. Those of
// a module that is called by its Forward alone, without [nn.Call] or [nn.Module.Run],
// belong to the module around it. It panics where Forward does.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_graph
func (w *SummaryWriter) AddGraph(model Model, input *torch.Tensor, options ...EventOptions) {
	var graph field
	torch.Scope(func() { torch.EnableGrad(func() { graph = graphOf(model, input) }) })
	w.write(option.First(options).time(), 0, bytes(4, graph))
}

// span is a module's part of a run: the numbers of autograd's nodes before it and
// after it.
type span struct {
	path       string
	start, end uint64
}

// drawing is a graph that is being drawn.
type drawing struct {
	root  string
	spans []span
	names map[uint64]string // of nodes that are drawn, by key
	used  map[string]int    // how often a name was wanted
	nodes field
}

// graphOf runs the model and returns the graph of its output, a GraphDef.
func graphOf(model Model, input *torch.Tensor) field {
	runtime.LockOSThread() // each thread numbers its nodes
	defer runtime.UnlockOSThread()
	d := &drawing{root: nn.TypeName(model), names: map[uint64]string{}, used: map[string]int{}}
	if input.IsFloatingPoint() {
		// Its gradient makes all that is computed of it part of the graph.
		input = input.Detach().SetRequiresGrad(true).Clone()
		d.names[input.GradFn().Key()] = d.add("input/input", "IO Node", nil, input.Shape())
	} else {
		d.add("input/input", "IO Node", nil, input.Shape())
	}
	var leaves []*torch.Node // a parameter refers to its node only as long as others do
	for _, p := range model.NamedParameters() {
		if p.Tensor.RequiresGrad() {
			leaf := accumulator(p.Tensor)
			leaves = append(leaves, leaf)
			d.names[leaf.Key()] = d.add(d.path(p.Name), "Parameter", nil, p.Tensor.Shape())
		}
	}
	output := d.run(model, input)
	var inputs []string
	if node := output.GradFn(); node != nil {
		inputs = append(inputs, d.visit(node))
	}
	runtime.KeepAlive(leaves)
	d.add("output/output", "IO Node", inputs, output.Shape())
	const producer = 22 // the version of the format, as Python gives it
	return join(d.nodes, message(4, integer(1, producer)))
}

// path returns where a module or a parameter is drawn.
func (d *drawing) path(name string) string {
	if name == "" {
		return d.root
	}
	return d.root + "/" + strings.ReplaceAll(name, ".", "/")
}

// run calls the model in evaluation mode and notes when it was in which module.
func (d *drawing) run(model Model, input *torch.Tensor) *torch.Tensor {
	var open []int
	for _, m := range model.NamedModules() {
		part := m.Module.(module)
		defer part.RegisterForwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor {
			open = append(open, len(d.spans))
			d.spans = append(d.spans, span{path: d.path(m.Name), start: sequence()})
			return nil
		}).Remove()
		defer part.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
			d.spans[open[len(open)-1]].end = sequence()
			open = open[:len(open)-1]
			return nil
		}).Remove()
	}
	defer evaluating(model)()
	return nn.Call(model, input)
}

// evaluating sets the model to evaluation mode; restore undoes it.
func evaluating(model Model) (restore func()) {
	modules := model.NamedModules()
	modes := make([]bool, len(modules))
	for i, m := range modules {
		modes[i] = m.Module.(module).IsTraining()
	}
	model.Train(false)
	return func() {
		for i, m := range modules { // those within come later
			m.Module.(module).Train(modes[i])
		}
	}
}

// sequence returns the number of a node that is made now.
func sequence() uint64 {
	return torch.Zeros(nil, torch.TensorOptions{RequiresGrad: true}).Neg().GradFn().SequenceNr()
}

// accumulator returns the node that a leaf's gradient goes to.
func accumulator(leaf *torch.Tensor) *torch.Node {
	return leaf.ViewAs(leaf).GradFn().NextFunctions()[0].Node
}

// visit draws a node, after those that it depends on, and returns its name.
func (d *drawing) visit(node *torch.Node) string {
	if name, ok := d.names[node.Key()]; ok {
		return name
	}
	var inputs []string
	for _, edge := range node.NextFunctions() {
		if edge.Node == nil {
			continue
		}
		name := d.visit(edge.Node)
		if edge.Index > 0 {
			name = fmt.Sprintf("%s:%d", name, edge.Index)
		}
		inputs = append(inputs, name)
	}
	op := backward.ReplaceAllString(node.Name(), "")
	name := d.add(d.moduleOf(node)+"/"+op, op, inputs, node.OutputShapes()...)
	d.names[node.Key()] = name
	return name
}

// backward is what the names of derivatives have after the operation's.
var backward = regexp.MustCompile(`Backward\d*$`)

// moduleOf returns the path of the innermost module that the node was made in.
func (d *drawing) moduleOf(node *torch.Node) string {
	path, number, latest := d.root, node.SequenceNr(), uint64(0)
	for _, s := range d.spans {
		if s.start < number && number < s.end && s.start >= latest {
			path, latest = s.path, s.start
		}
	}
	return path
}

// add draws a node under a name like the given one, a NodeDef, and returns the name.
func (d *drawing) add(name, op string, inputs []string, shapes ...[]int) string {
	d.used[name]++
	if n := d.used[name]; n > 1 {
		name = fmt.Sprintf("%s_%d", name, n-1)
	}
	fields := []field{bytes(1, name), bytes(2, op)}
	for _, input := range inputs {
		fields = append(fields, bytes(3, input))
	}
	var list field
	for _, shape := range shapes {
		list = append(list, bytes(7, sizes(shape))...)
	}
	fields = append(fields, message(5, bytes(1, "_output_shapes"), message(2, message(1, list))))
	d.nodes = append(d.nodes, message(1, fields...)...)
	return name
}
