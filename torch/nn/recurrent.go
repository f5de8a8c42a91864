package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

// Nonlinearity is what [RNN] and [RNNCell] apply to their sums.
type Nonlinearity string

// The nonlinearities.
const (
	NonlinearityTanh Nonlinearity = "tanh"
	NonlinearityReLU Nonlinearity = "relu"
)

// RNNOptions are the options of [NewRNN], [NewLSTM] and [NewGRU].
type RNNOptions struct {
	NumLayers     *int         // each layer takes the output of the one before; default: 1
	Nonlinearity  Nonlinearity // RNN only; default: NonlinearityTanh
	Bias          *bool        // add biases; default: true
	BatchFirst    bool         // input and output are batch × steps × features
	Dropout       float64      // the probability of zero in what a layer takes from another
	Bidirectional bool         // run over the steps backwards, too
	ProjSize      int          // LSTM only: project the hidden state to this size
	Device        torch.Device // default: torch.DefaultDevice()
	DType         torch.DType  // default: Float32
}

// recurrence is what tells recurrent layers apart.
type recurrence struct {
	name           string
	gates          int
	states         int // how many tensors its state is
	padded, packed *torch.Operator
}

func newRecurrence(name, op string, gates, states int) *recurrence {
	const params = " hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional"
	hx, results := "Tensor", "(Tensor, Tensor)"
	if states == 2 {
		hx, results = "Tensor[]", "(Tensor, Tensor, Tensor)"
	}
	return &recurrence{name, gates, states,
		torch.NewOperator("aten::" + op + ".input(Tensor input, " + hx + params + ", bool batch_first) -> " + results),
		torch.NewOperator("aten::" + op + ".data(Tensor data, Tensor batch_sizes, " + hx + params + ") -> " + results),
	}
}

// RNNBase is what [RNN], [LSTM] and [GRU] share, as in PyTorch. Its parameters are
// those of one layer and direction after the other: weight_ih_l0, weight_hh_l0,
// bias_ih_l0, bias_hh_l0 and weight_hr_l0, where there are such, those of
// weight_ih_l0_reverse and so on.
type RNNBase struct {
	Module
	InputSize     int     // features of the input
	HiddenSize    int     // features of the hidden state
	NumLayers     int     // each takes the output of the one before
	Bias          bool    // there are biases
	BatchFirst    bool    // input and output are batch × steps × features
	Dropout       float64 // the probability of zero in what a layer takes from another
	Bidirectional bool    // it runs over the steps backwards, too
	ProjSize      int     // what the hidden state is projected to, or 0

	kind  *recurrence
	names []string // of the parameters, in the order of the operators
}

// newRecurrent returns the layer without its parameters, which register makes.
func newRNNBase(kind *recurrence, input, hidden int, o *RNNOptions) RNNBase {
	r := RNNBase{InputSize: input, HiddenSize: hidden, NumLayers: option.Or(o.NumLayers, 1), Bias: option.Or(o.Bias, true), BatchFirst: o.BatchFirst,
		Dropout: o.Dropout, Bidirectional: o.Bidirectional, ProjSize: o.ProjSize, kind: kind}
	switch {
	case r.Dropout < 0 || r.Dropout > 1:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError,
			"dropout should be a number in range [0, 1] representing the probability of an element being zeroed"))
	case input <= 0:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError, "input_size must be greater than zero"))
	case hidden <= 0:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError, "hidden_size must be greater than zero"))
	case r.NumLayers <= 0:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError, "num_layers must be greater than zero"))
	case r.ProjSize != 0 && kind.states == 1:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError,
			"proj_size argument is only supported for LSTM, not RNN or GRU"))
	case r.ProjSize < 0:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError,
			"proj_size should be a positive integer or zero to disable projections"))
	case r.ProjSize >= hidden:
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError, "proj_size has to be smaller than hidden_size"))
	case o.Nonlinearity != "" && kind.gates > 1:
		panic(torch.Errorf("nn."+r.kind.name, torch.TypeError,
			"%s.__init__() got an unexpected keyword argument 'nonlinearity'", kind.name))
	}
	return r
}

// makeParameters adds the parameters to the initialized layer.
func (r *RNNBase) makeParameters(o *RNNOptions) {
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	gates, output := r.kind.gates*r.HiddenSize, r.outputSize()
	for layer := range r.NumLayers {
		input := r.InputSize
		if layer > 0 {
			input = output * r.directions()
		}
		for _, suffix := range []string{"", "_reverse"}[:r.directions()] {
			add := func(name string, size ...int) {
				r.names = append(r.names, fmt.Sprintf("%s_l%d%s", name, layer, suffix))
				r.RegisterParameter(r.names[len(r.names)-1], NewParameter(torch.Empty(size, t)))
			}
			add("weight_ih", gates, input)
			add("weight_hh", gates, output)
			if r.Bias {
				add("bias_ih", gates)
				add("bias_hh", gates)
			}
			if r.ProjSize > 0 {
				add("weight_hr", r.ProjSize, r.HiddenSize)
			}
		}
	}
	r.ResetParameters()
}

