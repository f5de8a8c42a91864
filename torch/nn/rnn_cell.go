package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// RNNCellOptions are the options of [NewRNNCell], [NewLSTMCell] and [NewGRUCell].
type RNNCellOptions struct {
	Bias         *bool        // add biases; default: true
	Nonlinearity Nonlinearity // RNNCell only; default: NonlinearityTanh
	Device       torch.Device // default: torch.DefaultDevice()
	DType        torch.DType  // default: Float32
}

// cellKind is what tells the cells apart.
type cellKind struct {
	name   string
	gates  int
	states []string // what errors call the tensors that the state is
	op     *torch.Operator
}

const cellWeights = " hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> "

var (
	tanhCell = &cellKind{"RNNCell", 1, []string{"hidden"}, torch.NewOperator("aten::rnn_tanh_cell(Tensor input, Tensor" + cellWeights + "Tensor")}
	reluCell = &cellKind{"RNNCell", 1, []string{"hidden"}, torch.NewOperator("aten::rnn_relu_cell(Tensor input, Tensor" + cellWeights + "Tensor")}
	gruCell  = &cellKind{"GRUCell", 3, []string{"hidden"}, torch.NewOperator("aten::gru_cell(Tensor input, Tensor" + cellWeights + "Tensor")}
	lstmCell = &cellKind{"LSTMCell", 4, []string{"hx[0]", "hx[1]"}, torch.NewOperator("aten::lstm_cell(Tensor input, Tensor[]" + cellWeights + "(Tensor, Tensor)")}
)

// RNNCellBase is what [RNNCell], [LSTMCell] and [GRUCell] share, as in PyTorch.
type RNNCellBase struct {
	Module
	InputSize  int           // features of the input
	HiddenSize int           // features of the hidden state
	WeightIH   *torch.Tensor // gates·hidden × input
	WeightHH   *torch.Tensor // gates·hidden × hidden
	BiasIH     *torch.Tensor // gates·hidden, or nil
	BiasHH     *torch.Tensor // gates·hidden, or nil
	kind       *cellKind
}

// newRecurrentCell returns a cell whose parameters have no values yet.
func newRNNCellBase(kind *cellKind, input, hidden int, o *RNNCellOptions) RNNCellBase {
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	parameter := func(size ...int) *torch.Tensor { return NewParameter(torch.Empty(size, t)) }
	gates := kind.gates * hidden
	c := RNNCellBase{InputSize: input, HiddenSize: hidden, WeightIH: parameter(gates, input), WeightHH: parameter(gates, hidden), kind: kind}
	if option.Or(o.Bias, true) {
		c.BiasIH, c.BiasHH = parameter(gates), parameter(gates)
	}
	if o.Nonlinearity != "" && kind.gates > 1 {
		panic(torch.Errorf("nn."+c.kind.name, torch.TypeError,
			"%s.__init__() got an unexpected keyword argument 'nonlinearity'", kind.name))
	}
	return c
}

// ResetParameters draws all parameters anew, evenly from (−1/√hidden, 1/√hidden).
func (c *RNNCellBase) ResetParameters() { resetRecurrent(&c.Module, c.HiddenSize) }

// ExtraRepr returns the options as Python prints them.
func (c *RNNCellBase) ExtraRepr() string {
	text := fmt.Sprintf("%d, %d", c.InputSize, c.HiddenSize)
	if c.BiasIH == nil {
		text += ", bias=False"
	}
	return text
}

