package torch_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestFormat(t *testing.T) {
	var none *torch.Tensor
	closed := torch.Ones([]int{1})
	closed.Close()
	tenth := torch.NewTensor(float32(0.1))
	pair := torch.NewTensor([]float32{0.5, 1})
	const pairText = "tensor([0.5000, 1.0000])"
	for _, c := range []struct {
		format string
		x      *torch.Tensor
		want   string
	}{
		// One element, as Python's format(x, ".4f"), and more that Go has.
		{"%.4f", torch.NewTensor(1.5), "1.5000"},
		{"%.4f", torch.NewTensor([][]float32{{1.5}}), "1.5000"},
		{"%.4f", torch.NewTensor(1.5).SetRequiresGrad(true), "1.5000"},
		{"%8.2f|", torch.NewTensor(-1.5), "   -1.50|"},
		{"%-8.2f|", torch.NewTensor(1.5), "1.50    |"},
		{"%+.1f", torch.NewTensor(1.5), "+1.5"},
		{"%.2f", torch.NewTensor(3), "3.00"},
		{"%.2f", torch.NewTensor(true), "1.00"},
		{"%.3e", torch.NewTensor(1500.0), "1.500e+03"},
		{"%g", tenth, "0.1"},
		{"%g", tenth.To(torch.Float64), "0.10000000149011612"},
		{"%f", torch.NewTensor(math.NaN()), "NaN"},
		{"%.1f", torch.NewTensor(1 - 2i), "(1.0-2.0i)"},
		{"%d", torch.NewTensor(-3), "-3"},
		{"%04d", torch.NewTensor([]int8{7}), "0007"},
		{"%d", torch.NewTensor(true), "1"},
		{"%t", torch.NewTensor(true), "true"},
		{"%x", torch.NewTensor(255), "ff"},
		{"%d", torch.NewTensor(2.5), "%!d(float64=2.5)"},
		{"%t", torch.NewTensor(1), "%!t(int=1)"},

		// Others.
		{"%v", pair, pairText}, {"%s", pair, pairText}, {"%+v", pair, pairText}, {"%d", pair, pairText}, {"%f", pair, pairText},
		{"%26v|", pair, "  " + pairText + "|"},
		{"%q", torch.NewTensor(1), `"tensor(1)"`},
		{"%.2f", pair, "tensor([0.50, 1.00])"},
		{"%.1e", pair, "tensor([5.0e-01, 1.0e+00])"},
		{"%.3g", torch.NewTensor([]float64{1e-7, 12345, 0.5}), "tensor([   1e-07, 1.23e+04,      0.5], dtype=torch.float64)"},
		{"%.1f", torch.NewTensor([]float32{0, 0}), "tensor([0.0, 0.0])"},
		{"%.2f", torch.NewTensor([]int{1, 2}), "tensor([1, 2])"},
		{"%.1f", torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true}), "tensor([1.0, 1.0], requires_grad=True)"},
		{"%.1f", torch.Eye(2).ToSparse(), "tensor(indices=tensor([[0, 1],\n                       [0, 1]]),\n       values=tensor([1.0, 1.0]),\n" +
			"       size=(2, 2), nnz=2, layout=torch.sparse_coo)"},
		{"%.1f", torch.Zeros([]int{0}), "tensor([])"},
		{"%.1f", torch.Zeros([]int{1}, torch.TensorOptions{Device: torch.Meta}), "tensor(..., device='meta', size=(1,))"},
		{"%d", torch.Ones([]int{1}).ToSparse(), "tensor(indices=tensor([[0]]),\n       values=tensor([1.]),\n       size=(1,), nnz=1, layout=torch.sparse_coo)"},
		{"%.2f", none, "None"}, {"%v", none, "None"}, {"%d", closed, "<closed tensor>"},
		{"%#v", pair, "torch.Tensor[2]{torch.float32, cpu}"},
	} {
		assert.Equal(t, c.want, fmt.Sprintf(c.format, c.x), "%s of %v", c.format, c.want)
	}
	assert.Equal(t, pairText+" "+pairText, fmt.Sprint(pair, " ", pair))
	assert.Equal(t, "[tensor(1)]", fmt.Sprint([]*torch.Tensor{torch.NewTensor(1)}))
	assert.True(t, strings.HasPrefix(fmt.Sprintf("%p", pair), "0x"))
}

