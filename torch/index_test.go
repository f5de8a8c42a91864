package torch_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// smallInts is a tensor of testdata/indexing.json: "2 1:AAE=" has the shape 2, 1 and
// the elements 0, 1.
type smallInts string

func (s smallInts) make(t *testing.T, dtype torch.DType) *torch.Tensor {
	t.Helper()
	shape, data, _ := strings.Cut(string(s), ":")
	return torchtest.Tensor{DType: "int8", Shape: intsOf(t, shape), Data: data}.Make(t).To(dtype)
}

func (s smallInts) check(t *testing.T, got *torch.Tensor, what string) {
	t.Helper()
	if s == "" {
		assert.Nil(t, got, what)
		return
	}
	if assert.NotNil(t, got, what) {
		assert.Equal(t, string(s), textOf(got), what)
	}
}

// textOf returns a tensor as a smallInts.
func textOf(x *torch.Tensor) string {
	bytes := []byte{}
	for _, v := range torch.ToSlice[int8](x) {
		bytes = append(bytes, byte(v))
	}
	return strings.Trim(fmt.Sprint(x.Shape()), "[]") + ":" + base64.StdEncoding.EncodeToString(bytes)
}

func intsOf(t *testing.T, text string) []int {
	t.Helper()
	list := []int{}
	for _, field := range strings.Fields(text) {
		n, err := strconv.Atoi(field)
		require.NoError(t, err)
		list = append(list, n)
	}
	return list
}

// indexOf returns the indexes that an expression of scripts/golden/indexing.py
// stands for.
func indexOf(t *testing.T, text string) (index []any) {
	t.Helper()
	depth, from := 0, 0
	for i, c := range text + "," {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if item := strings.TrimSpace(text[from:i]); depth == 0 && item != "" {
				index = append(index, itemOf(t, item))
				from = i + 1
			}
		}
	}
	return index
}

func itemOf(t *testing.T, item string) any {
	t.Helper()
	switch {
	case item == "...":
		return torch.Ellipsis
	case item == "None":
		return torch.NewAxis
	case item == "True" || item == "False":
		return item == "True"
	case item[0] == '[':
		return listOf(t, item)
	case item[0] == 't':
		return tensorOf(t, item)
	case strings.Contains(item, ":"):
		return sliceOf(t, item)
	}
	n, err := strconv.Atoi(item)
	require.NoError(t, err)
	return n
}

func sliceOf(t *testing.T, item string) torch.Slice {
	t.Helper()
	bounds, step, steps := item, 1, false
	if strings.Count(item, ":") == 2 {
		at := strings.LastIndex(item, ":")
		bounds, step, steps = item[:at], intsOf(t, item[at+1:])[0], true
	}
	start, stop, _ := strings.Cut(bounds, ":")
	s := torch.Colon
	switch {
	case start != "" && stop != "":
		s = torch.Between(intsOf(t, start)[0], intsOf(t, stop)[0])
	case start != "":
		s = torch.From(intsOf(t, start)[0])
	case stop != "":
		s = torch.To(intsOf(t, stop)[0])
	}
	if steps {
		s = s.By(step)
	}
	return s
}

// listOf reads "[0, 1]", "[[0, 1], [1, 0]]" and the same of True and False.
func listOf(t *testing.T, item string) any {
	t.Helper()
	bools := strings.ContainsAny(item, "TF")
	item = strings.NewReplacer("True", "1", "False", "0", ",", " ").Replace(item)
	rows := [][]int{}
	for _, row := range strings.Split(strings.Trim(item, "[]"), "]") {
		rows = append(rows, intsOf(t, strings.Trim(row, " [")))
	}
	nested := strings.HasPrefix(item, "[[")
	switch {
	case nested && bools:
		list := [][]bool{}
		for _, row := range rows {
			list = append(list, boolsOf(row))
		}
		return list
	case nested:
		return rows
	case bools:
		return boolsOf(rows[0])
	}
	return rows[0]
}

func boolsOf(list []int) (bools []bool) {
	for _, v := range list {
		bools = append(bools, v != 0)
	}
	return bools
}

