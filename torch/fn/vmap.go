package fn

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Unbatched is the dimension of an input that is the same for all of a batch, or
// of an output that is.
const Unbatched = math.MinInt

// Randomness says what random operations do for the samples of a batch.
type Randomness string

// The kinds of randomness.
const (
	RandomnessError     Randomness = "error"     // they panic
	RandomnessSame      Randomness = "same"      // the same numbers for all samples
	RandomnessDifferent Randomness = "different" // other ones for each sample
)

// VmapOptions are the options of [Vmap].
type VmapOptions struct {
	InDims     []int      // the batch's dimension in each input, or Unbatched; default: 0
	OutDims    []int      // where it goes in each output, or Unbatched; default: 0
	Randomness Randomness // default: RandomnessError
	ChunkSize  *int       // at most so many samples at a time; default: all at once
}

// Vmap returns a function that does for all samples of a batch at once what f does
// for one: f sees its inputs without the batch's dimension. f must not depend on
// the values of its tensors, so it cannot call Item or ToSlice.
//
// The function panics unless its batched inputs have the batch's dimension, of the
// same size.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html
func Vmap[F Func](f F, options ...VmapOptions) F {
	argument.NotNil("fn.Vmap", "the function", f)
	o := option.First(options)
	if o.ChunkSize != nil && *o.ChunkSize <= 0 {
		panic(torch.Errorf("fn.Vmap", torch.ValueError, "vmap: chunk_size should be None or greater than 0. (got %d)",
			*o.ChunkSize))
	}
	return asFunc[F](func(x ...*torch.Tensor) []*torch.Tensor {
		dims, size := o.inputs(x)
		chunkSize := option.Or(o.ChunkSize, size)
		if chunkSize >= size {
			return o.run(autograd.Outputs(f), x, dims, size)
		}
		var parts [][]*torch.Tensor
		for start := 0; start < size; start += chunkSize {
			length := min(chunkSize, size-start)
			chunk := slices.Clone(x)
			for i, dim := range dims {
				if dim != Unbatched {
					chunk[i] = x[i].Narrow(dim, start, length)
				}
			}
			parts = append(parts, o.run(autograd.Outputs(f), chunk, dims, length))
			if got, want := len(parts[len(parts)-1]), len(parts[0]); got != want {
				panic(torch.Errorf("fn.Vmap", torch.ValueError,
					"the function gave %d results for a chunk, and %d for the first", got, want))
			}
		}
		outputs := make([]*torch.Tensor, len(parts[0]))
		for i := range outputs {
			if o.outDim(i) == Unbatched {
				outputs[i] = parts[0][i]
				continue
			}
			list := make([]*torch.Tensor, len(parts))
			for k := range parts {
				list[k] = parts[k][i]
			}
			outputs[i] = torch.Cat(list, o.outDim(i))
		}
		return outputs
	})
}

// inputs returns the batch's dimension in each input, not negative, and its size.
func (o *VmapOptions) inputs(x []*torch.Tensor) (dims []int, size int) {
	const op = "fn.Vmap"
	if len(x) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "vmap(f)(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are"+
			" trying to vmap over a function with no inputs. The latter is unsupported."))
	}
	if dims = slices.Clone(o.InDims); dims == nil {
		dims = make([]int, len(x))
	}
	if len(dims) != len(x) {
		panic(torch.Errorf(op, torch.ValueError, "vmap(f, in_dims=%v, ...)(<inputs>): in_dims is not compatible with the structure"+
			" of `inputs`: there are %d inputs", dims, len(x)))
	}
	var sizes []int
	for i, dim := range dims {
		if dim == Unbatched {
			continue
		}
		if x[i] == nil {
			panic(torch.Errorf(op, torch.ValueError, "vmap(f, in_dims=%v, ...)(<inputs>): Got in_dim=%d for an input but the input is"+
				" nil; use Unbatched as its in_dim", o.InDims, dim))
		}
		n := x[i].Dim()
		if dim < -n || dim >= n {
			panic(torch.Errorf(op, torch.ValueError, "vmap(f, in_dims=%v, ...)(<inputs>): Got in_dim=%d for some input, but that input"+
				" is a Tensor of dimensionality %d so expected in_dim to satisfy -%d <= in_dim < %d.", o.InDims, dim, n, n, n))
		}
		dims[i] = (dim + n) % n
		sizes = append(sizes, x[i].Size(dim))
	}
	if len(sizes) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "vmap: Expected at least one Tensor to vmap over"))
	}
	if slices.Min(sizes) != slices.Max(sizes) {
		panic(torch.Errorf(op, torch.ValueError, "vmap: Expected all tensors to have the same size in the mapped dimension,"+
			" got sizes %v for the mapped dimension", sizes))
	}
	return dims, sizes[0]
}

func (o *VmapOptions) outDim(i int) int {
	if o.OutDims == nil {
		return 0
	}
	return o.OutDims[i]
}

// run calls f with one batch.
func (o *VmapOptions) run(f func(x ...*torch.Tensor) []*torch.Tensor, x []*torch.Tensor, dims []int, size int) (outputs []*torch.Tensor) {
	const op = "fn.Vmap"
	randomness, ok := map[Randomness]cgotorch.Randomness{"": cgotorch.RandomnessError,
		RandomnessError: cgotorch.RandomnessError, RandomnessSame: cgotorch.RandomnessSame,
		RandomnessDifferent: cgotorch.RandomnessDifferent}[o.Randomness]
	if !ok {
		panic(torch.Errorf(op, torch.RuntimeError,
			"Only allowed values for randomness are 'error', 'different', or 'same'. Got %s", o.Randomness))
	}
	atLevel(op, cgotorch.TransformVmap, size, randomness, func(level int) {
		batched := slices.Clone(x)
		for i, dim := range dims {
			if dim != Unbatched {
				var c torch.Call
				c.Int(level)
				c.Tensor(x[i])
				c.Int(dim)
				r := internals.Through(&c, op, cgotorch.Batch)
				batched[i] = r.Tensor()
			}
		}
		raw := f(batched...)
		if o.OutDims != nil && len(o.OutDims) != len(raw) {
			panic(torch.Errorf(op, torch.ValueError, "vmap(f, ..., out_dims=%v)(<inputs>): out_dims is not compatible with the"+
				" structure of `outputs`: there are %d outputs", o.OutDims, len(raw)))
		}
		outputs = make([]*torch.Tensor, len(raw))
		for i, y := range raw {
			outputs[i] = o.unbatch(level, size, y, o.outDim(i))
		}
	})
	return outputs
}

// unbatch shows the batch's dimension of an output.
func (o *VmapOptions) unbatch(level, size int, y *torch.Tensor, dim int) *torch.Tensor {
	const op = "fn.Vmap"
	if y == nil {
		panic(torch.Errorf(op, torch.ValueError, "vmap(f, ...): `f` must only return Tensors, got type nil"))
	}
	at := dim
	if dim == Unbatched {
		at = 0
	} else if n := y.Dim() + 1; dim < -n || dim >= n {
		panic(torch.Errorf(op, torch.IndexError,
			"Dimension out of range (expected to be in range of [%d, %d], but got %d)", -n, n-1, dim))
	} else {
		at = (dim + n) % n
	}
	var c torch.Call
	c.Int(level)
	c.Tensor(y)
	c.Int(size)
	c.Int(at)
	r := internals.Through(&c, op, cgotorch.Unbatch)
	full := r.Tensor()
	if dim == Unbatched {
		return full.Select(0, 0)
	}
	return full
}
