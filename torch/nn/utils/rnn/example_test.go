package rnn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

func Example() {
	padded := torch.FromSlice([]int{1, 2, 0, 3, 0, 0, 4, 5, 6}, 3, 3)
	packed := rnn.PackPaddedSequence(padded, []int{2, 1, 3},
		rnn.PackPaddedSequenceOptions{BatchFirst: true, EnforceSorted: new(false)})
	fmt.Println(packed.Data)
	fmt.Println(packed.BatchSizes)
	again, lengths := rnn.PadPackedSequence(packed, rnn.PadPackedSequenceOptions{BatchFirst: true})
	fmt.Println(again, lengths)
	// Output:
	// tensor([4, 1, 3, 5, 2, 6])
	// tensor([3, 2, 1])
	// tensor([[1, 2, 0],
	//         [3, 0, 0],
	//         [4, 5, 6]]) [2 1 3]
}

func ExamplePadSequence() {
	a, b := torch.FromSlice([]float32{1, 2, 3}), torch.FromSlice([]float32{4})
	fmt.Println(rnn.PadSequence([]*torch.Tensor{a, b}, rnn.PadSequenceOptions{BatchFirst: true}))
	// Output:
	// tensor([[1., 2., 3.],
	//         [4., 0., 0.]])
}
