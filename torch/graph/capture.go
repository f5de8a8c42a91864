package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/plan"
	"github.com/wangkuiyi/gotorch/torch"
)

// CaptureOptions are the options of [Capture].
type CaptureOptions struct {
	Recapture bool // capture anew for inputs of other shapes, dtypes, strides or devices, instead of an error

	// CUDAGraph lets the third run be recorded as a CUDA graph, which later ones replay: one
	// launch for all kernels. The first two runs go over a stream of their own, and inputs are
	// copied in and results out. It is an error where a tensor is not on the one CUDA device,
	// where the function changes or returns an input, adds to gradients that are there, draws
	// from a generator that is not the device's default one, or calls operators that are not
	// libtorch's own. One goroutine runs such a graph at a time. This has not been run on a GPU.
	CUDAGraph bool
}

// Captured is a function that was captured: its operators, with those of its backward
// passes and optimizers' steps. It is freed by the garbage collector, or by Close.
type Captured struct {
	// Graph is what was captured. Its inputs are the function's, and then the tensors that
	// it uses, those of Constants.
	Graph *Graph
	// Constants are the tensors that were there before, such as parameters, buffers and
	// an optimizer's state. They are live: what they hold when the graph runs counts.
	Constants []*torch.Tensor
	// First are the results of the run that was captured.
	First []*torch.Tensor

	function func(inputs []*torch.Tensor) []*torch.Tensor
	options  CaptureOptions
	plan     runner
	places   []string          // of the plan's nodes
	others   latest[*Captured] // for other inputs
}

// runner is a plan, as package torch makes it.
type runner interface {
	Run(inputs []*torch.Tensor) (results []*torch.Tensor, node int, err error)
	Record() error
	Free()
	Bytes() int
}

// Capture calls f with the inputs and notes the operators that it calls, to run them again
// in one call and in memory that was planned, which is faster the smaller the tensors are.
// f is a forward pass, or a whole training step with Backward and an optimizer's Step:
//
//	step, err := graph.Capture(func(in []*torch.Tensor) []*torch.Tensor {
//		optimizer.ZeroGrad()
//		loss := criterion.Forward(net.Forward(in[0]), in[1])
//		loss.Backward()
//		optimizer.Step()
//		return []*torch.Tensor{loss}
//	}, []*torch.Tensor{x, y})
//	...
//	loss := step.Run(x, y)[0]
//
// Capture makes this one step, whose results are First. What f does that is not an operator
// is done in this call only: Go's own computations, numbers that go into operators, prints.
// So a learning rate that changes is a tensor, optimizers that count steps are Capturable,
// and a first step that differs from later ones, since it makes an optimizer's state, comes
// before Capture. Tensors that f finds, rather than gets, are the graph's constants;
// parameters and buffers among them stay live. Random operators draw anew in each run.
//
// What changes later than Capture and is no tensor's value is not seen: a module's new
// parameters or hooks, another Training mode, an optimizer's options or new groups, what a
// variable of f's holds from call to call. Goroutines that f starts are no part of it.
//
// It fails, and says where, if f reads a tensor's value ([torch.Tensor.Item], printing,
// ToSlice), has results whose size depends on values, changes where a tensor's memory is,
// seeds a generator, uses sparse, nested or quantized tensors, or panics. Results of a graph
// require no gradient: a result that does, while f ran no backward pass, is an error.
//
// It is what torch.cuda.graph does in Python, on any device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.graph.html
func Capture(f func(inputs []*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor, options ...CaptureOptions) (*Captured, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, torch.Errorf("graph.Capture", torch.TypeError, "the function is nil")
	}
	return o.capture(f, inputs)
}

