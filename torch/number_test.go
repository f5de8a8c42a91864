package torch_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

type (
	celsius float64
	count   uint32
	label   string
)

func TestEveryKindOfNumberIsOne(t *testing.T) {
	x := torch.FromSlice([]float32{1})
	older := torchtest.Old()
	for _, n := range []torch.Number{int(2), int8(2), int16(2), int32(2), int64(2), uint(2), uint8(2), uint16(2), uint32(2), uint64(2),
		float32(2), float64(2), celsius(2), count(2)} {
		assert.Equal(t, []float32{3}, floats(x.Add(n)), "%T", n)
		assert.InDelta(t, 2, torch.Full(nil, n).Item(), 0, "%T", n)
		double := func() *torch.Tensor { return torch.NewTensor(n, torch.TensorOptions{DType: torch.Float64}) }
		switch reflect.TypeOf(n).Kind() {
		case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			if older {
				e := torchtest.Fails(t, func() { double() })
				assert.Equal(t, torch.UnsupportedError, e.Kind)
				assert.Contains(t, e.Message, "lacks the dtype")
				continue
			}
		}
		assert.InDelta(t, 2, double().Item(), 0, "%T", n)
		place := torch.Zeros([]int{2})
		place.At(0).Set(n)
		assert.Equal(t, []float32{2, 0}, floats(place), "%T", n)
	}
	assert.Equal(t, []float32{3}, floats(x.Add(uintptr(2))))
	assert.Equal(t, torch.Int64, torch.Full(nil, count(2)).DType())
	assert.Equal(t, torch.Float32, torch.Full(nil, celsius(2)).DType())
	type on bool
	assert.Equal(t, torch.Bool, torch.Full(nil, on(true)).DType())
	type wave complex64
	assert.Equal(t, complex(1, 2), x.Add(wave(2i)).Complex())
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"a dtype":  {Call: func() { x.Add(torch.Int8) }, Kind: torch.TypeError, Words: "want a *torch.Tensor or a number, not a torch.DType"},
		"a layout": {Call: func() { x.Add(torch.Strided) }, Kind: torch.TypeError, Words: "not a torch.Layout"},
		"a string": {Call: func() { x.Add(label("2")) }, Kind: torch.TypeError, Words: "not a torch_test.label"},
	})
}

// Python passes integers above int64's on where an operator can use them.
func TestIntegersAboveInt64(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks the dtype")
	}
	const big = uint64(1) << 63
	ofBig := torch.TensorOptions{DType: torch.Uint64}
	assert.Equal(t, []uint64{big, big}, torch.ToSlice[uint64](torch.Full([]int{2}, big, ofBig)))
	assert.Equal(t, []float32{1 << 63}, floats(torch.FromSlice([]float32{1}).Add(big)))
	assert.Equal(t, []int{math.MinInt + 1}, torch.ToSlice[int](torch.FromSlice([]int{1}).Add(big)), "as Python's")
	assert.Equal(t, []bool{true}, torch.ToSlice[bool](torch.FromSlice([]uint64{big}).Eq(big)))
	assert.Equal(t, []uint64{math.MaxUint64}, torch.ToSlice[uint64](torch.FromSlice([]uint64{1}).FillInplace(uint64(math.MaxUint64))))
	assert.InDelta(t, float64(1<<63), torch.ScalarTensor(big).Item(), 0)
	assert.Equal(t, "tensor([18446744073709551615,                    1], dtype=torch.uint64)",
		torch.FromSlice([]uint64{math.MaxUint64, 1}).String())
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Full":    {Call: func() { torch.Full([]int{2}, big) }, Kind: torch.RuntimeError, Words: "value cannot be converted to type int64_t without overflow"},
		"Int":     {Call: func() { torch.Full(nil, big, ofBig).Int() }, Kind: torch.ValueError, Words: "9223372036854775808 is too large for an int"},
		"an int":  {Call: func() { must(opResults("aten::cumsum", torch.Ones([]int{2}), big)) }, Kind: torch.TypeError, Words: "expected a value of type 'int' for argument 'dim', but got uint64"},
		"any sum": {Call: func() { torch.FromSlice([]uint64{1}).Add(big) }, Kind: torch.NotImplementedError, Words: "not implemented for 'UInt64'"},
	})
}

func opResults(name string, args ...any) ([]any, error) {
	op, err := torch.Op(name)
	if err != nil {
		return nil, err
	}
	return op.Call(args, nil)
}

func must(_ []any, err error) {
	if err != nil {
		panic(err)
	}
}

