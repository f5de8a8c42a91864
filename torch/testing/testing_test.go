package testing_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	torchtesting "github.com/wangkuiyi/gotorch/torch/testing"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type golden struct {
	Errors  map[string]*string
	Tensors map[string]struct {
		Stride []int
		Offset int
		Value  torchtest.Tensor
	}
}

// compared has twice what the case of the golden file compares, and its options.
type compared struct {
	actual, expected any
	options          torchtesting.CloseOptions
}

func quantized(x *torch.Tensor, scale float64) *torch.Tensor {
	return torch.QuantizePerTensor(x, scale, 0, torch.QInt8)
}

func coordinates(indices []int, values any, size ...int) *torch.Tensor {
	return torch.SparseCOOTensor(torch.FromSlice(indices, 2, 2), values.(*torch.Tensor), torch.SparseOptions{Size: size})
}

func TestWordsArePythons(t *testing.T) {
	var g golden
	h := torchtest.Golden(t, "testdata/testing.json", &g)
	nan, inf := math.NaN(), math.Inf(1)
	of := func(values ...float32) *torch.Tensor { return torch.FromSlice(values) }
	x := torch.Arange(0, 6.0, 1).View(2, 3)
	y := torch.FromSlice([]float32{0, 1.25, 2, 3, 4, 6.5}, 2, 3)
	options := func(o torchtesting.CloseOptions) torchtesting.CloseOptions { return o }
	zero := options(torchtesting.CloseOptions{Rtol: new(0.0), Atol: new(0.0)})
	equalNaN := options(torchtesting.CloseOptions{EqualNaN: true})
	anyType := options(torchtesting.CloseOptions{CheckDType: new(false)})
	anyLayout := options(torchtesting.CloseOptions{CheckLayout: new(false)})
	none := torchtesting.CloseOptions{}
	to := func(d torch.DType, options torchtesting.CloseOptions, values ...*torch.Tensor) func() compared {
		return func() compared { return compared{values[0].To(d), values[1].To(d), options} }
	}
	is := func(actual, expected any, options torchtesting.CloseOptions) func() compared {
		return func() compared { return compared{actual, expected, options} }
	}
	columns := x.T().Contiguous().T()
	coo := func(last float32) *torch.Tensor { return coordinates([]int{0, 1, 1, 2}, of(1, last), 2, 3) }
	cases := map[string]func() compared{
		"close":           is(x, x.Add(1e-6), none),
		"values":          is(x, y, none),
		"values swapped":  is(y, x, none),
		"equal":           is(x, y, zero),
		"tolerances":      is(x, y, torchtesting.CloseOptions{Rtol: new(0.25), Atol: new(0.5)}),
		"float64":         to(torch.Float64, none, x, y),
		"float64 close":   is(x.To(torch.Float64), x.To(torch.Float64).Add(1e-6), none),
		"float16":         to(torch.Float16, none, x, y),
		"bfloat16":        to(torch.BFloat16, none, x, y),
		"bfloat16 close":  to(torch.BFloat16, none, x, x.Mul(1.01)),
		"complex":         is(torch.Complex(x, y), torch.Complex(x, x), none),
		"complex scalar":  is(torch.NewTensor(complex64(1+2i)), torch.NewTensor(complex64(1-2.5i)), none),
		"int64":           is(torch.FromSlice([]int{1, 2, 3}), torch.FromSlice([]int{1, 5, 0}), none),
		"uint8":           is(torch.FromSlice([]uint8{1, 2, 3}), torch.FromSlice([]uint8{1, 5, 0}), none),
		"bool":            is(torch.FromSlice([]bool{true, false}), torch.FromSlice([]bool{true, true}), none),
		"scalar":          is(torch.NewTensor(float32(1)), torch.NewTensor(float32(1.5)), none),
		"int scalar":      is(torch.NewTensor(3), torch.NewTensor(4), none),
		"bool scalar":     is(torch.NewTensor(true), torch.NewTensor(false), none),
		"nan":             is(of(1, float32(nan)), of(1, float32(nan)), none),
		"nan scalar":      is(torch.NewTensor(float32(nan)), torch.NewTensor(float32(nan)), none),
		"nan equal":       is(of(1, float32(nan)), of(1, float32(nan)), equalNaN),
		"inf":             is(of(float32(inf), 1), of(float32(-inf), 1), none),
		"inf equal":       is(of(float32(inf), 1), of(float32(inf), 1), none),
		"shape":           is(x, x.View(3, 2), none),
		"shape of none":   is(torch.NewTensor(float32(1)), of(1), none),
		"dtype":           is(x, x.To(torch.Float64), none),
		"dtype ignored":   is(x, x.To(torch.Float64), anyType),
		"dtypes":          is(x.To(torch.Float16), y.To(torch.Float64), anyType),
		"uint16 ignored":  func() compared { return compared{torch.FromSlice([]uint16{1}), torch.FromSlice([]int32{1}), anyType} },
		"stride":          is(x, columns, torchtesting.CloseOptions{CheckStride: true}),
		"stride ignored":  is(x, columns, none),
		"layout":          is(x, x.ToSparse(), none),
		"layout ignored":  is(x, x.ToSparse(), anyLayout),
		"device":          is(x, x.To(torch.Meta), none),
		"meta":            is(x.To(torch.Meta), y.To(torch.Meta), none),
		"coo":             is(coo(2), coo(3), none),
		"coo indices":     is(coo(2), coordinates([]int{0, 1, 1, 1}, of(1, 2), 2, 3), none),
		"coo number":      is(coo(2), x.ToSparse(), none),
		"csr":             func() compared { return compared{x.ToSparseCSR(), y.ToSparseCSR(), none} },
		"csr number":      func() compared { return compared{x.ToSparseCSR(), x.Mul(x.Gt(2)).ToSparseCSR(), none} },
		"csr indices":     func() compared { return compared{torch.Eye(2).ToSparseCSR(), torch.Eye(2).Flip(0).ToSparseCSR(), none} },
		"csc":             func() compared { return compared{x.ToSparseCSC(), y.ToSparseCSC(), none} },
		"quantized":       is(quantized(x, 0.5), quantized(y, 0.5), none),
		"quantized close": is(quantized(x, 0.5), quantized(x, 0.25), none),
		"qscheme": is(quantized(x, 0.5), torch.QuantizePerChannel(x, of(0.5, 0.5), torch.FromSlice([]int{0, 0}), 0, torch.QInt8),
			none),
		"quantized or not":       is(quantized(x, 0.5), x, none),
		"layout ignored, values": is(y, x.ToSparse(), anyLayout),
		"coo dims": is(coo(2), torch.SparseCOOTensor(torch.FromSlice([]int{0, 1}, 1, 2), torch.Ones([]int{2, 3}),
			torch.SparseOptions{Size: []int{2, 3}}), none),
		"float8":            to(torch.Float8E4M3FN, none, of(1, 2, 3), of(1, 2, 4)),
		"float8 equal":      to(torch.Float8E4M3FN, none, of(1, 2, 3), of(1, 2, 3)),
		"float8 tolerances": to(torch.Float8E4M3FN, torchtesting.CloseOptions{Rtol: new(0.1), Atol: new(0.1)}, of(1, 2, 3), of(1, 2, 4)),
		"empty":             is(of(), of(), none),
		"three dims":        is(torch.Zeros([]int{2, 2, 2}), torch.Eye(8).Select(0, 5).View(2, 2, 2), none),
		"numbers":           is(1.0, 1.5, none),
		"numbers equal":     is(1e-9, 1e-10, zero),
		"numbers close":     is(1.0, 1+1e-8, none),
		"integers":          is(3, 4, none),
		"to zero":           is(0.5, 0.0, none),
		"large integers":    is(1<<62, 1<<62+1, none),
		"complex numbers":   is(1+2i, 3i, none),
		"number nan":        is(nan, nan, none),
		"number nan equal":  is(nan, nan, equalNaN),
		"number inf":        is(inf, inf, none),
		"bools":             is(true, false, none),
		"bools equal":       is(true, true, none),
		"none":              is(nil, 1, none),
		"nones":             is(nil, nil, none),
		"sequence":          is([]*torch.Tensor{x, y}, [2]any{x, x}, none),
		"sequence equal":    is([]*torch.Tensor{x, y}, []any{x, y}, none),
		"length":            is([]*torch.Tensor{x}, []*torch.Tensor{x, x}, none),
		"mapping": is(map[string]any{"a": x, "b": []float64{1, 2}}, map[string]any{"b": []float64{1, 2.5}, "a": x},
			none),
		"mapping of numbers": is(map[int]float64{2: 1, 10: 1}, map[int]float64{2: 2, 10: 2}, none),
		"keys":               is(map[string]int{"a": 1, "c": 2, "b": 3}, map[any]any{"a": 1, "d": 2}, none),
		"nested":             is([]any{map[string][]int{"a": {1, 2}}}, []any{map[string]any{"a": []int{1}}}, none),
	}
	require.Len(t, g.Errors, len(cases)+1) // that of one tolerance is below
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "float8") && torchtest.Old() {
				t.Skip("this libtorch has no float8")
			}
			want, known := g.Errors[name]
			require.True(t, known)
			h.Run(t, func() {
				c := c()
				err := torchtesting.Compare(c.actual, c.expected, c.options)
				if want == nil {
					assert.NoError(t, err)
					return
				}
				require.Error(t, err)
				if err.Error() != *want {
					torchtest.CheckLines(t, strings.Split(*want, "\n"), err.Error(), h.Exact(), 1e-3, 0)
				}
			})
		})
	}
}