// capture is Capture.
func (o CaptureOptions) capture(f func(inputs []*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor) (*Captured, error) {
	c, err := record(f, inputs, true)
	if err != nil {
		return nil, err
	}
	c.function, c.options = f, o
	if o.CUDAGraph {
		if err := c.plan.Record(); err != nil {
			c.plan.Free()
			return nil, err
		}
	}
	return c, nil
}

// record calls f and makes a graph of what it calls, and a plan if that is asked for.
func record(f func(inputs []*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor, planned bool) (*Captured, error) {
	r := newRecorder()
	defer r.free()
	var results []*torch.Tensor
	gradients := make([]*torch.Tensor, len(inputs))
	err := torch.Try(func() {
		r.inputs(inputs)
		for i, x := range inputs {
			gradients[i] = x.Grad()
		}
		// Casts of weights from before are no operators of f, and those that f makes are
		// not for others.
		torch.ClearAutocastCache()
		defer torch.ClearAutocastCache()
		torch.WithDispatch(r, func() {
			results = f(inputs)
			for i, x := range results {
				if x == nil || x.IsClosed() {
					panic(torch.Errorf("graph.Capture", torch.TypeError, "result %d is nil or closed", i))
				}
				r.find(x.Keep())
			}
		}, torch.DispatchOptions{Scoped: true})
		for i, x := range inputs {
			if x.IsClosed() {
				continue // f has closed it
			}
			if after := x.Grad(); after != nil && (gradients[i] == nil || internals.TensorKey(after) != internals.TensorKey(gradients[i])) {
				panic(torch.Errorf("graph.Capture", torch.RuntimeError,
					"input %d gets a gradient, which other inputs would not: return it as a result, by autograd.Grad", i))
			}
		}
	})
	if r.refusal != nil { // which f may have recovered from
		err = r.refusal
	}
	if err != nil {
		return nil, err
	}
	return r.finish(results, planned)
}

// inputs notes the inputs.
func (r *recorder) inputs(inputs []*torch.Tensor) {
	for i, x := range inputs {
		if x == nil {
			panic(torch.Errorf("graph.Capture", torch.TypeError, "input %d is nil", i))
		}
		if t := r.seen(x); t != nil {
			panic(torch.Errorf("graph.Capture", torch.ValueError,
				"inputs %d and %d are the same, so what is done to each cannot be told: give one of them, or a Clone", t.number, i))
		}
		r.graph.Inputs = append(r.graph.Inputs, r.add(x, plan.Input, fmt.Sprintf("input_%d", i)).value)
	}
}

// finish makes the graph, and its plan if that is asked for.
func (r *recorder) finish(results []*torch.Tensor, planned bool) (*Captured, error) {
	c := &Captured{Graph: r.graph, First: results}
	program := &plan.Program{}
	r.gradients(program)
	backward := len(program.Gradients) > 0 || slices.ContainsFunc(r.traced, func(t *traced) bool { return t.kind == plan.Gradient })
	for i, x := range results {
		if x.RequiresGrad() && !x.IsLeaf() && !backward {
			return nil, torch.Errorf("graph.Capture", torch.RuntimeError,
				"result %d requires gradients, which a graph's results do not: capture within torch.NoGrad, or capture Backward, too", i)
		}
		r.graph.Outputs = append(r.graph.Outputs, r.find(x).value)
	}
	if planned {
		made, err := r.runner(results, program)
		if err != nil {
			return nil, err
		}
		c.plan = made
	}
	for _, t := range r.traced {
		if t.kind == plan.Constant || t.kind == plan.Gradient {
			c.Constants = append(c.Constants, t.tensor)
			r.graph.Inputs = append(r.graph.Inputs, t.first)
		}
	}
	for _, n := range r.graph.Nodes {
		c.places = append(c.places, n.place())
	}
	r.graph.clean()
	return c, nil
}

// runner makes a plan of a program, which has its gradients already.
func (r *recorder) runner(results []*torch.Tensor, program *plan.Program) (runner, error) {
	for _, x := range results {
		program.Results = append(program.Results, r.find(x).number)
	}
	examples := make([]*torch.Tensor, len(r.traced))
	for i, t := range r.traced {
		examples[i] = cmp.Or(t.tensor, t.stand)
		v := plan.Value{Kind: t.kind, Of: t.of, RequiresGrad: t.first.Type.RequiresGrad}
		if t.kind == plan.Input {
			v.Of = i // they come first
		}
		program.Values = append(program.Values, v)
	}
	program.Nodes = r.nodes
	made, err := internals.NewPlan(program, examples, r.operators)
	if err != nil {
		return nil, err
	}
	return made, nil
}

// gradients notes which gradients the program uses and leaves.
func (r *recorder) gradients(program *plan.Program) {
	for i := 0; i < len(r.traced); i++ { // a gradient may be one more
		p := r.traced[i]
		if p.kind != plan.Constant || !p.tensor.IsLeaf() || !p.tensor.RequiresGrad() {
			continue
		}
		cleared, after := r.cleared[internals.TensorKey(p.tensor)], p.tensor.Grad()
		if p.entry != nil {
			if before := r.seen(p.entry); before != nil && before.kind == plan.Constant {
				before.kind, before.of = plan.Gradient, p.number
			}
		}
		switch {
		case after == nil && (cleared || p.entry != nil):
			program.Gradients = append(program.Gradients, plan.GradientOf{Constant: p.number, Value: -1})
		case after != nil && (p.entry == nil || internals.TensorKey(after) != internals.TensorKey(p.entry)):
			program.Gradients = append(program.Gradients, plan.GradientOf{Constant: p.number, Value: r.find(after).number})
		}
		if p.entry == nil && !cleared && after != nil {
			program.EmptyGradients = append(program.EmptyGradients, p.number)
		}
	}
}

// views are operators whose results nobody needs that does not use them.
var views = map[string]bool{
	"aten::detach": true, "aten::alias": true, "aten::view": true, "aten::t": true, "aten::transpose.int": true,
	"aten::expand": true, "aten::permute": true, "aten::unsqueeze": true, "aten::squeeze.dim": true, "aten::select.int": true,
	"aten::slice.Tensor": true, "aten::as_strided": true, "aten::_reshape_alias": true, "aten::_unsafe_view": true,
}

// clean drops views that nothing uses.
func (g *Graph) clean() {
	used := map[*Value]bool{}
	note := func(argument any) { each(argument, func(v *Value) { used[v] = true }) }
	for _, out := range g.Outputs {
		note(out)
	}
	kept := make([]bool, len(g.Nodes))
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		kept[i] = !views[n.Target]
		for _, out := range n.Outputs {
			each(out, func(v *Value) { kept[i] = kept[i] || used[v] })
		}
		if kept[i] {
			for _, in := range n.Inputs {
				note(in.Value)
			}
		}
	}
	nodes := g.Nodes[:0]
	for i, n := range g.Nodes {
		if kept[i] {
			nodes = append(nodes, n)
		}
	}
	g.Nodes = nodes
}