func TestElements(t *testing.T) {
	assertRoundTrip(t, torch.Float64, []celsius{36.6, -1})
	nested := torch.NewTensor([][2]celsius{{1, 2}, {3, 4}, {5, 6}})
	assert.Equal(t, []int{3, 2}, nested.Shape())
	assert.Equal(t, []celsius{1, 2, 3, 4, 5, 6}, torch.ToSlice[celsius](nested))
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"dtypes":  {Call: func() { torch.NewTensor([]torch.DType{torch.Int8}) }, Kind: torch.TypeError, Words: "no dtype holds a []torch.DType"},
		"strings": {Call: func() { torch.NewTensor([]label{"1"}) }, Kind: torch.TypeError, Words: "no dtype holds a []torch_test.label"},
		"ragged":  {Call: func() { torch.NewTensor([][]int{{1}, {1, 2}}) }, Kind: torch.ValueError, Words: "expected sequence of length 1 at dim 1 (got 2)"},
	})
}

func TestUnsignedElements(t *testing.T) {
	if torchtest.Old() {
		for _, f := range []func(){
			func() { torch.FromSlice([]uint16{1}) }, func() { torch.ToSlice[uint64](torch.Ones([]int{1})) },
		} {
			e := torchtest.Fails(t, f)
			assert.Equal(t, torch.UnsupportedError, e.Kind)
			assert.Contains(t, e.Message, "lacks the dtype")
		}
		return
	}
	assertRoundTrip(t, torch.Uint16, []uint16{1, math.MaxUint16})
	assertRoundTrip(t, torch.Uint32, []uint32{1, math.MaxUint32})
	assertRoundTrip(t, torch.Uint64, []uint64{1, math.MaxUint64})
	assertRoundTrip(t, torch.Uint64, []uint{1, math.MaxUint})
	assertRoundTrip(t, torch.Uint32, []count{1, 2})
}

func TestIntIsExactOrRefused(t *testing.T) {
	double := func(v float64) *torch.Tensor { return torch.FromSlice([]float64{v}) }
	assert.Equal(t, -1, double(-1.9).Int())
	assert.Equal(t, math.MinInt, double(math.MinInt).Int())
	assert.Equal(t, 1<<62, double(1<<62).Int())
	refused := map[string]torchtest.Refused{}
	for words, v := range map[string]float64{
		"cannot convert float NaN to integer":           math.NaN(),
		"cannot convert float infinity to integer":      math.Inf(1),
		"1e+30 is too large for an int":                 1e30,
		"-1e+30 is too large for an int":                -1e30,
		"9.223372036854776e+18 is too large for an int": 1 << 63,
	} {
		refused[words] = torchtest.Refused{Call: func() { double(v).Int() }, Kind: torch.ValueError, Words: words}
	}
	refused["-inf"] = torchtest.Refused{Call: func() { double(math.Inf(-1)).Int() }, Kind: torch.ValueError, Words: "infinity"}
	torchtest.AllRefused(t, refused)
}

// Python's torch.ops.aten.add.Tensor(x, 2.5) gives a number a tensor's place.
func TestOpTakesAnyNumber(t *testing.T) {
	x := torch.FromSlice([]int{1, 2})
	call := func(name string, args ...any) *torch.Tensor {
		t.Helper()
		results, err := opResults(name, args...)
		require.NoError(t, err)
		return results[0].(*torch.Tensor)
	}
	sum := call("aten::add.Tensor", x, 2.5)
	assert.Equal(t, []float32{3.5, 4.5}, floats(sum))
	assert.Equal(t, torch.Float32, sum.DType(), "a number yields to the tensor's kind")
	assert.Equal(t, torch.Int64, call("aten::add.Tensor", 2, x).DType())
	assert.Equal(t, torch.Int64, call("aten::add.Tensor", x, true).DType())
	assert.Equal(t, []float32{3.5, 4.5}, floats(call("aten::add.Tensor", x, celsius(2.5))))
	assert.Equal(t, []int{3, 4}, torch.ToSlice[int](call("aten::add.Scalar", x, count(2))))
	assert.Equal(t, []int{1, 3}, torch.ToSlice[int](call("aten::cumsum", x, uint8(0))))
	assert.Equal(t, []float32{1, 1}, floats(call("aten::einsum", label("i,j->ij"), []any{torch.Ones([]int{1}), torch.Ones([]int{2})})), "a str of a named type")
	_, err := opResults("aten::cat", []any{x, 2})
	assert.ErrorContains(t, err, "[]interface {} whose element 1 is int")
	_, err = opResults("aten::cumsum", x, celsius(1))
	assert.ErrorContains(t, err, "expected a value of type 'int' for argument 'dim', but got torch_test.celsius")
}

func TestElementCoversGoNumbers(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks dtypes without a sign")
	}
	for _, v := range []any{int8(0), int16(0), int32(0), int64(0), int(0), uint8(0), uint16(0), uint32(0), uint64(0), uint(0),
		float32(0), float64(0), complex64(0), complex128(0), false} {
		x := torch.NewTensor(reflect.Zero(reflect.SliceOf(reflect.TypeOf(v))).Interface())
		assert.Equal(t, []int{0}, x.Shape(), "%T", v)
		assert.Equal(t, int(reflect.TypeOf(v).Size()), x.ElementSize(), "%T", v)
	}
}