func TestCompareSaysWhatGoHas(t *testing.T) {
	x := torch.Ones([]int{2})
	closed := torch.Ones([]int{2})
	closed.Close()
	for _, c := range []struct {
		actual, expected any
		options          torchtesting.CloseOptions
		words            string
	}{
		{1, 1.0, torchtesting.CloseOptions{}, "The (d)types do not match: int != float64."},
		{float32(1), 1.0, torchtesting.CloseOptions{}, "The (d)types do not match: float32 != float64."},
		{1.0, 1.0, torchtesting.CloseOptions{Rtol: new(0.1)}, "Both Rtol and Atol must be either specified or omitted, but got no Atol."},
		{x, x, torchtesting.CloseOptions{Atol: new(0.1)}, "Both Rtol and Atol must be either specified or omitted, but got no Rtol."},
		{"a", "a", torchtesting.CloseOptions{}, "No comparison pair was able to handle inputs of type string and string."},
		{x, []float32{1, 1}, torchtesting.CloseOptions{}, "No comparison pair was able to handle inputs of type *torch.Tensor and []float32."},
		{true, 1, torchtesting.CloseOptions{}, "No comparison pair was able to handle inputs of type bool and int."},
		{(*torch.Tensor)(nil), x, torchtesting.CloseOptions{}, "None mismatch: None is not tensor([1., 1.])"},
		{closed, x, torchtesting.CloseOptions{}, "closed"},
		{x, x.Mul(2), torchtesting.CloseOptions{Msg: func(m string) string { return "here: " + m }}, "here: Tensor-likes are not close!"},
	} {
		assert.ErrorContains(t, torchtesting.Compare(c.actual, c.expected, c.options), c.words)
	}
	assert.NoError(t, torchtesting.Compare(float32(0.1), float32(0.1)+1e-8), "the tolerance of float32")
	assert.Error(t, torchtesting.Compare(0.1, 0.1+1e-6), "the tolerance of float64")
	assert.NoError(t, torchtesting.Compare(1, 1.0, torchtesting.CloseOptions{CheckDType: new(false)}))
	y := x.Add(1)
	torchtest.Leaks(t, func() { assert.Error(t, torchtesting.Compare(x, y)) })
}

