package main

import (
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// dtypes are those that numbers can be turned to.
var dtypes = []torch.DType{
	torch.Float32, torch.Float32, torch.Float64, torch.Float64, torch.Int64, torch.Int64, torch.Int32, torch.Bool,
	torch.Uint8, torch.Int8, torch.Int16, torch.Float16, torch.BFloat16, torch.Complex64, torch.Complex128,
	torch.Complex32, torch.Float8E5M2, torch.Float8E4M3FN, torch.Uint16, torch.Uint32, torch.Uint64,
}

// unnamed are dtypes that only Python has names for.
var unnamed = map[torch.DType]string{
	17: "torch.quint4x2", 18: "torch.quint2x4", 19: "torch.bits1x8", 20: "torch.bits2x4", 21: "torch.bits4x2", 22: "torch.bits8",
	23: "torch.bits16", 31: "torch.uint1", 37: "torch.uint7", 38: "torch.int1", 44: "torch.int7", 45: "torch.float8_e8m0fnu",
	46: "torch.float4_e2m1fn_x2", 47: "torch.bcomplex32",
}

// rareDTypes are those that few operators know, and some that are none.
var rareDTypes = []torch.DType{
	torch.QInt8, torch.QUint8, torch.QInt32, torch.Float8E5M2FNUZ, torch.Float8E4M3FNUZ,
	17, 18, 19, 20, 21, 22, 23, 31, 37, 38, 44, 45, 46, 47, 48, 49, 200,
}

func (r *source) anyDType() torch.DType { return pick(r, dtypes...) }

func (r *source) anySizes() []int {
	sizes := make([]int, pick(r, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5))
	for i := range sizes {
		sizes[i] = pick(r, 1, 2, 2, 3, 3, 4, 4, 5, 8)
		if r.chance(0.04) {
			sizes[i] = 0
		}
	}
	return sizes
}

func numel(sizes []int) int {
	n := 1
	for _, size := range sizes {
		n *= size
	}
	return n
}

// do adds a statement to the program and returns its variable.
func (r *source) do(op string, args ...any) variable {
	return r.doWith(op, nil, args...)
}

func (r *source) doWith(op string, kwargs []keyword, args ...any) variable {
	r.program = append(r.program, statement{op, args, kwargs})
	return variable(len(r.program) - 1)
}

// filler draws the values of n elements.
type filler func(n int) []float64

// numbers draws values of which some are extreme.
func (r *source) numbers(n int) []float64 {
	list := make([]float64, n)
	kind := r.IntN(6)
	for i := range list {
		switch kind {
		case 0:
			list[i] = float64(r.IntN(4))
		case 1:
			list[i] = 1
		case 2: // all stay 0
		case 3:
			list[i] = r.float()
		default:
			list[i] = math.Round(200*r.Float64()-100) / 50
		}
	}
	return list
}

// indices draws values that are indices more often than not.
func (r *source) indices(n int) []float64 {
	list := make([]float64, n)
	sorted := r.chance(0.4)
	for i := range list {
		list[i] = float64(r.IntN(3))
		if r.chance(0.02) {
			list[i] = float64(r.int(""))
		}
	}
	if sorted {
		slices.Sort(list)
	}
	return list
}

// dense makes a contiguous tensor.
func (r *source) dense(dtype torch.DType, sizes []int, fill filler) variable {
	return r.do("aten::to.dtype", numbers{fill(numel(sizes)), sizes}, dtype)
}

// tensor draws a tensor for a parameter of that name.
func (r *source) tensor(name string) variable {
	if len(r.tensors) > 0 && r.chance(0.07) {
		return pick(r, r.tensors...)
	}
	dtype, sizes, fill := r.guess(name)
	var x variable
	if r.plain || r.chance(0.6) {
		x = r.dense(dtype, sizes, fill)
	} else {
		x, dtype = r.special(dtype, sizes, fill)
	}
	if (dtype.IsFloatingPoint() || dtype.IsComplex()) && r.chance(0.15) {
		x = r.do("aten::requires_grad_", x, true)
		if r.chance(0.5) { // not a leaf
			x = r.do("aten::clone", x)
		}
	}
	r.tensors = append(r.tensors, x)
	return x
}

// guess draws what a tensor of that name may be like.
func (r *source) guess(name string) (torch.DType, []int, filler) {
	dtype, sizes, fill := r.dtype, r.sizes, r.numbers
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) })
	}
	switch {
	case has("ind", "target", "offset", "length", "batch_sizes", "pivots", "zero_point", "crow", "col_", "row_", "cum_seq", "split", "rank"):
		dtype, fill = pick(r, torch.Int64, torch.Int64, torch.Int64, torch.Int32, r.anyDType()), r.indices
		sizes = pick(r, r.sizes, []int{numel(r.sizes)}, []int{1 + r.IntN(4)})
	case has("mask", "condition"):
		dtype = pick(r, torch.Bool, torch.Bool, r.dtype)
	case has("bias", "weight", "running", "mean", "var", "invstd"):
		if len(r.sizes) > 0 && r.chance(0.6) {
			sizes = []int{r.sizes[min(1, len(r.sizes)-1)]}
		}
	case has("scale", "lr", "found_inf", "start", "end"):
		sizes = pick(r, nil, []int{1}, r.sizes)
	}
	if r.plain {
		return dtype, sizes, fill
	}
	if r.chance(0.15) {
		dtype = r.anyDType()
	}
	switch {
	case r.chance(0.15):
		sizes = r.anySizes()
	case r.chance(0.1) && len(sizes) > 0: // broadcast
		sizes = slices.Clone(sizes[r.IntN(2):])
		for i := range sizes {
			if r.chance(0.3) {
				sizes[i] = 1
			}
		}
	case r.chance(0.1) && len(sizes) > 1: // as a matrix that is multiplied
		sizes = slices.Clone(sizes)
		n := len(sizes)
		sizes[n-1], sizes[n-2] = sizes[n-2], sizes[n-1]
	}
	return dtype, sizes, fill
}

