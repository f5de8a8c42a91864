package torch_test

import (
	"bytes"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

const saved = "testdata/saved/" // scripts/golden/saved.py makes it

// load loads a file that Python saved.
func load[T any](t *testing.T, name string) T {
	t.Helper()
	value, err := torch.LoadAs[T](saved + name)
	require.NoError(t, err)
	return value
}

func TestLoadValues(t *testing.T) {
	huge := func(text string) *big.Int {
		n, ok := new(big.Int).SetString(text, 10)
		require.True(t, ok)
		return n
	}
	got, err := torch.Load(saved + "values.pt")
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"none": nil, "yes": true, "no": false, "text": "größer \u2713", "bytes": []byte{0, 'a', 0xff},
		"ints": []any{0, 255, 256, 65535, 65536, -1, math.MinInt32, math.MaxInt32 + 1, math.MaxInt64, math.MinInt64},
		"huge": []any{huge("9223372036854775808"), huge("-1180591620717411303424"),
			huge("1606938044258990275541962092341162602522202993782792835301376")},
		"floats": []any{0.0, 3.25, -1e300, math.Inf(1)}, "complex": 1.5 - 2i,
		"list": []any{1, []any{2, "x", []any{}}}, "tuple": torch.Tuple{},
		"tuples": []any{torch.Tuple{1}, torch.Tuple{1, 2}, torch.Tuple{1, "a", nil}, torch.Tuple{1, 2, 3, torch.Tuple{4}}},
		"dict":   map[string]any{"a": map[string]any{"b": map[string]any{}}}, "numbered": map[any]any{2: "two", 1: "one"},
		"mixed": map[any]any{1: "a", "b": 2}, "ordered": torch.OrderedDict{{"z", 1}, {"a", torch.OrderedDict{}}},
		"counter": torch.Counter{5: 1, 8: 2}, "size": torch.Tuple{2, 3}, "dtype": torch.BFloat16, "devices": []any{torch.CPU, torch.CUDA(1)},
	}, got)
}

// loadDTypes loads a tensor of each dtype.
func loadDTypes(t *testing.T) torch.OrderedDict {
	t.Helper()
	if torchtest.Old() {
		_, err := torch.Load(saved + "dtypes.pt")
		assert.Error(t, err)
		t.Skipf("libtorch %s lacks some of the dtypes", torch.Version())
	}
	return load[torch.OrderedDict](t, "dtypes.pt")
}

func TestLoadDTypes(t *testing.T) {
	dict := loadDTypes(t)
	require.Len(t, dict, 20)
	for _, item := range dict {
		x := item.Value.(*torch.Tensor)
		assert.Equal(t, "torch."+item.Key.(string), x.DType().String())
		want := []complex128{0, 1, 2, 3, 4, 1}
		if x.DType() == torch.Bool {
			want = []complex128{0, 1, 1, 1, 1, 1}
		}
		assert.Equal(t, want, torch.ToSlice[complex128](x), item.Key)
		assert.Equal(t, []int{2, 3}, x.Shape())
		assert.Equal(t, x.ElementSize(), x.DType().ItemSize())
	}
}

