package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

// hidden is a layer whose state is one tensor.
type hidden interface {
	nn.AnyModule
	Forward(x, h *torch.Tensor) (output, last *torch.Tensor)
	ForwardPacked(x *rnn.PackedSequence, h *torch.Tensor) (output *rnn.PackedSequence, last *torch.Tensor)
}

// hiddenState returns the state among the inputs, if there is one.
func hiddenState(in []*torch.Tensor) *torch.Tensor {
	if len(in) > 1 {
		return in[1]
	}
	return nil
}

func lstmState(in []*torch.Tensor) *nn.LSTMState {
	if len(in) > 1 {
		return &nn.LSTMState{H: in[1], C: in[2]}
	}
	return nil
}

func recurrent[L hidden](make func() L) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			output, last := l.Forward(in[0], hiddenState(in))
			return []*torch.Tensor{output, last}
		}
	}
}

// packed is recurrent on the packed input.
func packed[L hidden](make func() L, lengths []int, options ...rnn.PackPaddedSequenceOptions) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			output, last := l.ForwardPacked(rnn.PackPaddedSequence(in[0], lengths, options...), hiddenState(in))
			return []*torch.Tensor{output.Data, last}
		}
	}
}

func lstm(make func() *nn.LSTM) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			output, last := l.Forward(in[0], lstmState(in))
			return []*torch.Tensor{output, last.H, last.C}
		}
	}
}

func packedLSTM(make func() *nn.LSTM, lengths []int, options ...rnn.PackPaddedSequenceOptions) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			output, last := l.ForwardPacked(rnn.PackPaddedSequence(in[0], lengths, options...), lstmState(in))
			return []*torch.Tensor{output.Data, last.H, last.C}
		}
	}
}

func cell[C interface {
	nn.AnyModule
	Forward(x, h *torch.Tensor) *torch.Tensor
}](make func() C) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		c := make()
		return c, func(in []*torch.Tensor) []*torch.Tensor {
			return []*torch.Tensor{c.Forward(in[0], hiddenState(in))}
		}
	}
}

func lstmCell(options ...nn.LSTMCellOptions) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		c := nn.NewLSTMCell(2, 3, options...)
		return c, func(in []*torch.Tensor) []*torch.Tensor {
			state := c.Forward(in[0], lstmState(in))
			return []*torch.Tensor{state.H, state.C}
		}
	}
}