var goldenDTypes = map[string]torch.DType{
	"bool": torch.Bool, "uint8": torch.Uint8, "int8": torch.Int8, "int16": torch.Int16, "int32": torch.Int32,
	"int64": torch.Int64, "float32": torch.Float32, "float64": torch.Float64,
}

// tensorOf reads "t(int64, 2 1, 0 1)": dtype, shape and elements.
func tensorOf(t *testing.T, item string) *torch.Tensor {
	t.Helper()
	parts := strings.Split(item[2:len(item)-1], ",")
	return torch.FromSlice(intsOf(t, parts[2]), intsOf(t, parts[1])...).To(goldenDTypes[parts[0]])
}

type indexError struct{ Type, Message string }

// change is what an assignment did.
type change struct {
	X         smallInts
	Node      string
	Grad      smallInts
	ValueGrad smallInts `json:"value_grad"`
	Error     *indexError
}

type indexCase struct {
	X, Index  string
	Get       smallInts
	View      *bool
	Node      string
	Grad      smallInts
	Error     *indexError
	Value     smallInts
	Fill, Put *change
	Add       smallInts
}

// TestIndexGolden gets and sets what expressions name, and compares values,
// gradients, nodes of the graph and errors with Python's. All values are small
// integers, and no libtorch rounds those.
func TestIndexGolden(t *testing.T) {
	var golden struct {
		Bases  map[string]smallInts
		DTypes map[string]string
		List   []indexCase
	}
	header := torchtest.Golden(t, "testdata/indexing.json", &golden)
	same := header.Torch == torch.Version() // else nodes and words may differ
	assert.Greater(t, len(golden.List), 500)
	for _, c := range golden.List {
		t.Run(c.X+"["+c.Index+"]", func(t *testing.T) {
			if !same && (strings.Contains(c.Index, "int32") || strings.Contains(c.Index, "uint8")) {
				t.Skip("libtorch before 2.0 has other rules for these dtypes")
			}
			base := golden.Bases[c.X].make(t, goldenDTypes[golden.DTypes[c.X]])
			index := indexOf(t, c.Index)
			c.get(t, base, index, same)
			value := c.Value.make(t, base.DType())
			c.set(t, base, index, c.Fill, 7, same)
			c.set(t, base, index, c.Put, value, same)
			if c.Add != "" {
				x := base.Clone()
				x.At(index...).Add(value)
				c.Add.check(t, x, "add")
			}
		})
	}
}

// weigh gives the elements of x the weights 1, 2, 3, 1, 2, ... and runs the graph
// backwards.
func weigh(x *torch.Tensor) {
	weights := torch.Arange(0, x.Numel(), 1).Remainder(3).Add(1).To(x.DType()).Reshape(x.Shape()...)
	x.Mul(weights).Sum().Backward()
}

func leafOf(x *torch.Tensor) *torch.Tensor {
	return x.Clone().SetRequiresGrad(x.DType().IsFloatingPoint())
}

func (c indexCase) get(t *testing.T, base *torch.Tensor, index []any, same bool) {
	x := leafOf(base)
	var got *torch.Tensor
	err := torch.Try(func() { got = x.Index(index...) })
	if !wantError(t, c.Error, err, same) {
		return
	}
	assert.Equal(t, base.DType(), got.DType())
	c.Get.check(t, got, "got")
	if same {
		assert.Equal(t, c.Node, nodeName(got))
	}
	if x.RequiresGrad() {
		weigh(got)
		c.Grad.check(t, x.Grad(), "gradient")
	}
	if c.View != nil {
		before := textOf(got)
		torch.NoGrad(func() { x.FillInplace(99) })
		assert.Equal(t, *c.View, textOf(got) != before, "is a view")
	}
}

