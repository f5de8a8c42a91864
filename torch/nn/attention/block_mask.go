package attention

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// MaskMod says which keys queries attend to: a Bool tensor that broadcasts to batch × heads ×
// queries × keys. Its arguments are the indices that a [ScoreMod] gets.
//
//	func(batch, head, query, key *torch.Tensor) *torch.Tensor { return query.Ge(key) } // causal
type MaskMod func(batch, head, query, key *torch.Tensor) *torch.Tensor

// NoopMask is the [MaskMod] of queries that attend to all keys.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.noop_mask
func NoopMask(batch, _, _, _ *torch.Tensor) *torch.Tensor {
	return torch.Ones(nil, torch.TensorOptions{DType: torch.Bool, Device: batch.Device()})
}

// OrMasks returns the [MaskMod] that allows what one of several allows.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.or_masks
func OrMasks(masks ...MaskMod) MaskMod {
	return combined("attention.OrMasks", masks, torch.Zeros, func(a, b *torch.Tensor) *torch.Tensor { return a.BitwiseOr(b) })
}

// AndMasks returns the [MaskMod] that allows what all of several allow.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.and_masks
func AndMasks(masks ...MaskMod) MaskMod {
	return combined("attention.AndMasks", masks, torch.Ones, func(a, b *torch.Tensor) *torch.Tensor { return a.BitwiseAnd(b) })
}

func combined(op string, masks []MaskMod, first func([]int, ...torch.TensorOptions) *torch.Tensor, combine func(a, b *torch.Tensor) *torch.Tensor) MaskMod {
	for i, mask := range masks {
		argument.NotNil(op, fmt.Sprintf("mask %d", i), mask)
	}
	return func(batch, head, query, key *torch.Tensor) *torch.Tensor {
		result := first(nil, torch.TensorOptions{DType: torch.Bool, Device: batch.Device()})
		for _, mask := range masks {
			result = combine(result, mask(batch, head, query, key))
		}
		return result
	}
}

// MaskOptions are the options of [CreateMask].
type MaskOptions struct {
	Device torch.Device // default: the accelerator, or the CPU where there is none
}

// CreateMask returns what a mask allows, a Bool tensor batches × heads × queries × keys.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.create_mask
func CreateMask(mask MaskMod, batches, heads, queries, keys int, options ...MaskOptions) *torch.Tensor {
	const op = "attention.CreateMask"
	argument.NotNil(op, "mask", mask)
	device := option.First(options).Device
	if device == (torch.Device{}) {
		var ok bool
		if device, ok = accelerator.Current(); !ok {
			device = torch.CPU
		}
	}
	allowed := mask(indices(batches, heads, queries, keys, device))
	if allowed.DType() != torch.Bool {
		panic(torch.Errorf(op, torch.TypeError, "mask.dtype must be torch.bool, got %s", allowed.DType()))
	}
	return allowed.Expand(batches, heads, queries, keys)
}

// BlockMask says which keys queries attend to, and of which blocks of the matrix of scores
// that makes some or all allowed. Blocks with masks inside and full ones are kept apart: of
// each row of blocks how many there are, and which ones. [FlexAttention] uses MaskMod alone;
// the blocks are for kernels that leave the empty ones out. [CreateBlockMask] makes one.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.BlockMask
type BlockMask struct {
	KVNumBlocks     *torch.Tensor // of each row of blocks, how many are allowed in part: batches × heads × rows, Int32
	KVIndices       *torch.Tensor // and which ones, first: batches × heads × rows × columns, Int32
	FullKVNumBlocks *torch.Tensor // the same of blocks that are allowed as a whole, or nil
	FullKVIndices   *torch.Tensor
	QNumBlocks      *torch.Tensor // the same of each column, or nil
	QIndices        *torch.Tensor
	FullQNumBlocks  *torch.Tensor
	FullQIndices    *torch.Tensor
	BlockSize       [2]int // queries and keys of a block
	SeqLengths      [2]int // how many queries and keys there are
	MaskMod         MaskMod
}

// BlockMaskOptions are the options of [CreateBlockMask].
type BlockMaskOptions struct {
	Device             torch.Device // default: the accelerator, or the CPU where there is none
	BlockSize          torch.Sizes  // queries and keys of a block; default: 128
	SeparateFullBlocks *bool        // keep blocks apart that are allowed as a whole; default: true
}

