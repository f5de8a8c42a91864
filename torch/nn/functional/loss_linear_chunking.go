package functional

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// LinearCrossEntropyChunking are PyTorch's LinearCrossEntropyOptions: how
// [LinearCrossEntropy] takes the batch in chunks, so that it never holds the scores
// of all of it. That saves memory where there are many more classes than features.
//
// It is for labels, or probabilities that have input's dtype and no gradient, for
// scores of two dimensions, and without LabelSmoothing; otherwise it has no effect.
// The gradients are computed with the loss, unless there is no reduction. They
// cannot be differentiated themselves, and forward gradients do not go through.
// CUDA computes as the CPU does, with casts where PyTorch has kernels that mix
// dtypes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyOptions.html
type LinearCrossEntropyChunking struct {
	AllowRetainGraph bool        // allow several Backwards of a mean or a sum, with a copy of the gradients
	BatchChunkSize   int         // the rows of a chunk; default: as ChunkingMethod says
	ChunkingMethod   string      // "aspect_ratio", "aspect_ratio:N" for a size N times smaller, or "none"; default: "auto"
	AccPolicy        string      // "accurate", or "compact" for less memory where AccDType is not input's dtype; default: "auto"
	AccDType         torch.DType // that of sums; default: Float32 for 16 bits and an AccPolicy of "auto", else input's dtype
}

const (
	auto  = "auto"
	whole = "none" // the method that makes no chunks
)

// String returns the options as Python prints them.
func (o LinearCrossEntropyChunking) String() string {
	var size, method, dtype any
	if o.BatchChunkSize != 0 {
		size = o.BatchChunkSize
	}
	if o.ChunkingMethod != whole {
		method = "'" + cmp.Or(o.ChunkingMethod, auto) + "'"
	}
	if o.AccDType != 0 {
		dtype = o.AccDType
	}
	return fmt.Sprintf("LinearCrossEntropyOptions(allow_retain_graph=%s, batch_chunk_size=%s, chunking_method=%s, acc_policy='%s', acc_dtype=%s)",
		python.Repr(o.AllowRetainGraph), python.Repr(size), python.Repr(method), cmp.Or(o.AccPolicy, auto), python.Repr(dtype))
}

// factor returns by how much the method makes chunks smaller, and panics on values
// that options cannot have.
func (o LinearCrossEntropyChunking) factor() int {
	invalid := func(format string, args ...any) {
		panic(torch.Errorf("functional.LinearCrossEntropy", torch.ValueError, format, args...))
	}
	if !slices.Contains([]string{"", "accurate", "compact", auto}, o.AccPolicy) {
		invalid("invalid acc_policy: '%s'; expected one of 'auto', 'accurate', 'compact'", o.AccPolicy)
	}
	if o.BatchChunkSize < 0 {
		invalid("batch_chunk_size must be positive int or None, got %d", o.BatchChunkSize)
	}
	if o.AccDType != 0 && !slices.Contains([]torch.DType{torch.Float16, torch.BFloat16, torch.Float32, torch.Float64}, o.AccDType) {
		invalid("acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32, torch.float64}, got %v. "+
			"Leave AccDType at 0 to let the op pick automatically.", o.AccDType)
	}
	switch name, digits, found := strings.Cut(o.ChunkingMethod, ":"); {
	case slices.Contains([]string{"", auto, whole, "aspect_ratio"}, o.ChunkingMethod):
		return 1
	case found && name == "aspect_ratio":
		if n, err := strconv.Atoi(digits); err == nil && n > 0 {
			return n
		}
	}
	invalid("invalid chunking_method: '%s'", o.ChunkingMethod)
	return 0
}

// chunking is a LinearCrossEntropyChunking for given tensors.
type chunking struct {
	size    int         // the rows of a chunk
	dtype   torch.DType // that of the input, the loss and the gradients
	acc     torch.DType // that of sums
	scores  torch.DType // that of the scores, and of what is multiplied for gradients
	compact bool
	how     Reduction // the reduction
	ignore  int       // the label that does not count
}

// resolve returns the options for an input (batch × in).
func (o LinearCrossEntropyChunking) resolve(input *torch.Tensor, classes int, probabilities bool) chunking {
	batch, in, dtype := input.Size(0), input.Size(1), input.DType()
	policy, method := cmp.Or(o.AccPolicy, auto), cmp.Or(o.ChunkingMethod, auto)
	narrow := dtype == torch.Float16 || dtype == torch.BFloat16
	c := chunking{size: batch, dtype: dtype, acc: o.AccDType}
	if c.acc == 0 {
		if c.acc = dtype; narrow && policy == auto {
			c.acc = torch.Float32
		}
	}
	if c.acc != dtype && (!narrow || c.acc != torch.Float32) {
		panic(torch.Errorf("functional.LinearCrossEntropy", torch.RuntimeError,
			"linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got %v acc_dtype and %v inputs.", c.acc, dtype))
	}
	c.compact = policy == "compact" || policy == auto && (!narrow || !input.Device().IsCPU())
	if c.scores = c.acc; c.compact && dtype == torch.Float16 {
		c.scores = dtype
	}
	if o.BatchChunkSize != 0 {
		c.size = min(o.BatchChunkSize, batch)
	}
	if factor := o.factor(); method != whole && (method != auto || o.BatchChunkSize == 0) {
		rows := ceilDiv(batch, ceilDiv(classes, in))
		c.size = min(1<<bits.Len(uint(max(rows-1, 0)))/factor, batch)
		if method == auto && c.compact {
			// More would take more memory than without chunks.
			most := batch * classes / (4 * in)
			if probabilities {
				most = batch / 2
			}
			c.size = min(c.size, 1<<(bits.Len(uint(max(most, 1)))-1))
		}
		if o.BatchChunkSize != 0 && o.BatchChunkSize != c.size {
			panic(torch.Errorf("functional.LinearCrossEntropy", torch.ValueError, "batch_chunk_size (=%[1]d) and chunking_method ('%[2]s') give different chunk sizes"+
				" (%[1]d vs %[3]d); pass only one.", o.BatchChunkSize, method, c.size))
		}
	}
	c.size = max(c.size, 1)
	return c
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
