package torch_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// TestOpOddValues calls operators with what no caller means to pass. Each must be an
// error, and no panic and no end of the process.
func TestOpOddValues(t *testing.T) {
	const libtorchs = torch.ErrorKind(-1) // the error is libtorch's; its words are those of a version
	x, matrix := torch.Ones([]int{2, 3, 4, 5}), torch.Ones([]int{2, 2})
	closed := torch.Ones([]int{2})
	closed.Close()
	itself := []any{nil}
	itself[0] = itself
	long := strings.Repeat("x", 1<<20)
	parse := func(name string) torch.Device {
		device, err := torch.ParseDevice(name)
		require.NoError(t, err)
		return device
	}
	for name, c := range map[string]struct {
		op     string
		args   []any
		kwargs map[string]any
		kind   torch.ErrorKind
		words  string
	}{
		"uint64 of more than int64": {"aten::cumsum", []any{x, uint64(math.MaxUint64)}, nil, torch.TypeError, "'int' for argument 'dim', but got uint64"},
		"such an element":           {"aten::zeros", []any{[]uint64{math.MaxUint64}}, nil, torch.TypeError, "'int[]' for argument 'size', but got []uint64 whose element 0 is uint64"},
		"NaN as int":                {"aten::cumsum", []any{x, math.NaN()}, nil, torch.TypeError, "but got float64"},
		"array":                     {"aten::zeros", []any{[2]int{2, 3}}, nil, torch.TypeError, "but got [2]int"},
		"tensor by value":           {"aten::relu", []any{&x}, nil, torch.TypeError, "but got **torch.Tensor"},
		"generator as tensor":       {"aten::relu", []any{torch.NewGenerator()}, nil, torch.TypeError, "but got *torch.Generator"},
		"channel":                   {"aten::relu", []any{make(chan int)}, nil, torch.TypeError, "but got chan int"},
		"function":                  {"aten::relu", []any{func() {}}, nil, torch.TypeError, "but got func()"},
		"map as list":               {"aten::cat", []any{map[int]int{}}, nil, torch.TypeError, "but got map[int]int"},
		"list in a list":            {"aten::zeros", []any{[][]int{{2}}}, nil, torch.TypeError, "but got [][]int whose element 0 is []int"},
		"tensors in a list":         {"aten::cat", []any{[][]*torch.Tensor{{x}}}, nil, torch.TypeError, "whose element 0 is []*torch.Tensor"},
		"list of itself":            {"_test::get_first", []any{itself}, nil, torch.TypeError, "but got []interface {} whose element 0 is []interface {} whose"},
		"too many":                  {"aten::relu", make([]any, 1000), nil, torch.TypeError, "at most 1 positional argument(s), but got 1000"},
		"no name":                   {"aten::relu", []any{x}, map[string]any{"": x}, torch.TypeError, "unknown keyword argument ''"},

		"nil list of tensors":     {"aten::cat", []any{[]*torch.Tensor(nil)}, nil, libtorchs, ""},
		"nil list":                {"aten::cat", []any{[]any(nil)}, nil, libtorchs, ""},
		"empty list of lists":     {"_test::get_first", []any{[][]string{{}}}, nil, libtorchs, ""},
		"no dtype where required": {"aten::promote_types", []any{torch.DType(0), torch.Float32}, nil, torch.TypeError, "argument 'type1' is missing"},
		"no device":               {"aten::to.device", []any{x, torch.Device{}, torch.Float32}, nil, torch.TypeError, "argument 'device' is missing"},

		"closed in a list":    {"aten::cat", []any{[]*torch.Tensor{matrix, closed}}, nil, torch.ClosedError, "argument 'tensors' is closed"},
		"closed out":          {"aten::add.out", []any{x, x}, map[string]any{"out": closed}, torch.ClosedError, "argument 'out' is closed"},
		"closed optional":     {"aten::clamp.Tensor", []any{x, closed}, nil, torch.ClosedError, "argument 'min' is closed"},
		"zero tensor":         {"aten::relu", []any{&torch.Tensor{}}, nil, torch.ClosedError, "argument 'self' is closed"},
		"zero tensor in list": {"aten::index.Tensor", []any{x, []*torch.Tensor{nil, {}}}, nil, torch.ClosedError, "argument 'indices' is closed"},
		"zero generator":      {"aten::rand.generator", []any{[]int{2}}, map[string]any{"generator": &torch.Generator{}}, torch.ClosedError, "argument 'generator' is closed"},

		"long string":        {"aten::einsum", []any{long, []*torch.Tensor{matrix}}, nil, libtorchs, ""},
		"string with a zero": {"aten::einsum", []any{"ij\x00->ij", []*torch.Tensor{matrix}}, nil, libtorchs, ""},
		"string not UTF-8":   {"aten::div.Tensor_mode", []any{x, x}, map[string]any{"rounding_mode": "\xff"}, libtorchs, ""},
		"device not there":   {"aten::zeros", []any{[]int{2}}, map[string]any{"device": parse("mps:7")}, libtorchs, ""},
		"device of old":      {"aten::zeros", []any{[]int{2}}, map[string]any{"device": parse("ideep")}, libtorchs, ""},
		"elements":           {"aten::zeros", []any{[]int{math.MaxInt}}, nil, libtorchs, ""},

		"type of no value":          {"static_runtime::VarTupleUnpack", []any{1}, nil, torch.TypeError, "type '...' for argument '', but got int"},
		"type of no value, missing": {"static_runtime::dict_unpack", nil, nil, torch.TypeError, "missing a value for argument ''"},
		"storage":                   {"aten::set_.source_Storage", []any{matrix, matrix}, nil, torch.TypeError, "'Storage' for argument 'source', but got *torch.Tensor"},
		"stream":                    {"aten::record_stream", []any{x, 0}, nil, torch.TypeError, "'Stream' for argument 's', but got int"},
		"object":                    {"quantized::linear", []any{x, nil, 0.5, 0}, nil, torch.TypeError, "LinearPackedParamsBase' for argument 'W_prepack', but got nil"},
	} {
		t.Run(name, func(t *testing.T) {
			op, err := torch.Op(c.op)
			if err != nil && torch.Version() != cgotorch.SchemaVersion {
				t.Skip(err)
			}
			require.NoError(t, err)
			outs, err := op.Call(c.args, c.kwargs)
			assert.Nil(t, outs)
			var e *torch.Error
			require.True(t, errors.As(err, &e), "%v", err)
			assert.Equal(t, c.op, e.Op)
			assert.Contains(t, e.Message, c.words)
			if c.kind != libtorchs {
				assert.Equal(t, c.kind, e.Kind)
			}
		})
	}
}

// TestOpNilLists passes slices without elements where they may have none.
func TestOpNilLists(t *testing.T) {
	x := torch.Ones([]int{2, 3})
	assert.Empty(t, call1(t, "aten::zeros", []int(nil)).Shape())
	assert.Equal(t, 6.0, call1(t, "aten::sum.dim_IntList", x, []int(nil)).Item(), "all dimensions")
	op, err := torch.Op("aten::rand.generator")
	require.NoError(t, err)
	outs, err := op.Call([]any{[]int{2, 3}}, map[string]any{"generator": (*torch.Generator)(nil)})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, outs[0].(*torch.Tensor).Shape(), "the default one")
}

// TestNoOperator calls operators that torch.Op did not find.
func TestNoOperator(t *testing.T) {
	for _, op := range []*torch.OpOverload{nil, {}} {
		outs, err := op.Call([]any{torch.Ones([]int{2})}, nil)
		assert.Nil(t, outs)
		assert.EqualError(t, err, "torch.OpOverload.Call: there is no operator; torch.Op finds one")
	}
}