// CreateBlockMask returns the blocks of a mask. batches and heads are 1 for a mask that is the
// same for all.
//
//	causal := func(_, _, query, key *torch.Tensor) *torch.Tensor { return query.Ge(key) }
//	mask := attention.CreateBlockMask(causal, 1, 1, 8192, 8192)
//	y := attention.FlexAttention(q, k, v, attention.FlexAttentionOptions{BlockMask: mask})
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.create_block_mask
func CreateBlockMask(mask MaskMod, batches, heads, queries, keys int, options ...BlockMaskOptions) *BlockMask {
	const op = "attention.CreateBlockMask"
	o := option.First(options)
	size := blockSize(op, o.BlockSize)
	dense := CreateMask(mask, batches, heads, queries, keys, MaskOptions{Device: o.Device})
	rows, columns := blocks(queries, size[0]), blocks(keys, size[1])
	dense = functional.Pad(dense, []int{0, columns*size[1] - keys, 0, rows*size[0] - queries})
	sums := dense.View(batches, heads, rows, size[0], columns, size[1]).Sum(3, 5)
	from := KVBlocksOptions{BlockSize: o.BlockSize, MaskMod: mask, SeqLengths: &[2]int{queries, keys}}
	partial := sums.Gt(0)
	if option.Or(o.SeparateFullBlocks, true) {
		partial = partial.LogicalAnd(sums.Lt(size[0] * size[1]))
		from.FullKVNumBlocks, from.FullKVIndices = ordered(sums.Eq(size[0] * size[1]))
	}
	count, indices := ordered(partial)
	return BlockMaskFromKVBlocks(count, indices, from)
}

// KVBlocksOptions are the options of [BlockMaskFromKVBlocks].
type KVBlocksOptions struct {
	FullKVNumBlocks *torch.Tensor // default: no blocks that are allowed as a whole
	FullKVIndices   *torch.Tensor
	BlockSize       torch.Sizes // default: 128
	MaskMod         MaskMod     // default: NoopMask
	SeqLengths      *[2]int     // default: that of all blocks
	ComputeQBlocks  *bool       // also those of each column; default: true
}

// BlockMaskFromKVBlocks returns the mask of given blocks, Python's BlockMask.from_kv_blocks.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.BlockMask.from_kv_blocks
func BlockMaskFromKVBlocks(kvNumBlocks, kvIndices *torch.Tensor, options ...KVBlocksOptions) *BlockMask {
	const op = "attention.BlockMaskFromKVBlocks"
	o := option.First(options)
	if kvIndices.Dim() != 4 || kvNumBlocks.Dim() != 3 {
		panic(torch.Errorf(op, torch.RuntimeError, "want kvNumBlocks of 3 dimensions and kvIndices of 4, got %d and %d", kvNumBlocks.Dim(), kvIndices.Dim()))
	}
	if (o.FullKVNumBlocks == nil) != (o.FullKVIndices == nil) {
		panic(torch.Errorf(op, torch.ValueError, "full_kv_num_blocks and full_kv_indices must be both provided or omitted"))
	}
	b := &BlockMask{KVNumBlocks: kvNumBlocks, KVIndices: kvIndices, FullKVNumBlocks: o.FullKVNumBlocks, FullKVIndices: o.FullKVIndices,
		BlockSize: blockSize(op, o.BlockSize), MaskMod: o.MaskMod}
	if b.MaskMod == nil {
		b.MaskMod = NoopMask
	}
	b.SeqLengths = option.Or(o.SeqLengths, [2]int{kvIndices.Size(-2) * b.BlockSize[0], kvIndices.Size(-1) * b.BlockSize[1]})
	if option.Or(o.ComputeQBlocks, true) {
		columns := blocks(b.SeqLengths[1], b.BlockSize[1])
		b.QNumBlocks, b.QIndices = ordered(dense(kvNumBlocks, kvIndices, columns).Transpose(-2, -1))
		if o.FullKVIndices != nil {
			b.FullQNumBlocks, b.FullQIndices = ordered(dense(o.FullKVNumBlocks, o.FullKVIndices, columns).Transpose(-2, -1))
		}
	}
	return b
}

// blockSize returns how many queries and keys a block has.
func blockSize(op string, size torch.Sizes) (pair [2]int) {
	switch size := size.(type) {
	case nil:
		pair = [2]int{128, 128}
	case int:
		pair = [2]int{size, size}
	case []int:
		copy(pair[:], size)
	}
	if pair[0] <= 0 || pair[1] <= 0 {
		panic(torch.Errorf(op, torch.ValueError, "BlockSize must be a number above 0 or two of them, got %v", size))
	}
	return pair
}

// blocks returns how many blocks of a size it takes for n.
func blocks(n, size int) int { return (n + size - 1) / size }

// ordered returns how many blocks of each row are allowed, and their columns, before the
// others.
func ordered(allowed *torch.Tensor) (count, indices *torch.Tensor) {
	allowed = allowed.To(torch.Int32)
	indices = allowed.Argsort(torch.ArgsortOptions{Descending: true, Stable: true})
	return allowed.Sum(-1).To(torch.Int32), indices.To(torch.Int32)
}

// dense is the way back from [ordered]: 1 for each block that is allowed, Int32.
func dense(count, indices *torch.Tensor, columns int) *torch.Tensor {
	shape := indices.Shape()
	shape[len(shape)-1] = columns + 1 // the last one takes what is not allowed
	allowed := torch.Arange(0, indices.Size(-1), 1, torch.TensorOptions{Device: indices.Device()}).Lt(count.Unsqueeze(-1))
	where := torch.Where(allowed, indices.To(torch.Int64), columns)
	return indices.NewZeros(shape).Scatter(-1, where, 1).Narrow(-1, 0, columns)
}