func TestMarshalJSON(t *testing.T) {
	for want, v := range map[string]any{
		"1.5":                       torch.NewTensor(1.5),
		"0.1":                       torch.NewTensor(float32(0.1)),
		"0.10000000149011612":       torch.NewTensor(float32(0.1)).To(torch.Float64),
		"[0.099975586,1]":           torch.NewTensor([]float64{0.1, 1}).To(torch.Float16),
		"[0.100097656]":             torch.NewTensor([]float64{0.1}).To(torch.BFloat16),
		"[[1,2],[3,4]]":             torch.NewTensor([][]int{{1, 2}, {3, 4}}),
		"[1,2,255]":                 torch.NewTensor([]uint8{1, 2, 255}),
		"[true,false]":              torch.NewTensor([]bool{true, false}),
		"[]":                        torch.Zeros([]int{0, 3}),
		"[[],[]]":                   torch.Zeros([]int{2, 0}),
		"[[[0],[2]],[[1],[3]]]":     torch.Arange(0, 4, 1).Reshape(2, 2, 1).Transpose(0, 1),
		"[[1,1],[1,1,1]]":           torch.NestedTensor([]*torch.Tensor{torch.Ones([]int{2}), torch.Ones([]int{3})}),
		"[0.5,1]":                   torch.QuantizePerTensor(torch.NewTensor([]float32{0.4, 1}), 0.5, 0, torch.QInt8),
		"[1e-7,1e+21]":              torch.NewTensor([]float64{1e-7, 1e21}).SetRequiresGrad(true),
		`{"loss":0.25,"none":null}`: map[string]*torch.Tensor{"loss": torch.NewTensor(0.25), "none": nil},
		`{"X":[1,2],"Name":"x"}`: struct {
			X    *torch.Tensor
			Name string
		}{torch.NewTensor([]int{1, 2}), "x"},
		`[9223372036854775807,-1]`: torch.NewTensor([]int64{math.MaxInt64, -1}),
		`[[1,3],[2,4]]`:            torch.NewTensor([][]int{{1, 2}, {3, 4}}).T(),
	} {
		got, err := json.Marshal(v)
		require.NoError(t, err, want)
		assert.Equal(t, want, string(got))
	}
	closed := torch.Ones([]int{1})
	closed.Close()
	for want, x := range map[string]*torch.Tensor{
		"unsupported value: NaN":  torch.NewTensor([]float32{1, float32(math.NaN())}),
		"unsupported value: +Inf": torch.NewTensor([][]float64{{math.Inf(1)}}),
		"a tensor of dtype torch.complex64 cannot be written as JSON; Real and Imag, or ViewAsReal, give its numbers": torch.NewTensor([]complex64{1i}),
		"a tensor of layout torch.sparse_coo cannot be written as JSON; ToDense":                                      torch.Eye(2).ToSparse(),
		"a tensor on meta cannot be written as JSON":                                                                  torch.Ones([]int{1}, torch.TensorOptions{Device: torch.Meta}),
		"the tensor is closed: Close was called on it":                                                                closed,
	} {
		_, err := json.Marshal(map[string]any{"x": x})
		assert.ErrorContains(t, err, want)
	}
}

func ExampleTensor_Format() {
	loss := torch.NewTensor(float32(0.123456))
	defer loss.Close()
	fmt.Printf("loss %.4f\n", loss)
	// Output: loss 0.1235
}

func ExampleTensor_MarshalJSON() {
	x := torch.NewTensor([][]float32{{0.1, 2}, {3, 4}})
	defer x.Close()
	text, err := json.Marshal(map[string]any{"x": x})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output: {"x":[[0.1,2],[3,4]]}
}

