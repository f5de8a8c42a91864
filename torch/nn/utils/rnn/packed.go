// Package rnn is PyTorch's torch.nn.utils.rnn: batches of sequences of different
// lengths, padded to one length or packed without padding.
package rnn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// PackedSequence is a batch of sequences without padding, which recurrent layers
// take and give: the first elements of all sequences, then the second ones, and so
// on, the longest sequence first. [PackPaddedSequence] and [PackSequence] make it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
type PackedSequence struct {
	Data            *torch.Tensor // elements × ...
	BatchSizes      *torch.Tensor // steps: how many sequences have an element there; Int64, on the CPU
	SortedIndices   *torch.Tensor // batch: where each of the sorted sequences was; nil where they were sorted
	UnsortedIndices *torch.Tensor // batch: where each sequence is among the sorted ones, or nil
}

// To returns the sequence with its data converted, and its indices on the device
// of the data. BatchSizes stay on the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html#torch.nn.utils.rnn.PackedSequence.to
func (p *PackedSequence) To(targets ...torch.Target) *PackedSequence {
	moved := *p
	moved.Data = p.Data.To(targets...)
	if p.SortedIndices != nil {
		moved.SortedIndices = p.SortedIndices.To(moved.Data.Device())
		moved.UnsortedIndices = p.UnsortedIndices.To(moved.Data.Device())
	}
	return &moved
}

// String returns what Python's print shows.
func (p *PackedSequence) String() string {
	return fmt.Sprintf("PackedSequence(data=%v, batch_sizes=%v, sorted_indices=%v, unsorted_indices=%v)",
		p.Data, p.BatchSizes, p.SortedIndices, p.UnsortedIndices)
}

// InvertPermutation returns the inverse of a permutation (Int64, one dimension);
// that of nil is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.invert_permutation.html
func InvertPermutation(permutation *torch.Tensor) *torch.Tensor {
	if permutation == nil {
		return nil
	}
	places := torch.Arange(0, permutation.Numel(), 1, torch.TensorOptions{Device: permutation.Device()})
	return torch.EmptyLike(permutation).ScatterInplace(0, permutation, places)
}

// PackPaddedSequenceOptions are the options of [PackPaddedSequence].
type PackPaddedSequenceOptions struct {
	BatchFirst    bool  // the input is batch × steps × ...
	EnforceSorted *bool // the longest sequence comes first; false sorts them; default: true
}

var (
	opPack = torch.NewOperator("aten::_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor, Tensor)")
	opPad  = torch.NewOperator("aten::_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length) -> (Tensor, Tensor)")
)

// PackPaddedSequence packs input (steps × batch × ...), of which the i-th sequence
// has lengths[i] elements and is padding from there on. It panics on a length that
// is not positive or more than the steps, and on lengths that grow where they are
// to be sorted.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
func PackPaddedSequence(input *torch.Tensor, lengths []int, options ...PackPaddedSequenceOptions) *PackedSequence {
	o := option.First(options)
	sizes := torch.FromSlice(lengths)
	p := &PackedSequence{}
	if o.EnforceSorted != nil && !*o.EnforceSorted {
		var order *torch.Tensor
		sizes, order = sizes.Sort(torch.SortOptions{Descending: true})
		p.SortedIndices = order.To(input.Device())
		p.UnsortedIndices = InvertPermutation(p.SortedIndices)
		input = input.IndexSelect(batchDim(o.BatchFirst), p.SortedIndices)
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(sizes)
	c.Bool(o.BatchFirst)
	results := c.Results(opPack)
	p.Data, p.BatchSizes = results.Tensor(), results.Tensor()
	return p
}

// PadPackedSequenceOptions are the options of [PadPackedSequence].
type PadPackedSequenceOptions struct {
	BatchFirst   bool    // give batch × steps × ...
	PaddingValue float64 // what shorter sequences are filled up with
	TotalLength  *int    // the number of steps; default: that of the longest sequence
}

// PadPackedSequence undoes [PackPaddedSequence]: it returns the sequences (steps ×
// batch × ...) in the order in which they were packed, and their lengths. It panics
// if TotalLength is less than the longest.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html
func PadPackedSequence(sequence *PackedSequence, options ...PadPackedSequenceOptions) (padded *torch.Tensor, lengths []int) {
	argument.NotNil("rnn.PadPackedSequence", "the sequence", sequence)
	o := option.First(options)
	steps := sequence.BatchSizes.Size(0)
	if total := o.TotalLength; total != nil {
		if *total < steps {
			panic(torch.Errorf("rnn.PadPackedSequence", torch.ValueError, "Expected total_length to be at least the length of the longest sequence in input, "+
				"but got total_length=%d and max sequence length being %d", *total, steps))
		}
		steps = *total
	}
	var c torch.Call
	c.Tensor(sequence.Data)
	c.Tensor(sequence.BatchSizes)
	c.Bool(o.BatchFirst)
	c.Float(o.PaddingValue)
	c.Int(steps)
	results := c.Results(opPad)
	padded, sizes := results.Tensor(), results.Tensor()
	if order := sequence.UnsortedIndices; order != nil {
		padded = padded.IndexSelect(batchDim(o.BatchFirst), order)
		sizes = sizes.IndexSelect(0, order.To(torch.CPU))
	}
	return padded, torch.ToSlice[int](sizes)
}

// batchDim returns where the batch is.
func batchDim(batchFirst bool) int {
	if batchFirst {
		return 0
	}
	return 1
}