// special makes a tensor whose elements do not lie one after the other.
func (r *source) special(dtype torch.DType, sizes []int, fill filler) (variable, torch.DType) {
	n := len(sizes)
	for {
		switch r.IntN(16) {
		case 0:
			if n > 1 {
				reversed, dims := slices.Clone(sizes), make([]int, n)
				slices.Reverse(reversed)
				for i := range dims {
					dims[i] = n - 1 - i
				}
				return r.do("aten::permute", r.dense(dtype, reversed, fill), listOf(dims)), dtype
			}
		case 1:
			if n > 0 {
				double := slices.Clone(sizes)
				double[n-1] *= 2
				return r.do("aten::slice.Tensor", r.dense(dtype, double, fill), -1, 0, math.MaxInt, 2), dtype
			}
		case 2:
			if n > 0 {
				one := slices.Clone(sizes)
				one[r.IntN(n)] = 1
				return r.do("aten::expand", r.dense(dtype, one, fill), listOf(sizes)), dtype
			}
		case 3:
			x := r.dense(dtype, []int{numel(sizes) + 3}, fill)
			return r.do("aten::as_strided", x, listOf(sizes), listOf(strides(sizes)), 3), dtype
		case 4:
			if n == 4 || n == 5 {
				format := torch.ChannelsLast
				if n == 5 {
					format = torch.ChannelsLast3d
				}
				return r.doWith("aten::contiguous", []keyword{{"memory_format", format}}, r.dense(dtype, sizes, fill)), dtype
			}
		case 5, 6:
			options := []keyword{{"dtype", dtype}, {"device", torch.Meta}}
			return r.doWith("aten::empty.memory_format", options, listOf(sizes)), dtype
		case 7, 8:
			if n > 0 {
				return r.sparse(sizes, fill)
			}
		case 9, 10:
			return r.quantized(sizes, fill)
		case 11:
			if n > 0 {
				return r.do("aten::to_mkldnn", r.dense(torch.Float32, sizes, fill)), torch.Float32
			}
		case 12:
			if n > 0 {
				x := r.dense(torch.Float32, sizes, fill)
				return r.do("aten::_nested_tensor_from_tensor_list", []any{x, x}), torch.Float32
			}
		case 13:
			return r.do("aten::conj", r.dense(torch.Complex64, sizes, fill)), torch.Complex64
		case 14:
			return r.do("aten::_neg_view", r.dense(torch.Float32, sizes, fill)), torch.Float32
		case 15:
			if r.chance(0.5) {
				return r.doWith("aten::_efficientzerotensor", []keyword{{"dtype", dtype}}, listOf(sizes)), dtype
			}
			rare := pick(r, torch.Float8E5M2FNUZ, torch.DType(22), torch.DType(31), torch.DType(38), torch.DType(45), torch.DType(46))
			return r.do("aten::view.dtype", r.dense(torch.Uint8, sizes, fill), rare), torch.Uint8
		}
	}
}

// sparse makes a tensor of one of the sparse layouts.
func (r *source) sparse(sizes []int, fill filler) (variable, torch.DType) {
	dtype := pick(r, torch.Float32, torch.Float32, torch.Float64, torch.Int64, torch.Complex64, torch.Bool)
	layout := pick(r, torch.SparseCOO, torch.SparseCSR, torch.SparseCSC, torch.SparseBSR, torch.SparseBSC)
	switch {
	case len(sizes) != 2:
		layout = torch.SparseCOO
	case layout == torch.SparseCOO && r.chance(0.4) && sizes[0] > 0 && sizes[1] > 0: // not coalesced
		indices := r.do("aten::to.dtype", numbers{[]float64{0, 0, 0, 0}, []int{2, 2}}, torch.Int64)
		return r.do("aten::sparse_coo_tensor.indices_size", indices, r.dense(dtype, []int{2}, fill), listOf(sizes)), dtype
	}
	options := []keyword{{"layout", layout}}
	if layout == torch.SparseBSR || layout == torch.SparseBSC {
		options = append(options, keyword{"blocksize", []any{1, 1}})
	}
	return r.doWith("aten::to_sparse", options, r.dense(dtype, sizes, fill)), dtype
}

// quantized makes a quantized tensor.
func (r *source) quantized(sizes []int, fill filler) (variable, torch.DType) {
	dtype := pick(r, torch.QInt8, torch.QUint8, torch.QInt32)
	x := r.dense(torch.Float32, sizes, fill)
	if len(sizes) == 0 || r.chance(0.7) {
		return r.do("aten::quantize_per_tensor", x, 0.1, 2, dtype), dtype
	}
	axis := r.IntN(len(sizes))
	scales := make([]float64, sizes[axis])
	for i := range scales {
		scales[i] = 0.1
	}
	list := numbers{scales, []int{len(scales)}}
	points := r.do("aten::to.dtype", numbers{make([]float64, len(scales)), []int{len(scales)}}, torch.Int64)
	return r.do("aten::quantize_per_channel", x, list, points, axis, dtype), dtype
}
