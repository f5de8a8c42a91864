package rnn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// PadSequenceOptions are the options of [PadSequence].
type PadSequenceOptions struct {
	BatchFirst   bool    // give batch × steps × ...
	PaddingValue float64 // what shorter sequences are filled up with
	PaddingSide  string  // "right" or "left"; default: "right"
}

var opPadSequence = torch.NewOperator(`aten::pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0., str padding_side="right") -> Tensor`)

// PadSequence stacks sequences (length × ...) of different lengths: steps × batch ×
// ..., with as many steps as the longest has. It panics if there are none, if their
// other dimensions differ, and on a side that is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
func PadSequence(sequences []*torch.Tensor, options ...PadSequenceOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensors(sequences)
	c.Bool(o.BatchFirst)
	c.Float(o.PaddingValue)
	c.OptionalString(o.PaddingSide)
	return c.One(opPadSequence)
}

// UnpadSequenceOptions are the options of [UnpadSequence].
type UnpadSequenceOptions struct {
	BatchFirst bool // the padded sequences are batch × steps × ...
}

// UnpadSequence undoes [PadSequence]: it returns the first lengths[i] elements of
// the i-th sequence of padded (steps × batch × ...), as views. It panics if there
// are not as many lengths as sequences.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html
func UnpadSequence(padded *torch.Tensor, lengths []int, options ...UnpadSequenceOptions) []*torch.Tensor {
	dim := batchDim(option.First(options).BatchFirst)
	if batch := padded.Size(dim); batch != len(lengths) {
		panic(torch.Errorf("rnn.UnpadSequence", torch.ValueError, "there are %d sequences, but %d lengths",
			batch, len(lengths)))
	}
	sequences := make([]*torch.Tensor, len(lengths))
	for i, length := range lengths {
		sequences[i] = padded.Select(dim, i).Slice(0, 0, max(length, 0), 1)
	}
	return sequences
}

// PackSequenceOptions are the options of [PackSequence].
type PackSequenceOptions struct {
	EnforceSorted *bool // the longest sequence comes first; false sorts them; default: true
}

// PackSequence packs sequences (length × ...). It panics if they grow where they
// are to be sorted.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_sequence.html
func PackSequence(sequences []*torch.Tensor, options ...PackSequenceOptions) *PackedSequence {
	lengths := make([]int, len(sequences))
	for i, s := range sequences {
		lengths[i] = s.Size(0)
	}
	return PackPaddedSequence(PadSequence(sequences), lengths,
		PackPaddedSequenceOptions{EnforceSorted: option.First(options).EnforceSorted})
}

// UnpackSequence undoes [PackSequence]: it returns the sequences in the order in
// which they were packed, as views of a padded copy.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpack_sequence.html
func UnpackSequence(packed *PackedSequence) []*torch.Tensor {
	argument.NotNil("rnn.UnpackSequence", "the sequence", packed)
	padded, lengths := PadPackedSequence(packed, PadPackedSequenceOptions{BatchFirst: true})
	return UnpadSequence(padded, lengths, UnpadSequenceOptions{BatchFirst: true})
}