func (c indexCase) set(t *testing.T, base *torch.Tensor, index []any, want *change, value any, same bool) {
	if want == nil {
		want = &change{Error: c.Error}
	}
	x := leafOf(base)
	v, isTensor := value.(*torch.Tensor)
	if isTensor {
		v = leafOf(v)
		value = v
	}
	y := x.Clone()
	err := torch.Try(func() { y.At(index...).Set(value) })
	if !wantError(t, want.Error, err, same) {
		return
	}
	want.X.check(t, y, "assigned")
	if same {
		assert.Equal(t, want.Node, nodeName(y))
	}
	if isTensor && x.RequiresGrad() {
		weigh(y)
		want.Grad.check(t, x.Grad(), "gradient of x")
		want.ValueGrad.check(t, v.Grad(), "gradient of the value")
	}
}

var indexErrorKinds = map[string]torch.ErrorKind{
	"IndexError": torch.IndexError, "ValueError": torch.ValueError, "RuntimeError": torch.RuntimeError,
	"TypeError": torch.TypeError,
}

// cxxTypes gives types the names that errors have in Python, and advice its words.
var cxxTypes = strings.NewReplacer("CPUFloatType", "torch.FloatTensor", "CPUDoubleType", "torch.DoubleTensor",
	"Use Item, Int or Complex to convert", "Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert")

// wantError compares errors and reports whether there is none.
func wantError(t *testing.T, want *indexError, err error, same bool) bool {
	t.Helper()
	if want == nil {
		return assert.NoError(t, err)
	}
	var e *torch.Error
	if assert.True(t, errors.As(err, &e), "want %q", want.Message) && same {
		words := cxxTypes.Replace(e.Message)
		assert.Equal(t, want.Message, words)
		assert.Equal(t, indexErrorKinds[want.Type], e.Kind)
	}
	return false
}

func TestIndexMoreErrors(t *testing.T) {
	x := torch.Zeros([]int{2, 3})
	const only = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
	for name, c := range map[string]struct {
		f     func()
		kind  torch.ErrorKind
		words string
	}{
		"float":            {func() { x.Index(1.5) }, torch.IndexError, "torch.Tensor.Index: " + only + "float64)"},
		"string":           {func() { x.At(0, "a").Set(1) }, torch.IndexError, "torch.Place.Set: " + only + "string)"},
		"strings":          {func() { x.Index([]string{"a"}) }, torch.TypeError, "no dtype holds a []string"},
		"floats":           {func() { x.Index([]float32{1}) }, torch.IndexError, "tensors used as indices must be long"},
		"ragged":           {func() { x.Index([][]int{{1}, {0, 1}}) }, torch.ValueError, "expected sequence of length 1 at dim 1 (got 2)"},
		"closed index":     {func() { i := torch.Zeros([]int{1}); i.Close(); x.Index(i) }, torch.ClosedError, "closed"},
		"nil tensor":       {func() { (*torch.Tensor)(nil).Index(0) }, torch.TypeError, "the tensor is nil"},
		"value string":     {func() { x.At(0).Set("a") }, torch.TypeError, "torch.Place.Set: can't assign a string to a tensor of torch.float32"},
		"value nil":        {func() { x.At(0).Set(nil) }, torch.TypeError, "can't assign a <nil> to a tensor"},
		"value slice":      {func() { x.At(0).Add([]int{1}) }, torch.TypeError, "torch.Place.Add: can't assign a []int to a tensor"},
		"value nil tensor": {func() { x.At(0).Set((*torch.Tensor)(nil)) }, torch.TypeError, "can't assign a *torch.Tensor to a tensor"},
		"dtype": {func() { x.At([]int{0}).Set(torch.Ones([]int{3}, torch.TensorOptions{DType: torch.Float64})) }, torch.RuntimeError,
			"Index put requires the source and destination dtypes match, got Float for the destination and Double for the source."},
		"a leaf": {func() { torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true}).At(0).Set(1) }, torch.RuntimeError,
			"a view of a leaf Variable that requires grad is being used in an in-place operation."},
		"fraction to ints": {func() { torch.Zeros([]int{2}).To(torch.Int64).At([]int{0}).Add(0.5) }, torch.RuntimeError,
			"result type Float can't be cast to the desired output type Long"},
	} {
		t.Run(name, func(t *testing.T) {
			var e *torch.Error
			require.True(t, errors.As(torch.Try(c.f), &e))
			assert.Contains(t, e.Error(), c.words)
			assert.Equal(t, c.kind, e.Kind)
		})
	}
}