// forward returns the states after one step from the input and the states before,
// nil being zeros.
func (c *RNNCellBase) forward(in []*torch.Tensor) []*torch.Tensor {
	x := in[0]
	c.checkDim(x, "input")
	batched := x.Dim() == 2
	if !batched {
		x = x.Unsqueeze(0)
	}
	states := make([]*torch.Tensor, len(c.kind.states))
	for i, s := range in[1:] {
		if s == nil {
			states[i] = torch.Zeros([]int{x.Size(0), c.HiddenSize}, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
			continue
		}
		c.checkDim(s, c.kind.states[i])
		if !batched {
			s = s.Unsqueeze(0)
		}
		states[i] = s
	}
	states = c.call(x, states)
	if !batched {
		for i, s := range states {
			states[i] = s.Squeeze(0)
		}
	}
	return states
}

func (c *RNNCellBase) checkDim(x *torch.Tensor, name string) {
	if dim := x.Dim(); dim != 1 && dim != 2 {
		panic(torch.Errorf("nn."+c.kind.name, torch.ValueError, "%s: Expected %s to be 1D or 2D, got %dD instead",
			c.kind.name, name, dim))
	}
}

// call runs libtorch's operator.
func (c *RNNCellBase) call(x *torch.Tensor, states []*torch.Tensor) []*torch.Tensor {
	var call torch.Call
	call.Tensor(x)
	passStates(&call, states)
	call.Tensor(c.WeightIH)
	call.Tensor(c.WeightHH)
	call.Tensor(c.BiasIH)
	call.Tensor(c.BiasHH)
	return takeTensors(call.Results(c.kind.op), len(states))
}

// RNNCell is one step of an [RNN] with one layer.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
type RNNCell struct {
	RNNCellBase               // InputSize, HiddenSize, WeightIH, WeightHH, BiasIH, BiasHH
	Nonlinearity Nonlinearity // NonlinearityTanh or NonlinearityReLU
}

// NewRNNCell returns a cell from input features to hidden ones. Its parameters are
// drawn evenly from (−1/√hidden, 1/√hidden). It panics on a nonlinearity that it
// does not know.
func NewRNNCell(input, hidden int, options ...RNNCellOptions) *RNNCell {
	o := option.First(options)
	c := &RNNCell{Nonlinearity: o.Nonlinearity}
	kind := tanhCell
	switch o.Nonlinearity {
	case NonlinearityTanh:
	case "":
		c.Nonlinearity = NonlinearityTanh
	case NonlinearityReLU:
		kind = reluCell
	default:
		panic(torch.Errorf("nn.RNNCell", torch.RuntimeError, "Unknown nonlinearity: %s", o.Nonlinearity))
	}
	c.RNNCellBase = newRNNCellBase(kind, input, hidden, &o)
	Init(c).ResetParameters()
	return c
}

// Forward returns the hidden state (batch × hidden) after a step with x (batch ×
// features) from h, of which nil is zeros. Without a batch all have one dimension
// less. It panics on sizes that do not fit.
func (c *RNNCell) Forward(x, h *torch.Tensor) *torch.Tensor { return c.RunAll(c.forward, x, h)[0] }

// ExtraRepr returns the options as Python prints them.
func (c *RNNCell) ExtraRepr() string {
	text := c.RNNCellBase.ExtraRepr()
	if c.Nonlinearity != NonlinearityTanh {
		text += ", nonlinearity=" + string(c.Nonlinearity)
	}
	return text
}

// GRUCell is one step of a [GRU] with one layer.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
type GRUCell struct {
	RNNCellBase // InputSize, HiddenSize, WeightIH, WeightHH, BiasIH, BiasHH
}

// GRUCellOptions are the options of [NewGRUCell].
type GRUCellOptions = RNNCellOptions

// NewGRUCell is [NewRNNCell] for a gated recurrent unit.
func NewGRUCell(input, hidden int, options ...GRUCellOptions) *GRUCell {
	o := option.First(options)
	c := Init(&GRUCell{newRNNCellBase(gruCell, input, hidden, &o)})
	c.ResetParameters()
	return c
}

// Forward returns the hidden state (batch × hidden) after a step with x (batch ×
// features) from h, of which nil is zeros. Without a batch all have one dimension
// less. It panics on sizes that do not fit.
func (c *GRUCell) Forward(x, h *torch.Tensor) *torch.Tensor { return c.RunAll(c.forward, x, h)[0] }

// LSTMCell is one step of an [LSTM] with one layer.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
type LSTMCell struct {
	RNNCellBase // InputSize, HiddenSize, WeightIH, WeightHH, BiasIH, BiasHH
}

// LSTMCellOptions are the options of [NewLSTMCell].
type LSTMCellOptions = RNNCellOptions

// NewLSTMCell is [NewRNNCell] for long short-term memory.
func NewLSTMCell(input, hidden int, options ...LSTMCellOptions) *LSTMCell {
	o := option.First(options)
	c := Init(&LSTMCell{newRNNCellBase(lstmCell, input, hidden, &o)})
	c.ResetParameters()
	return c
}

// Forward returns the state (batch × hidden) after a step with x (batch ×
// features) from state, of which nil is zeros. Its H is the output. Without a batch
// all have one dimension less. It panics on sizes that do not fit.
func (c *LSTMCell) Forward(x *torch.Tensor, state *LSTMState) *LSTMState {
	states := c.RunAll(c.forward, append([]*torch.Tensor{x}, state.tensors()...)...)
	return &LSTMState{states[0], states[1]}
}