// failing takes note of failures.
type failing struct {
	testing.TB
	words []string
	ends  []func()
}

func (f *failing) Helper()           {}
func (f *failing) Fatal(args ...any) { f.words = append(f.words, fmt.Sprint(args...)) }
func (f *failing) Errorf(format string, args ...any) {
	f.words = append(f.words, fmt.Sprintf(format, args...))
}
func (f *failing) Cleanup(end func()) { f.ends = append(f.ends, end) }

func TestAssertionsFail(t *testing.T) {
	x := torch.Ones([]int{2})
	near := x.Add(1e-6)
	f := new(failing)
	torchtesting.AssertClose(f, x, near)
	torchtesting.AssertEqual(f, x, x)
	assert.Empty(t, f.words)
	torchtesting.AssertEqual(f, x, near)
	torchtesting.AssertClose(f, x, 1.0)
	require.Len(t, f.words, 2)
	assert.Contains(t, f.words[0], "Tensor-likes are not equal!\n\nMismatched elements: 2 / 2 (100.0%)")
	assert.Contains(t, f.words[1], "No comparison pair")
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no test":     {Call: func() { torchtesting.AssertClose(nil, x, x) }, Kind: torch.TypeError, Words: "t must not be nil"},
		"no test 2":   {Call: func() { torchtesting.AssertEqual(nil, x, x) }, Kind: torch.TypeError, Words: "t must not be nil"},
		"no test 3":   {Call: func() { torchtesting.CheckLeaks(nil) }, Kind: torch.TypeError, Words: "t must not be nil"},
		"a tolerance": {Call: func() { torchtesting.AssertEqual(f, x, x, torchtesting.CloseOptions{Atol: new(1.0)}) }, Kind: torch.ValueError, Words: "takes no Rtol and no Atol"},
	})
}