// TestIndexGoTypes uses the Go types that the golden cases do not.
func TestIndexGoTypes(t *testing.T) {
	x := torch.Arange(0, 6, 1).Reshape(2, 3)
	want := []int64{3, 4, 5}
	for _, one := range []any{1, int64(1), int32(1), int16(1), int8(1), uint8(1), uint16(1), uint32(1), -1, torch.NewTensor(int32(1))} {
		assert.Equal(t, want, torch.ToSlice[int64](x.Index(one)), "%T", one)
	}
	for _, list := range []any{[]int{1}, []int64{1}, []int32{1}, []int8{-1}, [1]int{1}, []bool{false, true}} {
		got := x.Index(list)
		assert.Equal(t, []int{1, 3}, got.Shape(), "%T", list)
		assert.Equal(t, want, torch.ToSlice[int64](got), "%T", list)
	}
	assert.Equal(t, []int{1, 2, 3}, x.Index(nil).Shape())
	assert.Equal(t, []int{2, 3, 1}, x.Index(torch.Ellipsis, (*torch.Tensor)(nil)).Shape())
	assert.Equal(t, []int{2, 0}, x.Index(torch.Colon, []int{}).Shape())
	x.At(0, uint8(1)).Set(uint16(9))
	x.At([]int{1}, 2).Add(uint32(10))
	assert.Equal(t, []int64{0, 9, 2, 3, 4, 15}, torch.ToSlice[int64](x))
}

// TestPlaceAdd adds where indexes name a position more than once.
func TestPlaceAdd(t *testing.T) {
	x := torch.Zeros([]int{4}, torch.TensorOptions{RequiresGrad: true})
	v := torch.NewTensor([]float32{1, 2, 4}, torch.TensorOptions{RequiresGrad: true})
	y := x.Clone()
	y.At([]int{1, 3, 1}).Add(v)
	assert.Equal(t, []float32{0, 5, 0, 2}, torch.ToSlice[float32](y))
	y.Mul(torch.NewTensor([]float32{1, 10, 100, 1000})).Sum().Backward()
	assert.Equal(t, []float32{1, 10, 100, 1000}, torch.ToSlice[float32](x.Grad()))
	assert.Equal(t, []float32{10, 1000, 10}, torch.ToSlice[float32](v.Grad()))

	z := torch.Zeros([]int{2, 3})
	z.At(torch.Colon, []int{0, 0, 2}).Add(1)
	z.At(1, torch.From(1)).Add(torch.NewTensor([]float32{5}))
	z.At(z.Eq(1)).Add(0.5)
	z.At(false).Add(7)
	z.At(true).Add(100)
	assert.Equal(t, []float32{102, 100, 101.5, 102, 105, 106}, torch.ToSlice[float32](z))
}

func TestSliceString(t *testing.T) {
	for want, s := range map[string]torch.Slice{
		":": torch.Colon, "1:": torch.From(1), ":-1": torch.To(-1), "1:3": torch.Between(1, 3),
		":0": torch.To(0), "::2": torch.Colon.By(2), "1:9:2": torch.Between(1, 9).By(2), "::0": torch.Colon.By(0),
	} {
		assert.Equal(t, want, s.String())
	}
	assert.Equal(t, torch.Colon, torch.Slice{})
	assert.Equal(t, torch.Colon, torch.From(0).By(1))
}

// nodeName returns the name of the operation that made x, "" of a leaf.
func nodeName(x *torch.Tensor) string {
	if node := x.GradFn(); node != nil {
		return node.Name()
	}
	return ""
}

