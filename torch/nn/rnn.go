package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

// RNN is a network of Elman layers: h' = tanh(W_ih · x + b_ih + W_hh · h + b_hh)
// at each step, or ReLU in place of tanh.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
type RNN struct {
	RNNBase                   // InputSize, HiddenSize, NumLayers, Bias, BatchFirst, Dropout, Bidirectional, ProjSize
	Nonlinearity Nonlinearity // NonlinearityTanh or NonlinearityReLU
}

var (
	tanhRecurrence = newRecurrence("RNN", "rnn_tanh", 1, 1)
	reluRecurrence = newRecurrence("RNN", "rnn_relu", 1, 1)
	lstmRecurrence = newRecurrence("LSTM", "lstm", 4, 2)
	gruRecurrence  = newRecurrence("GRU", "gru", 3, 1)
)

// NewRNN returns layers from input features to hidden ones. Their parameters are
// drawn evenly from (−1/√hidden, 1/√hidden). It panics on sizes that are not
// positive and options that are not valid.
func NewRNN(input, hidden int, options ...RNNOptions) *RNN {
	o := option.First(options)
	l := &RNN{Nonlinearity: o.Nonlinearity}
	kind := tanhRecurrence
	switch o.Nonlinearity {
	case NonlinearityTanh:
	case "":
		l.Nonlinearity = NonlinearityTanh
	case NonlinearityReLU:
		kind = reluRecurrence
	default:
		panic(torch.Errorf("nn.RNN", torch.ValueError, "Unknown nonlinearity '%s'. Select from 'tanh' or 'relu'.",
			o.Nonlinearity))
	}
	l.RNNBase = newRNNBase(kind, input, hidden, &o)
	Init(l).makeParameters(&o)
	return l
}

// Forward returns the output of every step (steps × batch × directions·hidden) for
// x (steps × batch × features), and the last hidden state (layers·directions ×
// batch × hidden). h is the first one; nil is zeros. With BatchFirst the batch is
// x's and the output's first dimension. Without a batch all have one dimension
// less. It panics on sizes that do not fit.
func (r *RNN) Forward(x, h *torch.Tensor) (output, last *torch.Tensor) { return r.hidden(x, h) }

// ForwardPacked is Forward for packed sequences. The states are in the order of
// the sequences before they were sorted.
func (r *RNN) ForwardPacked(x *rnn.PackedSequence, h *torch.Tensor) (output *rnn.PackedSequence, last *torch.Tensor) {
	return r.hiddenPacked(x, h)
}

// GRU is a network of layers of gated recurrent units.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
type GRU struct {
	RNNBase // InputSize, HiddenSize, NumLayers, Bias, BatchFirst, Dropout, Bidirectional, ProjSize
}

// GRUOptions are the options of [NewGRU].
type GRUOptions = RNNOptions

// NewGRU is [NewRNN] for gated recurrent units.
func NewGRU(input, hidden int, options ...GRUOptions) *GRU {
	o := option.First(options)
	l := &GRU{newRNNBase(gruRecurrence, input, hidden, &o)}
	Init(l).makeParameters(&o)
	return l
}

// Forward returns the output of every step for x and the last hidden state, of the
// shapes that those of [RNN.Forward] have. It panics on sizes that do not fit.
func (g *GRU) Forward(x, h *torch.Tensor) (output, last *torch.Tensor) { return g.hidden(x, h) }

// ForwardPacked is Forward for packed sequences. The states are in the order of
// the sequences before they were sorted.
func (g *GRU) ForwardPacked(x *rnn.PackedSequence, h *torch.Tensor) (output *rnn.PackedSequence, last *torch.Tensor) {
	return g.hiddenPacked(x, h)
}

// LSTM is a network of layers of long short-term memory.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
type LSTM struct {
	RNNBase // InputSize, HiddenSize, NumLayers, Bias, BatchFirst, Dropout, Bidirectional, ProjSize
}

// LSTMOptions are the options of [NewLSTM].
type LSTMOptions = RNNOptions

// LSTMState is the state of an [LSTM] or an [LSTMCell] between two steps. A nil H
// or C is zeros.
type LSTMState struct {
	H *torch.Tensor // the hidden state, of an LSTM: layers·directions × batch × hidden, or ProjSize
	C *torch.Tensor // the cell state, of an LSTM: layers·directions × batch × hidden
}

// tensors returns both tensors; those of nil are nil.
func (s *LSTMState) tensors() []*torch.Tensor {
	if s == nil {
		return []*torch.Tensor{nil, nil}
	}
	return []*torch.Tensor{s.H, s.C}
}

// NewLSTM is [NewRNN] for long short-term memory.
func NewLSTM(input, hidden int, options ...LSTMOptions) *LSTM {
	o := option.First(options)
	l := &LSTM{newRNNBase(lstmRecurrence, input, hidden, &o)}
	Init(l).makeParameters(&o)
	return l
}

// Forward returns the output of every step (steps × batch × directions·hidden) for
// x (steps × batch × features), and the last state. state is the first one; nil is
// zeros. With BatchFirst the batch is x's and the output's first dimension. Without
// a batch all have one dimension less. It panics on sizes that do not fit.
func (l *LSTM) Forward(x *torch.Tensor, state *LSTMState) (output *torch.Tensor, last *LSTMState) {
	output, states := l.run(x, state.tensors()...)
	return output, &LSTMState{states[0], states[1]}
}

// ForwardPacked is Forward for packed sequences. The states are in the order of
// the sequences before they were sorted.
func (l *LSTM) ForwardPacked(x *rnn.PackedSequence, state *LSTMState) (output *rnn.PackedSequence, last *LSTMState) {
	output, states := l.runPacked(x, state.tensors()...)
	return output, &LSTMState{states[0], states[1]}
}