var left []*torch.Tensor

func TestCheckLeaks(t *testing.T) {
	f := new(failing)
	torchtesting.CheckLeaks(f)
	torch.Ones([]int{2}) // garbage
	f.ends[0]()
	assert.Empty(t, f.words)

	torchtesting.CheckLeaks(f)
	left = append(left, torch.Ones([]int{2}), torch.Ones([]int{3}))
	f.ends[1]()
	require.Len(t, f.words, 1)
	assert.Contains(t, f.words[0], "the test left 2 tensors alive")
	left = nil
}

func TestMakeTensor(t *testing.T) {
	var g golden
	h := torchtest.Golden(t, "testdata/testing.json", &g)
	type options = torchtesting.MakeTensorOptions
	inf := math.Inf(1)
	cases := map[string]struct {
		shape []int
		dtype torch.DType
		options
	}{
		"float32":            {[]int{2, 3}, torch.Float32, options{}},
		"float64":            {[]int{4}, torch.Float64, options{Low: new(-1.0), High: new(1.0)}},
		"float16":            {[]int{4}, torch.Float16, options{}},
		"bfloat16":           {[]int{4}, torch.BFloat16, options{}},
		"float8":             {[]int{4}, torch.Float8E4M3FN, options{}},
		"whole range":        {[]int{4}, torch.Float64, options{Low: new(-inf), High: &inf}},
		"complex64":          {[]int{2, 2}, torch.Complex64, options{}},
		"int64":              {[]int{2, 3}, torch.Int64, options{}},
		"int64 from 2.5":     {[]int{8}, torch.Int64, options{Low: new(2.5), High: new(5.5)}},
		"int8":               {[]int{8}, torch.Int8, options{Low: new(-1000.0), High: new(1000.0)}},
		"uint8":              {[]int{8}, torch.Uint8, options{}},
		"bool":               {[]int{8}, torch.Bool, options{}},
		"bool without zero":  {[]int{8}, torch.Bool, options{ExcludeZero: true}},
		"int32 without zero": {[]int{8}, torch.Int32, options{Low: new(0.0), High: new(2.0), ExcludeZero: true}},
		"apart":              {[]int{2, 3}, torch.Float32, options{Noncontiguous: true}},
		"one":                {[]int{1}, torch.Float32, options{Noncontiguous: true}},
		"scalar":             {[]int{}, torch.Float32, options{Noncontiguous: true}},
		"channels last":      {[]int{1, 2, 2, 2}, torch.Float32, options{MemoryFormat: torch.ChannelsLast}},
		"equal limits":       {[]int{2}, torch.Float32, options{Low: new(3.0), High: new(3.0)}},
	}
	require.Len(t, g.Tensors, len(cases))
	for name, c := range cases {
		if torchtest.Old() && (c.dtype == torch.Float8E4M3FN || c.dtype == torch.BFloat16 || c.dtype == torch.Float16) {
			continue // it has no such dtype, or draws other numbers
		}
		h.Run(t, func() {
			torch.ManualSeed(0)
			x := torchtesting.MakeTensor(c.shape, c.dtype, c.options)
			want := g.Tensors[name]
			assert.Equal(t, c.dtype, x.DType(), name)
			assert.Equal(t, want.Offset, x.StorageOffset(), name)
			if d := x.DType(); d.IsFloatingPoint() && d.ItemSize() < 4 {
				x = x.To(torch.Float32)
			}
			assert.Equal(t, want.Stride, append([]int{}, x.Stride()...), name)
			want.Value.Check(t, x, h.Exact(), 1e-6, name)
		})
	}
	assert.True(t, torchtesting.MakeTensor([]int{1}, torch.Float32, options{RequiresGrad: true}).RequiresGrad())
	assert.Equal(t, 0.0, torchtesting.MakeTensor([]int{0}, torch.Float32).Sum().Item())
	assert.Equal(t, torch.Finfo(torch.Float32).Tiny,
		torchtesting.MakeTensor([]int{1}, torch.Float32, options{Low: new(0.0), High: new(0.0), ExcludeZero: true}).Item())
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"NaN":   {Call: func() { torchtesting.MakeTensor(nil, torch.Float32, options{Low: new(math.NaN())}) }, Kind: torch.ValueError, Words: "cannot be NaN, but got nan and 9.0"},
		"order": {Call: func() { torchtesting.MakeTensor(nil, torch.Int64, options{Low: new(10.0)}) }, Kind: torch.ValueError, Words: "Low must be less than High, but got 10.0 >= 10.0"},
		"range": {Call: func() { torchtesting.MakeTensor(nil, torch.Bool, options{Low: new(3.0), High: new(4.0)}) }, Kind: torch.ValueError, Words: "is [3.0, 4.0), but torch.bool only supports [0.0, 2.0)"},
		"both": {Call: func() {
			torchtesting.MakeTensor(nil, torch.Float32, options{Noncontiguous: true, MemoryFormat: torch.ChannelsLast})
		}, Kind: torch.ValueError, Words: "mutually exclusive"},
		"gradients": {Call: func() { torchtesting.MakeTensor(nil, torch.Int64, options{RequiresGrad: true}) }, Kind: torch.ValueError, Words: "but got torch.int64"},
		"quantized": {Call: func() { torchtesting.MakeTensor(nil, torch.QInt8) }, Kind: torch.TypeError, Words: "torch.qint8 is not supported"},
	})
}

func ExampleCompare() {
	fmt.Println(torchtesting.Compare(torch.NewTensor([]float32{1, 4, 3}), torch.NewTensor([]float32{1, 2, 3})))
	// Output:
	// Tensor-likes are not close!
	//
	// Mismatched elements: 1 / 3 (33.3%)
	// Greatest absolute difference: 2.0 at index (1,) (up to 1e-05 allowed)
	// Greatest relative difference: 1.0 at index (1,) (up to 1.3e-06 allowed)
}