// TestPlaceChanges has Python's values of -=, *= and /= with all kinds of indexes.
func TestPlaceChanges(t *testing.T) {
	x := torch.Arange(0, 12, 1).To(torch.Float32).Reshape(3, 4)
	check := func(want ...float32) {
		t.Helper()
		assert.Equal(t, want, torch.ToSlice[float32](x))
	}
	x.At(0).Sub(1)
	check(-1, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11)
	x.At(torch.Colon, torch.Between(1, 3)).Mul(torch.NewTensor([]float32{2, 3}))
	check(-1, 0, 3, 2, 4, 10, 18, 7, 8, 18, 30, 11)
	x.At(x.Gt(8)).Div(2)
	check(-1, 0, 3, 2, 4, 5, 9, 7, 8, 9, 15, 5.5)
	x.At([]int{0, 2}, []int{1, -1}).Mul(torch.NewTensor([]float32{10, -1}))
	check(-1, 0, 3, 2, 4, 5, 9, 7, 8, 9, 15, -5.5)
	x.At(1, []int{0, 2}).Sub(torch.NewTensor([]float32{0.5, 0.25}))
	check(-1, 0, 3, 2, 3.5, 5, 8.75, 7, 8, 9, 15, -5.5)
	x.At(torch.Ellipsis, torch.NewAxis, 0).Div(4)
	check(-0.25, 0, 3, 2, 0.875, 5, 8.75, 7, 2, 9, 15, -5.5)
	x.At([]int{2, 0}).Mul(3)
	check(-0.75, 0, 9, 6, 0.875, 5, 8.75, 7, 6, 27, 45, -16.5)
	x.At(torch.Colon, []int{0, 3}).Sub(1)
	check(-1.75, 0, 9, 5, -0.125, 5, 8.75, 6, 5, 27, 45, -17.5)
	x.At(false).Mul(2)
	x.At(true).Sub(0)
	check(-1.75, 0, 9, 5, -0.125, 5, 8.75, 6, 5, 27, 45, -17.5)

	z := torch.Zeros([]int{3})
	z.At([]int{0, 0, 2}).Sub(torch.NewTensor([]float32{1, 2, 3}))
	assert.Equal(t, []float32{-3, 0, -3}, torch.ToSlice[float32](z), "twice from the first")
	i := torch.Arange(0, 4, 1)
	i.At([]int{0, 1}).Mul(3)
	i.At(2).Sub(5)
	assert.Equal(t, []int{0, 3, -3, 3}, torch.ToSlice[int](i))
	u := torch.FromSlice([]uint8{250, 3})
	u.At([]int{0, 1}).Sub(torch.FromSlice([]uint8{251, 4}))
	assert.Equal(t, []uint8{255, 255}, torch.ToSlice[uint8](u))

	const toLong = "result type Float can't be cast to the desired output type Long"
	for name, c := range map[string]struct {
		f     func()
		words string
	}{
		"div of ints":          {func() { i.At([]int{0}).Div(2) }, toLong},
		"div of a row of ints": {func() { i.At(0).Div(2) }, toLong},
		"fraction to ints":     {func() { i.At([]int{0}).Mul(0.5) }, toLong},
		"bools":                {func() { z.Gt(0).At([]int{0}).Sub(true) }, "Subtraction, the `-` operator, with two bool tensors is not supported"},
		"no number":            {func() { z.At(0).Mul("a") }, "torch.Place.Mul: can't assign a string to a tensor of torch.float32"},
		"index":                {func() { z.At(3).Div(2) }, "index 3 is out of bounds for dimension 0 with size 3"},
	} {
		assert.ErrorContains(t, torch.Try(c.f), c.words, name)
	}
}

// Gradients flow through all of a part's changes.
func TestPlaceChangesGradients(t *testing.T) {
	w := torch.NewTensor([]float32{1, 2, 3}, torch.TensorOptions{RequiresGrad: true})
	v := torch.NewTensor([]float32{4, 5}, torch.TensorOptions{RequiresGrad: true})
	y := w.Mul(1)
	y.At([]int{0, 2}).Mul(v)
	y.At(1).Div(v.Index(0))
	y.At([]int{1}).Sub(v.Index(torch.From(1)))
	y.Pow(2).Sum().Backward()
	assert.Equal(t, []float32{4, -4.5, 15}, torch.ToSlice[float32](y))
	assert.Equal(t, []float32{32, -2.25, 150}, torch.ToSlice[float32](w.Grad()))
	assert.Equal(t, []float32{9.125, 99}, torch.ToSlice[float32](v.Grad()))
}