func TestUnmarshalJSON(t *testing.T) {
	for _, c := range []struct {
		data  string
		dtype torch.DType
		text  string
	}{
		{"1.5", torch.Float32, "tensor(1.5000)"},
		{"[[1, 2], [3, 4]]", torch.Int64, "tensor([[1, 2],\n        [3, 4]])"},
		{"[1, 2.5, 1e2]", torch.Float32, "tensor([  1.0000,   2.5000, 100.0000])"},
		{"[true, false]", torch.Bool, "tensor([ True, False])"},
		{"[18446744073709551615, 1]", torch.Uint64, "tensor([18446744073709551615,                    1], dtype=torch.uint64)"},
		{"[[], []]", torch.Float32, "tensor([], size=(2, 0))"},
	} {
		if c.dtype == torch.Uint64 && torchtest.Old() {
			continue // this libtorch has no such dtype
		}
		var v struct{ X *torch.Tensor }
		require.NoError(t, json.Unmarshal([]byte(`{"X": `+c.data+`}`), &v), c.data)
		assert.Equal(t, c.dtype, v.X.DType(), c.data)
		assert.Equal(t, c.text, v.X.String(), c.data)
		v.X.Close()
		assert.True(t, v.X.IsClosed())
	}
	// Open tensors keep their dtype.
	x := torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Float16})
	require.NoError(t, json.Unmarshal([]byte("[1, 2.5]"), x))
	assert.Equal(t, []float32{1, 2.5}, torch.ToSlice[float32](x))
	small := torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Int8})
	require.NoError(t, json.Unmarshal([]byte("[-128, 127]"), small))
	assert.Equal(t, []int8{-128, 127}, torch.ToSlice[int8](small))
	require.NoError(t, json.Unmarshal([]byte("null"), small))

	closed := torch.Ones([]int{1})
	closed.Close()
	var none *torch.Tensor
	for name, c := range map[string]struct {
		x     *torch.Tensor
		data  string
		words string
	}{
		"lengths":   {new(torch.Tensor), "[[1, 2], [3]]", "expected sequence of length 2 at dim 1 (got 1)"},
		"a number":  {new(torch.Tensor), "[[1, 2], 3]", "expected sequence of length 2 at dim 1 (got no list)"},
		"a list":    {new(torch.Tensor), "[1, [2]]", "want numbers or bools, got 1"},
		"a string":  {new(torch.Tensor), `"1"`, "want numbers or bools, got a string"},
		"an object": {new(torch.Tensor), `{}`, "want numbers or bools, got an object"},
		"both":      {new(torch.Tensor), "[1, true]", "got both"},
		"deep":      {new(torch.Tensor), strings.Repeat("[", 65) + strings.Repeat("]", 65), "nested 65 deep"},
		"huge":      {new(torch.Tensor), "[1e999]", "1e999 is too large for a float64"},
		"integers":  {new(torch.Tensor), "[18446744073709551615, -1]", "no dtype holds all of these integers"},
		"shape":     {x, "[1]", "the elements have the shape [1], the tensor [2]; a zero Tensor takes any"},
		"point":     {small, "[1, 2.5]", "a tensor of torch.int8 cannot hold numbers with a point"},
		"range":     {small, "[1, 128]", "128 is out of the range of torch.int8"},
		"range 2":   {small, "[1, -129]", "-129 is out of the range of torch.int8"},
		"bools":     {torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Bool}), "[1]", "cannot hold numbers"},
		"closed":    {closed, "[1]", "closed"},
		"nil":       {none, "[1]", "the tensor is nil"},
	} {
		assert.ErrorContains(t, c.x.UnmarshalJSON([]byte(c.data)), c.words, name)
	}
	assert.Equal(t, []int8{-128, 127}, torch.ToSlice[int8](small), "nothing was changed")
}

// A zero Tensor that became one may be a part of another object. The garbage collector frees
// it, and so does Close, once.
func TestUnmarshalJSONInPlace(t *testing.T) {
	before := torchtest.Settled()
	func() {
		list := make([]struct {
			Name string
			X    torch.Tensor
		}, 3)
		for i := range list {
			require.NoError(t, json.Unmarshal([]byte(`{"X": [1, 2]}`), &list[i]))
		}
		assert.Equal(t, before+3, torchtest.LiveTensors())
		list[1].X.Close()
		list[1].X.Close()
		assert.Equal(t, before+2, torchtest.LiveTensors())
		assert.Equal(t, 3, list[2].X.Sum().Int())
		torch.Scope(func() { list[0].X.Keep() })
	}()
	assert.Equal(t, before, torchtest.Settled())
}