func TestRecurrentLayersAreThoseOfPython(t *testing.T) {
	rnnOf := func(o ...nn.RNNOptions) func() *nn.RNN { return func() *nn.RNN { return nn.NewRNN(2, 3, o...) } }
	gruOf := func(o ...nn.GRUOptions) func() *nn.GRU { return func() *nn.GRU { return nn.NewGRU(2, 3, o...) } }
	lstmOf := func(o ...nn.LSTMOptions) func() *nn.LSTM { return func() *nn.LSTM { return nn.NewLSTM(2, 3, o...) } }
	unsorted := rnn.PackPaddedSequenceOptions{EnforceSorted: new(false)}
	zeros := func(size ...int) *torch.Tensor { return torch.Zeros(size) }
	pack := rnn.PackPaddedSequence
	checkModulesAndErrors(t, "testdata/recurrent.json.gz", map[string]maker{
		"rnn":               recurrent(rnnOf()),
		"rnn relu":          recurrent(rnnOf(nn.RNNOptions{NumLayers: new(2), Nonlinearity: "relu", Bias: new(false)})),
		"rnn bidirectional": recurrent(rnnOf(nn.RNNOptions{Bidirectional: true, BatchFirst: true})),
		"rnn packed":        packed(rnnOf(nn.RNNOptions{Nonlinearity: "relu", Bidirectional: true}), []int{2, 4, 3}, unsorted),
		"rnn unbatched":     recurrent(rnnOf(nn.RNNOptions{Nonlinearity: "tanh"})),
		"gru":               recurrent(gruOf()),
		"gru options": recurrent(gruOf(nn.GRUOptions{NumLayers: new(2), Bias: new(true), BatchFirst: true, Dropout: 0.5,
			Bidirectional: true})),
		"gru without bias":    recurrent(gruOf(nn.GRUOptions{Bias: new(false), DType: torch.Float64})),
		"gru packed":          packed(gruOf(nn.GRUOptions{NumLayers: new(2), Dropout: 0.3}), []int{4, 3, 1}),
		"gru packed unsorted": packed(gruOf(nn.GRUOptions{Bidirectional: true}), []int{2, 4, 3}, unsorted),
		"gru unbatched":       recurrent(gruOf(nn.GRUOptions{BatchFirst: true})),
		"lstm":                lstm(lstmOf()),
		"lstm eval":           lstm(lstmOf(nn.LSTMOptions{NumLayers: new(2), Dropout: 0.5})),
		"lstm options": lstm(lstmOf(nn.LSTMOptions{NumLayers: new(2), Bias: new(false), BatchFirst: true, Dropout: 0.25,
			Bidirectional: true})),
		"lstm projected": lstm(lstmOf(nn.LSTMOptions{NumLayers: new(2), Bidirectional: true, ProjSize: 1})),
		"lstm projected without bias": lstm(lstmOf(nn.LSTMOptions{NumLayers: new(2), Bias: new(false), ProjSize: 2,
			Dropout: 1})),
		"lstm packed": packedLSTM(lstmOf(), []int{4, 2, 2}),
		"lstm packed unsorted": packedLSTM(lstmOf(nn.LSTMOptions{NumLayers: new(2), Bidirectional: true, BatchFirst: true}),
			[]int{1, 4, 2}, rnn.PackPaddedSequenceOptions{BatchFirst: true, EnforceSorted: new(false)}),
		"lstm unbatched": lstm(lstmOf()),
		"rnn cell":       cell(func() *nn.RNNCell { return nn.NewRNNCell(2, 3) }),
		"rnn cell relu": cell(func() *nn.RNNCell {
			return nn.NewRNNCell(2, 3, nn.RNNCellOptions{Bias: new(false), Nonlinearity: "relu"})
		}),
		"gru cell":            cell(func() *nn.GRUCell { return nn.NewGRUCell(2, 3) }),
		"gru cell unbatched":  cell(func() *nn.GRUCell { return nn.NewGRUCell(2, 3, nn.GRUCellOptions{Bias: new(false)}) }),
		"lstm cell":           lstmCell(),
		"lstm cell unbatched": lstmCell(nn.LSTMCellOptions{Bias: new(false)}),
	}, map[string]func(){
		"nonlinearity":              func() { nn.NewRNN(2, 3, nn.RNNOptions{Nonlinearity: "sin"}) },
		"dropout":                   func() { nn.NewGRU(2, 3, nn.GRUOptions{Dropout: 1.5}) },
		"input size":                func() { nn.NewLSTM(0, 3) },
		"hidden size":               func() { nn.NewLSTM(2, 0) },
		"layers":                    func() { nn.NewLSTM(2, 3, nn.LSTMOptions{NumLayers: new(0)}) },
		"projected gru":             func() { nn.NewGRU(2, 3, nn.GRUOptions{ProjSize: 1}) },
		"negative projection":       func() { nn.NewLSTM(2, 3, nn.LSTMOptions{ProjSize: -1}) },
		"large projection":          func() { nn.NewLSTM(2, 3, nn.LSTMOptions{ProjSize: 3}) },
		"rnn dimensions":            func() { nn.NewRNN(2, 3).Forward(zeros(2), nil) },
		"lstm dimensions":           func() { nn.NewLSTM(2, 3).Forward(zeros(1, 1, 1, 2), nil) },
		"features":                  func() { nn.NewGRU(2, 3).Forward(zeros(4, 3), nil) },
		"dtype":                     func() { nn.NewLSTM(2, 3).Forward(zeros(4, 2).To(torch.Float64), nil) },
		"packed dimensions":         func() { nn.NewGRU(2, 3).ForwardPacked(pack(zeros(2, 1, 2, 2), []int{2}), nil) },
		"hidden dimensions":         func() { nn.NewRNN(2, 3).Forward(zeros(4, 2), zeros(1, 1, 3)) },
		"hidden dimensions batched": func() { nn.NewGRU(2, 3).Forward(zeros(4, 1, 2), zeros(1, 3)) },
		"cell dimensions": func() {
			nn.NewLSTM(2, 3).Forward(zeros(4, 1, 2), &nn.LSTMState{H: zeros(1, 1, 3), C: zeros(1, 3)})
		},
		"hidden":        func() { nn.NewRNN(2, 3).Forward(zeros(4, 5, 2), zeros(1, 4, 3)) },
		"packed hidden": func() { nn.NewRNN(2, 3).ForwardPacked(pack(zeros(2, 1, 2), []int{2}), zeros(1, 4, 3)) },
		"hidden of lstm": func() {
			nn.NewLSTM(2, 3, nn.LSTMOptions{ProjSize: 1}).Forward(zeros(4, 5, 2), &nn.LSTMState{H: zeros(1, 5, 3), C: zeros(1, 5, 3)})
		},
		"cell of lstm": func() {
			nn.NewLSTM(2, 3).Forward(zeros(4, 5, 2), &nn.LSTMState{H: zeros(1, 5, 3), C: zeros(1, 5, 1)})
		},
		"cell nonlinearity": func() { nn.NewRNNCell(2, 3, nn.RNNCellOptions{Nonlinearity: "sin"}) },
		"cell input":        func() { nn.NewRNNCell(2, 3).Forward(zeros(1, 1, 2), nil) },
		"cell hidden":       func() { nn.NewGRUCell(2, 3).Forward(zeros(1, 2), zeros(1, 1, 3)) },
		"lstm cell hidden": func() {
			nn.NewLSTMCell(2, 3).Forward(zeros(1, 2), &nn.LSTMState{H: zeros(1, 3), C: zeros(1, 1, 3)})
		},
		"cell features": func() { nn.NewGRUCell(2, 3).Forward(zeros(1, 4), nil) },
	})
}