// directions returns how often a layer runs over the steps.
func (r *RNNBase) directions() int {
	if r.Bidirectional {
		return 2
	}
	return 1
}

// outputSize returns the number of features that one direction gives.
func (r *RNNBase) outputSize() int {
	if r.ProjSize > 0 {
		return r.ProjSize
	}
	return r.HiddenSize
}

// ResetParameters draws all parameters anew, evenly from (−1/√hidden, 1/√hidden).
func (r *RNNBase) ResetParameters() {
	resetRecurrent(&r.Module, r.HiddenSize)
}

func resetRecurrent(m *Module, hidden int) {
	bound := 0.0
	if hidden > 0 {
		bound = 1 / math.Sqrt(float64(hidden))
	}
	for _, p := range m.Parameters() {
		nninit.Uniform(p, -bound, bound)
	}
}

// AllWeights returns the parameters of each layer and direction, as Python's
// all_weights does.
func (r *RNNBase) AllWeights() [][]*torch.Tensor {
	flat := r.flatWeights()
	if len(flat) == 0 { // of a zero value
		return nil
	}
	return slices.Collect(slices.Chunk(flat, len(flat)/(r.NumLayers*r.directions())))
}

// FlattenParameters does nothing, for it is on CUDA only that parameters in one
// block of memory are faster. Programs from Python may call it.
func (r *RNNBase) FlattenParameters() {}

// flatWeights returns the parameters, or what is derived in their places, as the
// operators take them.
func (r *RNNBase) flatWeights() []*torch.Tensor {
	weights := make([]*torch.Tensor, len(r.names))
	for i, name := range r.names {
		if d := r.derivedOf(name); d != nil {
			weights[i] = *d.tensor
		} else {
			weights[i] = r.GetParameter(name)
		}
	}
	return weights
}

// run returns the output for x and the last states; states are the first ones, nil
// for zeros.
func (r *RNNBase) run(x *torch.Tensor, states ...*torch.Tensor) (output *torch.Tensor, last []*torch.Tensor) {
	results := r.RunAll(r.forward, append([]*torch.Tensor{x}, states...)...)
	return results[0], results[1:]
}

// hidden is run for a state of one tensor.
func (r *RNNBase) hidden(x, h *torch.Tensor) (output, last *torch.Tensor) {
	output, states := r.run(x, h)
	return output, states[0]
}

// hiddenPacked is hidden for packed sequences.
func (r *RNNBase) hiddenPacked(x *rnn.PackedSequence, h *torch.Tensor) (output *rnn.PackedSequence, last *torch.Tensor) {
	output, states := r.runPacked(x, h)
	return output, states[0]
}

// runPacked is run for packed sequences.
func (r *RNNBase) runPacked(x *rnn.PackedSequence, states ...*torch.Tensor) (output *rnn.PackedSequence, last []*torch.Tensor) {
	argument.NotNil("nn."+typeName(r.self), "the sequence", x)
	results := r.RunAll(r.forwardPacked, append([]*torch.Tensor{x.Data, x.BatchSizes, x.SortedIndices, x.UnsortedIndices}, states...)...)
	packed := *x
	packed.Data = results[0]
	return &packed, results[1:]
}

func (r *RNNBase) forward(in []*torch.Tensor) []*torch.Tensor {
	x, states := in[0], slices.Clone(in[1:])
	batchDim, dim := 1, x.Dim()
	if r.BatchFirst {
		batchDim = 0
	}
	if dim != 2 && dim != 3 {
		tensor := ""
		if r.kind.gates == 1 {
			tensor = " tensor"
		}
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError, "%s: Expected input to be 2D or 3D, got %dD%s instead",
			r.kind.name, dim, tensor))
	}
	r.checkStateDims(states, dim)
	if dim == 2 {
		x = x.Unsqueeze(batchDim)
		for i, s := range states {
			if s != nil {
				states[i] = s.Unsqueeze(1)
			}
		}
	}
	r.checkInput(x, 3)
	results := r.call(x, nil, r.completeStates(x, x.Size(batchDim), states))
	if dim == 2 {
		results[0] = results[0].Squeeze(batchDim)
		for i, s := range results[1:] {
			results[i+1] = s.Squeeze(1)
		}
	}
	return results
}

func (r *RNNBase) forwardPacked(in []*torch.Tensor) []*torch.Tensor {
	x, sizes, sorted, unsorted, states := in[0], in[1], in[2], in[3], slices.Clone(in[4:])
	permute(states, sorted)
	r.checkInput(x, 2)
	batch := int(sizes.Select(0, 0).Item())
	results := r.call(x, sizes, r.completeStates(x, batch, states))
	permute(results[1:], unsorted)
	return results
}

// permute puts the batch of states into another order, if one is given.
func permute(states []*torch.Tensor, order *torch.Tensor) {
	for i, s := range states {
		if s != nil && order != nil {
			states[i] = s.IndexSelect(1, order)
		}
	}
}