func TestLoadViews(t *testing.T) {
	views := load[map[string]*torch.Tensor](t, "views.pt")
	for name, want := range map[string]struct {
		shape, stride []int
		elements      []complex128
	}{
		"base":          {[]int{3, 4}, []int{4, 1}, []complex128{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"transposed":    {[]int{4, 3}, []int{1, 4}, []complex128{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
		"row":           {[]int{4}, []int{1}, []complex128{4, 5, 6, 7}},
		"column":        {[]int{3}, []int{4}, []complex128{2, 6, 10}},
		"scalar":        {[]int{}, []int{}, []complex128{11}},
		"tail":          {[]int{7}, []int{1}, []complex128{5, 6, 7, 8, 9, 10, 11}},
		"empty":         {[]int{0, 3}, []int{3, 1}, []complex128{}},
		"expanded":      {[]int{3, 2}, []int{0, 1}, []complex128{1, 1, 1, 1, 1, 1}},
		"channels_last": {[]int{1, 3, 2, 2}, []int{12, 1, 6, 3}, []complex128{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"conj":          {[]int{2}, []int{1}, []complex128{1 - 2i, 3 + 4i}},
		"neg":           {[]int{2}, []int{1}, []complex128{-5, 6}},
	} {
		x := views[name]
		assert.Equal(t, want.shape, x.Shape(), name)
		assert.Equal(t, want.stride, x.Stride(), name)
		assert.Equal(t, want.elements, torch.ToSlice[complex128](x), name)
	}
	assert.Same(t, views["base"], views["again"], "one tensor stays one")
	views["row"].FillInplace(50)
	assert.Equal(t, []float64{50, 50, 50, 50, 8, 9, 10, 11}, torch.ToSlice[float64](views["base"])[4:], "memory is shared")
	assert.Equal(t, []float64{50, 50, 50}, torch.ToSlice[float64](views["tail"])[:3])
	views["z"].FillInplace(2i)
	assert.Equal(t, []complex128{-2i, -2i}, torch.ToSlice[complex128](views["conj"]))
}

func TestLoadGradients(t *testing.T) {
	for name, x := range load[map[string]*torch.Tensor](t, "gradients.pt") {
		assert.Equal(t, name != "frozen", x.RequiresGrad(), name)
		assert.True(t, x.IsLeaf(), name)
	}
	x := load[map[string]*torch.Tensor](t, "gradients.pt")["parameter"]
	x.Mul(3).Sum().Backward()
	assert.Equal(t, []float64{3, 3}, torch.ToSlice[float64](x.Grad()))
	torch.NoGrad(func() { x.AddInplace(x.Grad()) })
	assert.Equal(t, []float64{4, 4}, torch.ToSlice[float64](x))
}

func TestLoadFails(t *testing.T) {
	before := torchtest.Settled()
	other := filepath.Join(t.TempDir(), "other.go")
	require.NoError(t, os.WriteFile(other, []byte("package torch\n"), 0o600))
	for path, want := range map[string]string{
		"none.pt":              "torch.Load: open none.pt: no such file or directory",
		"testdata":             "torch.Load: testdata: ",
		saved + "protocol4.pt": "torch.Load: " + saved + "protocol4.pt: at byte 0 of the pickle: protocol 4, want 2",
		saved + "global.pt":    "torch.Load: " + saved + "global.pt: at byte 5 of the pickle: the file names _io.BytesIO, which is not among",
		other:                  "torch.Load: " + other + ": not a PyTorch file",
	} {
		value, err := torch.Load(path)
		assert.ErrorContains(t, err, want)
		assert.Nil(t, value)
	}
	_, err := torch.LoadAs[map[string]int](saved + "views.pt")
	assert.EqualError(t, err, "torch.Load: "+saved+"views.pt: base: a tensor cannot be a int")
	assert.Equal(t, before, torchtest.LiveTensors(), "no tensor is left")
}

// Whatever is cut off a file, loading it fails and leaves nothing.
func TestLoadCutOff(t *testing.T) {
	data, err := os.ReadFile(saved + "views.pt")
	require.NoError(t, err)
	before := torchtest.Settled()
	for n := range data {
		_, err := torch.LoadFrom(bytes.NewReader(data[:n]), int64(n))
		require.ErrorContains(t, err, "torch.LoadFrom: ", "%d bytes", n)
	}
	damaged := bytes.Clone(data)
	at := bytes.Index(data, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40}) // 1, 2 of the storage
	damaged[at]++
	_, err = torch.LoadFrom(bytes.NewReader(damaged), int64(len(damaged)))
	assert.ErrorContains(t, err, `storage "0": zip: checksum error`)
	assert.Equal(t, before, torchtest.LiveTensors())
}

func TestMapLocation(t *testing.T) {
	// As if the file came from a machine with a GPU.
	id := pickle.Persistent{ID: pickle.Tuple{"storage", pickle.Global{Module: "torch", Name: "IntStorage"}, "0", "cuda:7", 4}}
	data, err := pickle.Write(&pickle.Call{Func: pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"},
		Args: pickle.Tuple{id, 1, pickle.Tuple{2}, pickle.Tuple{1}, false, nil}})
	require.NoError(t, err)
	r := torchtest.Archive(t, data)
	_, err = torch.LoadFrom(r, r.Size())
	assert.ErrorContains(t, err, "load it with MapLocation: torch.CPU")
	x, err := torch.LoadFrom(r, r.Size(), torch.LoadOptions{MapLocation: torch.CPU})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 0}, torch.ToSlice[int](x.(*torch.Tensor)))
	x, err = torch.LoadFrom(r, r.Size(), torch.LoadOptions{MapLocation: torch.Meta})
	require.NoError(t, err)
	assert.Equal(t, "tensor(..., device='meta', size=(2,), dtype=torch.int32)", x.(*torch.Tensor).String())
	assert.Equal(t, 1, x.(*torch.Tensor).StorageOffset())
}

type inner struct {
	LR    float32
	Steps []int64
	Small uint8
}

type outer struct {
	Name    string
	Inner   *inner
	Others  map[int]inner
	Words   map[string][]string `torch:"w"`
	X       *torch.Tensor
	Pair    torch.Tuple
	Any     any
	Seed    uint64
	Z       complex64
	DType   torch.DType
	Skipped int `torch:"-"`
	hidden  int `torch:"-"`
}

func TestStructs(t *testing.T) {
	x := torch.Ones([]int{2})
	o := outer{Name: "n", Inner: &inner{0.5, []int64{1, 2}, 3}, Others: map[int]inner{7: {LR: 1, Steps: []int64{}}},
		Words: map[string][]string{"a": {"b"}}, X: x, Pair: torch.Tuple{1, "x"}, Any: []any{1.5, nil}, Seed: math.MaxUint64, Z: 1i,
		DType: torch.Int8, Skipped: 1, hidden: 2}
	path := filepath.Join(t.TempDir(), "outer.pt")
	require.NoError(t, torch.Save(&o, path))
	got, err := torch.LoadAs[outer](path)
	require.NoError(t, err)
	assert.True(t, got.X.Equal(x))
	got.X = x
	o.Skipped, o.hidden = 0, 0
	assert.Equal(t, o, got)

	dict, err := torch.LoadAs[map[string]any](path)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"lr": 0.5, "steps": []any{1, 2}, "small": 3}, dict["inner"])
	again, err := torch.As[outer](dict)
	require.NoError(t, err)
	again.X = x
	assert.Equal(t, o, again)
	ordered, err := torch.As[torch.OrderedDict](torch.OrderedDict{{"b", 1}, {"a", nil}})
	require.NoError(t, err)
	assert.Equal(t, 1, ordered.Get("b"))
	assert.Nil(t, ordered.Get("c"))
}

func TestAsRefuses(t *testing.T) {
	for want, f := range map[string]func() error{
		"inner: lr: the string fast cannot be a float32": func() error {
			_, err := torch.As[outer](map[string]any{"inner": map[string]any{"lr": "fast"}})
			return err
		},
		"inner: small: the int 256 cannot be a uint8": func() error {
			_, err := torch.As[outer](map[string]any{"inner": map[string]any{"small": 256}})
			return err
		},
		"[1]: the bool true cannot be a int":    func() error { _, err := torch.As[[]int]([]any{1, true}); return err },
		"a tuple cannot be a string":            func() error { _, err := torch.As[string](torch.Tuple{}); return err },
		"a list cannot be a torch_test.outer":   func() error { _, err := torch.As[outer]([]any{}); return err },
		"a dict cannot be a []int":              func() error { _, err := torch.As[[]int](map[string]any{}); return err },
		"key x: the string x cannot be a int":   func() error { _, err := torch.As[map[int]int](map[string]any{"x": 1}); return err },
		"a complex128 cannot be a chan int":     func() error { _, err := torch.As[chan int](1i); return err },
		"the float64 1.5 cannot be a int":       func() error { _, err := torch.As[*int](1.5); return err },
		"the int 1 cannot be a map[string]bool": func() error { _, err := torch.As[map[string]bool](1); return err },
	} {
		assert.EqualError(t, f(), "torch.As: "+want)
	}
}

// A second options struct is an error of what returns errors.
func TestLoadRefusesSecondOptions(t *testing.T) {
	_, err := torch.Load(saved+"views.pt", torch.LoadOptions{}, torch.LoadOptions{})
	assert.ErrorContains(t, err, "2 torch.LoadOptions were given, want one at most")
}