func TestRecurrentLayersAndCellsRefuseOptionsOfOthers(t *testing.T) {
	for name, call := range map[string]func(){
		"GRU":      func() { nn.NewGRU(2, 3, nn.GRUOptions{Nonlinearity: "tanh"}) },
		"LSTM":     func() { nn.NewLSTM(2, 3, nn.LSTMOptions{Nonlinearity: "tanh"}) },
		"GRUCell":  func() { nn.NewGRUCell(2, 3, nn.GRUCellOptions{Nonlinearity: "tanh"}) },
		"LSTMCell": func() { nn.NewLSTMCell(2, 3, nn.LSTMCellOptions{Nonlinearity: "tanh"}) },
	} {
		e := torchtest.Fails(t, call)
		assert.Equal(t, torch.TypeError, e.Kind)
		assert.Equal(t, name+".__init__() got an unexpected keyword argument 'nonlinearity'", e.Message)
	}
}

func TestRecurrentLayersGiveTheirWeightsByLayer(t *testing.T) {
	l := nn.NewLSTM(2, 3, nn.LSTMOptions{NumLayers: new(2), Bidirectional: true, ProjSize: 1})
	all := l.AllWeights()
	var flat []*torch.Tensor
	for _, weights := range all {
		assert.Len(t, weights, 5)
		flat = append(flat, weights...)
	}
	assert.Len(t, all, 4)
	assert.Equal(t, l.Parameters(), flat)
	assert.Equal(t, "weight_hr_l1_reverse", l.NamedParameters()[19].Name)
}

func TestAMissingHalfOfAStateIsZeros(t *testing.T) {
	cell, x, h := nn.NewLSTMCell(2, 3), torch.Ones([]int{1, 2}), torch.Ones([]int{1, 3})
	half := cell.Forward(x, &nn.LSTMState{H: h})
	whole := cell.Forward(x, &nn.LSTMState{H: h, C: torch.Zeros([]int{1, 3})})
	assert.True(t, half.H.Equal(whole.H))
	assert.True(t, half.C.Equal(whole.C))
}

func TestHooksOfRecurrentLayersSeeInputsAndStates(t *testing.T) {
	l := nn.NewLSTM(2, 3)
	var forward, backward []int
	l.RegisterForwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor {
		forward = []int{len(in), len(out)}
		return nil
	})
	hook := l.RegisterFullBackwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor {
		backward = []int{len(in), len(out)}
		return nil
	})
	defer hook.Remove()
	x := torch.Ones([]int{4, 2}, torch.TensorOptions{RequiresGrad: true})
	output, _ := l.Forward(x, nil)
	output.Sum().Backward()
	assert.Equal(t, []int{3, 3}, forward)
	assert.Equal(t, []int{3, 3}, backward)
}

func TestRecurrentWeightsCanBeParametrized(t *testing.T) {
	l := nn.NewLSTM(2, 3)
	x := torch.Ones([]int{4, 2})
	plain, _ := l.Forward(x, nil)
	parametrize.RegisterParametrization(l, "weight_ih_l0", newDouble())
	doubled, _ := nn.DeepCopy(l).Forward(x, nil)
	torch.NoGrad(func() { l.GetParameter("parametrizations.weight_ih_l0.original").MulInplace(0.5) })
	halved, _ := l.Forward(x, nil)
	assert.False(t, doubled.Equal(plain))
	assert.True(t, halved.Equal(plain))
}

func TestAutocastTakesInputsOfOtherDTypes(t *testing.T) {
	l := nn.NewGRU(2, 3)
	torch.Autocast(torch.CPU, func() {
		output, _ := l.Forward(torch.Ones([]int{4, 2}).To(torch.BFloat16), nil)
		assert.Equal(t, torch.BFloat16, output.DType())
	})
}
