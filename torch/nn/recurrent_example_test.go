package nn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

// The state that one call gives is where the next one begins.
func ExampleLSTM() {
	torch.ManualSeed(0)
	lstm := nn.NewLSTM(10, 20, nn.LSTMOptions{NumLayers: new(2)})
	fmt.Println(lstm)
	x := torch.Randn([]int{5, 3, 10}) // steps × batch × features
	output, state := lstm.Forward(x, nil)
	fmt.Println(output.Shape(), state.H.Shape(), state.C.Shape())

	first, middle := lstm.Forward(x.Narrow(0, 0, 2), nil)
	rest, _ := lstm.Forward(x.Narrow(0, 2, 3), middle)
	fmt.Println(torch.AllClose(torch.Cat([]*torch.Tensor{first, rest}, 0), output))
	// Output:
	// LSTM(10, 20, num_layers=2)
	// [5 3 20] [2 3 20] [2 3 20]
	// true
}

// Packed, the padding of a short sequence takes no part.
func ExampleGRU_ForwardPacked() {
	gru := nn.NewGRU(4, 6, nn.GRUOptions{BatchFirst: true, Bidirectional: true})
	long, short := torch.Randn([]int{7, 4}), torch.Randn([]int{3, 4})
	packed := rnn.PackSequence([]*torch.Tensor{short, long}, rnn.PackSequenceOptions{EnforceSorted: new(false)})
	output, h := gru.ForwardPacked(packed, nil)
	padded, lengths := rnn.PadPackedSequence(output, rnn.PadPackedSequenceOptions{BatchFirst: true})
	fmt.Println(padded.Shape(), lengths, h.Shape())
	alone, _ := gru.Forward(short, nil)
	fmt.Println(torch.AllClose(padded.Select(0, 0).Narrow(0, 0, 3), alone, torch.AllCloseOptions{Atol: new(1e-6)}))
	// Output:
	// [2 7 12] [3 7] [2 2 6]
	// true
}

func ExampleLSTMCell() {
	cell := nn.NewLSTMCell(10, 20)
	var state *nn.LSTMState
	for range 6 {
		state = cell.Forward(torch.Randn([]int{3, 10}), state)
	}
	fmt.Println(state.H.Shape())
	// Output:
	// [3 20]
}