// checkStateDims checks that states have as many dimensions as the input.
func (r *RNNBase) checkStateDims(states []*torch.Tensor, dim int) {
	kind := map[int]string{2: "unbatched", 3: "batched"}[dim]
	var got []string
	wrong := false
	for _, s := range states {
		if s != nil {
			wrong = wrong || s.Dim() != dim
			got = append(got, fmt.Sprintf("%d-D", s.Dim()))
		}
	}
	if wrong && r.kind.states == 1 {
		panic(torch.Errorf("nn."+r.kind.name, torch.RuntimeError,
			"For %s %d-D input, hx should also be %d-D but got %s tensor", kind, dim, dim, got[0]))
	}
	if wrong {
		panic(torch.Errorf("nn."+r.kind.name, torch.RuntimeError,
			"For %s %d-D input, hx and cx should also be %d-D but got (%s) tensors", kind, dim, dim, strings.Join(got, ", ")))
	}
}

// checkInput checks the dtype, the number of dimensions and the features of x.
func (r *RNNBase) checkInput(x *torch.Tensor, dim int) {
	if want, got := r.flatWeights()[0].DType(), x.DType(); want != got && !autocasts() {
		panic(torch.Errorf("nn."+r.kind.name, torch.ValueError,
			"RNN input dtype (%v) does not match weight dtype (%v). Convert input: input.to(%v), or convert model: model.to(%v)", got, want, want, got))
	}
	if n := x.Dim(); n != dim {
		panic(torch.Errorf("nn."+r.kind.name, torch.RuntimeError, "input must have %d dimensions, got %d", dim, n))
	}
	if n := x.Size(-1); n != r.InputSize {
		panic(torch.Errorf("nn."+r.kind.name, torch.RuntimeError,
			"input.size(-1) must be equal to input_size. Expected %d, got %d", r.InputSize, n))
	}
}

// autocasts reports whether autocast is on for any device.
func autocasts() bool {
	return torch.IsAutocastEnabled(torch.CPU) || torch.IsAutocastEnabled(torch.CUDA(0))
}

// completeStates replaces nil by zeros, checks the sizes of the states and returns
// them.
func (r *RNNBase) completeStates(x *torch.Tensor, batch int, states []*torch.Tensor) []*torch.Tensor {
	for i, s := range states {
		want := []int{r.NumLayers * r.directions(), batch, r.HiddenSize}
		if i == 0 {
			want[2] = r.outputSize()
		}
		if s == nil {
			states[i] = torch.Zeros(want, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
			continue
		}
		if got := s.Shape(); !slices.Equal(got, want) {
			name := "hidden"
			if r.kind.states > 1 {
				name = fmt.Sprintf("hidden[%d]", i)
			}
			panic(torch.Errorf("nn."+r.kind.name, torch.RuntimeError, "Expected %s size (%s), got %s",
				name, strings.Trim(list(want), "[]"), list(got)))
		}
	}
	return states
}

// call runs libtorch's operator; sizes are the batch sizes of packed sequences, or
// nil.
func (r *RNNBase) call(x, sizes *torch.Tensor, states []*torch.Tensor) []*torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	if sizes != nil {
		c.Tensor(sizes)
	}
	passStates(&c, states)
	c.Tensors(r.flatWeights())
	c.Bool(r.Bias)
	c.Int(r.NumLayers)
	c.Float(r.Dropout)
	c.Bool(r.IsTraining())
	c.Bool(r.Bidirectional)
	op := r.kind.packed
	if sizes == nil {
		c.Bool(r.BatchFirst)
		op = r.kind.padded
	}
	return takeTensors(c.Results(op), 1+len(states))
}

// passStates passes the tensor or the tensors that a state is.
func passStates(c *torch.Call, states []*torch.Tensor) {
	if len(states) > 1 {
		c.Tensors(states)
	} else {
		c.Tensor(states[0])
	}
}

// takeTensors takes the results of a call, n tensors.
func takeTensors(results torch.Results, n int) []*torch.Tensor {
	tensors := make([]*torch.Tensor, n)
	for i := range tensors {
		tensors[i] = results.Tensor()
	}
	return tensors
}

// ExtraRepr returns the options as Python prints them.
func (r *RNNBase) ExtraRepr() string {
	text := fmt.Sprintf("%d, %d", r.InputSize, r.HiddenSize)
	if r.ProjSize != 0 {
		text += fmt.Sprintf(", proj_size=%d", r.ProjSize)
	}
	if r.NumLayers != 1 {
		text += fmt.Sprintf(", num_layers=%d", r.NumLayers)
	}
	if !r.Bias {
		text += ", bias=False"
	}
	if r.BatchFirst {
		text += ", batch_first=True"
	}
	if r.Dropout != 0 {
		text += ", dropout=" + python.Repr(r.Dropout)
	}
	if r.Bidirectional {
		text += ", bidirectional=True"
	}
	return text
}