// mustBeWhole panics where the mask was not made by this package's functions.
func (b *BlockMask) mustBeWhole() {
	if b == nil || b.KVNumBlocks == nil || b.KVIndices == nil || b.KVNumBlocks.Dim() != 3 || b.KVIndices.Dim() != 4 || min(b.BlockSize[0], b.BlockSize[1]) < 1 {
		panic(torch.Errorf("attention.BlockMask", torch.TypeError, "the mask is none that CreateBlockMask or BlockMaskFromKVBlocks returned"))
	}
}

// Shape returns batches, heads, queries and keys.
func (b *BlockMask) Shape() []int {
	b.mustBeWhole()
	return append(b.KVIndices.Shape()[:2], b.SeqLengths[:]...)
}

// Numel returns how many pairs of a query and a key there are, allowed or not.
func (b *BlockMask) Numel() int {
	n := 1
	for _, size := range b.Shape() {
		n *= size
	}
	return n
}

// Sparsity returns how many percent of the blocks are allowed in no part.
func (b *BlockMask) Sparsity() float64 {
	b.mustBeWhole()
	total := b.KVNumBlocks.Size(0) * b.KVNumBlocks.Size(1) * blocks(b.SeqLengths[0], b.BlockSize[0]) * blocks(b.SeqLengths[1], b.BlockSize[1])
	computed := b.KVNumBlocks.Sum().Int()
	if b.FullKVNumBlocks != nil {
		computed += b.FullKVNumBlocks.Sum().Int()
	}
	return 100 * (1 - float64(computed)/float64(total))
}

// ToDense returns 1 for each block that is allowed, in part or as a whole, an Int32 tensor
// batches × heads × rows × columns.
func (b *BlockMask) ToDense() *torch.Tensor {
	b.mustBeWhole()
	x := dense(b.KVNumBlocks, b.KVIndices, b.KVIndices.Size(-1))
	if b.FullKVNumBlocks != nil {
		x = x.BitwiseOr(dense(b.FullKVNumBlocks, b.FullKVIndices, b.FullKVIndices.Size(-1)))
	}
	return x
}

// To returns the mask with its tensors on a device. MaskMod is the same: what it uses must be
// on the device of its arguments.
func (b *BlockMask) To(device torch.Device) *BlockMask {
	b.mustBeWhole()
	moved := *b
	for _, x := range []**torch.Tensor{&moved.KVNumBlocks, &moved.KVIndices, &moved.FullKVNumBlocks, &moved.FullKVIndices,
		&moved.QNumBlocks, &moved.QIndices, &moved.FullQNumBlocks, &moved.FullQIndices} {
		if *x != nil {
			*x = (*x).To(device)
		}
	}
	return &moved
}

// String returns the mask's shape, its sparsity and a picture of its blocks, as Python prints
// them: at most 20 by 20 of at most four heads.
func (b *BlockMask) String() string {
	const most, heads = 20, 4
	x := b.ToDense().To(torch.CPU, torch.Float32)
	rowStep, columnStep := max(1, blocks(x.Size(2), most)), max(1, blocks(x.Size(3), most))
	var pictures []string
	for i := range x.Size(0) * x.Size(1) {
		if i == heads {
			pictures = append(pictures, "...", "To print out more, set BlockMask.to_string(limit=N)",
				"You can also index (BlockMask[batch, head]) to choose a specific batch or head")
			break
		}
		batch, head := i/x.Size(1), i%x.Size(1)
		var text strings.Builder
		fmt.Fprintf(&text, "(%d, %d)\n", batch, head)
		for row := 0; row < x.Size(2); row += rowStep {
			for column := 0; column < x.Size(3); column += columnStep {
				switch x.Select(0, batch).Select(0, head).Slice(0, row, row+rowStep, 1).Slice(1, column, column+columnStep, 1).Mean().Item() {
				case 0:
					text.WriteString("  ")
				case 1:
					text.WriteString("██")
				default:
					text.WriteString("░░")
				}
			}
			text.WriteString("\n")
		}
		pictures = append(pictures, text.String())
	}
	return fmt.Sprintf("BlockMask(shape=%s, sparsity=%.2f%%, \n%s\n)", python.Repr(python.TupleOf(b.Shape())), b.Sparsity(),
		strings.TrimSpace(strings.Join(pictures, "\n")))
}

// check panics where the mask is not for so many queries and keys, or on another device.
func (b *BlockMask) check(op string, queries, keys int, device torch.Device) {
	switch {
	case queries > b.SeqLengths[0] || keys > b.SeqLengths[1]:
		panic(torch.Errorf(op, torch.RuntimeError, "block_mask was created for a smaller length than you're using it for, you likely need to create a new block mask."))
	case queries < b.SeqLengths[0] || keys < b.SeqLengths[1]:
		panic(torch.Errorf(op, torch.RuntimeError, "block_mask was created for a larger length than you're using it for, create a new block mask with the correct length"))
	case b.KVNumBlocks.Device() != device:
		panic(torch.Errorf(op, torch.RuntimeError, "Expect q/k/v and block_mask to be on the same device but got %s and %s.", device, b.KVNumBlocks.Device()))
	}
}
