package torch_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// again saves a value and loads it.
func again[T any](t *testing.T, value any) T {
	t.Helper()
	path := filepath.Join(t.TempDir(), "value.pt")
	require.NoError(t, torch.Save(value, path))
	got, err := torch.LoadAs[T](path)
	require.NoError(t, err)
	return got
}

func TestSaveValues(t *testing.T) {
	want := load[any](t, "values.pt")
	assert.Equal(t, want, again[any](t, want))

	type name string
	n := 5
	assert.Equal(t, map[string]any{"name": "x", "array": []any{1, 2}, "pointer": 5, "none": nil, "c": 1 + 2i, "u": 7, "f": 0.5, "dtype": nil, "device": nil, "maps": map[any]any{-1: "a", 2: "b"}},
		again[any](t, map[name]any{"name": name("x"), "array": [2]int8{1, 2}, "pointer": &n, "none": (*int)(nil), "c": complex64(1 + 2i),
			"u": uint16(7), "f": float32(0.5), "dtype": torch.DType(0), "device": torch.Device{}, "maps": map[int8]name{2: "b", -1: "a"}}))
}

func TestSaveCounters(t *testing.T) {
	counter := torch.Counter{"a": 2, 3: -1}
	assert.Equal(t, map[string]any{"counter": counter, "none": torch.Counter{}},
		again[any](t, map[string]any{"counter": counter, "none": torch.Counter{}}))
	assert.Equal(t, map[int8]uint8{3: 1}, again[map[int8]uint8](t, torch.Counter{3: 1}))
	assert.Equal(t, torch.Counter{3: 1}, again[torch.Counter](t, map[int]int{3: 1}))
	_, err := torch.As[map[int]int](counter)
	assert.ErrorContains(t, err, "key a")
}

// A file is the same, byte for byte, each time.
func TestSaveIsDeterministic(t *testing.T) {
	value := map[string]any{"b": 1, "a": map[int]string{10: "x", 9: "y"}, "c": torch.Ones([]int{2})}
	var first, second bytes.Buffer
	require.NoError(t, torch.SaveTo(value, &first))
	require.NoError(t, torch.SaveTo(value, &second))
	assert.Equal(t, first.Bytes(), second.Bytes())
}

func TestSaveDTypes(t *testing.T) {
	for _, item := range loadDTypes(t) {
		x := item.Value.(*torch.Tensor)
		y := again[*torch.Tensor](t, x)
		assert.Equal(t, x.DType(), y.DType())
		assert.Equal(t, torch.ToSlice[complex128](x), torch.ToSlice[complex128](y), item.Key)
	}
}

func TestSaveTensors(t *testing.T) {
	views := load[map[string]*torch.Tensor](t, "views.pt")
	saved := again[map[string]*torch.Tensor](t, views)
	require.Len(t, saved, len(views))
	for name, x := range views {
		assert.Equal(t, torch.ToSlice[complex128](x), torch.ToSlice[complex128](saved[name]), name)
		assert.Equal(t, x.Stride(), saved[name].Stride(), name)
	}
	assert.Same(t, saved["base"], saved["again"])
	saved["row"].FillInplace(50)
	assert.Equal(t, 50., saved["tail"].Select(0, 0).Item(), "memory is shared")

	x := torch.Ones([]int{2}).SetRequiresGrad(true)
	list := again[[]*torch.Tensor](t, []*torch.Tensor{x, x.Mul(2), nil, torch.FromSlice([]int32{1, 2}).ViewDType(torch.Int64)})
	assert.True(t, list[0].RequiresGrad() && list[1].RequiresGrad() && list[1].IsLeaf())
	assert.Nil(t, list[2])
	assert.Equal(t, 1+2<<32, list[3].Int())
}

// A storage that is seen with several dtypes stays one; one is larger than what is
// copied at a time, and of a size that no dtype has.
func TestSaveStorages(t *testing.T) {
	floats := torch.NewTensor([]float32{1, 2, 3, 4})
	views := again[[]*torch.Tensor](t, []*torch.Tensor{floats, floats.ViewDType(torch.Int32)})
	views[0].FillInplace(0)
	assert.Equal(t, []int{0, 0, 0, 0}, torch.ToSlice[int](views[1]))

	odd := torch.Arange(0, 7, 1).To(torch.Uint8)
	short := odd.Narrow(0, 0, 6).ViewDType(torch.Int16)
	assert.Equal(t, torch.ToSlice[int](short), torch.ToSlice[int](again[*torch.Tensor](t, short)))

	large := torch.Arange(0, 5<<18, 1)
	assert.True(t, large.Equal(again[*torch.Tensor](t, large)))
}

// Within a scope the tensors that are loaded belong to it.
func TestLoadInScope(t *testing.T) {
	before := torchtest.Settled()
	torch.Scope(func() {
		views := again[map[string]*torch.Tensor](t, load[map[string]*torch.Tensor](t, "views.pt"))
		assert.Len(t, views, 13)
	})
	assert.Equal(t, before, torchtest.LiveTensors())
}

// Python follows links, asks the umask, and writes all names of a file.
func TestSaveAsPython(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	dir := t.TempDir()
	first, latest := filepath.Join(dir, "first.pt"), filepath.Join(dir, "latest.pt")
	require.NoError(t, os.Symlink("first.pt", latest))
	require.NoError(t, torch.Save(1, latest))
	require.NoError(t, os.Link(first, filepath.Join(dir, "copy.pt")))
	require.NoError(t, torch.Save(2, latest))
	for _, name := range []string{"first.pt", "latest.pt", "copy.pt"} {
		got, err := torch.LoadAs[int](filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, 2, got, name)
	}
	info, err := os.Stat(first)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	link, err := os.Readlink(latest)
	require.NoError(t, err)
	assert.Equal(t, "first.pt", link)
}

type selfish struct{ value any }

func (s selfish) SaveValue() any { return s.value }

func TestSaveFails(t *testing.T) {
	closed := torch.Ones([]int{1})
	closed.Close()
	var deep any
	for range 1100 {
		deep = []any{deep}
	}
	path := filepath.Join(t.TempDir(), "value.pt")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	for want, value := range map[string]any{
		"a: [1]: a chan int cannot be saved":                  map[string]any{"a": []any{1, make(chan int)}},
		"a func() cannot be saved":                            selfish{func() {}},
		"a nested tensor cannot be saved":                     torch.NestedTensor([]*torch.Tensor{torch.Ones([]int{1}), torch.Ones([]int{2})}),
		"memory format torch.channels_last cannot be saved":   torch.ChannelsLast,
		"only an OrderedDict has attributes":                  torch.Attributed{Dict: []any{}, Attributes: map[string]any{"a": 1}},
		"[1]: another key of the dict is the same in Python":  torch.Set{1, true},
		"[0]: a set cannot have it: a key of a dict is a *pi": torch.Set{[]any{}},
		"the tensor is closed":                                closed,
		"values are nested more than 1000 deep":               deep,
		"a string of 1 bytes is too long, or not ":            "\xff",
		"a key of a dict is a ":                               map[any]any{[1]any{&[]int{1}}: 1},
	} {
		err := torch.Save(value, path)
		assert.ErrorContains(t, err, "torch.Save: "+path+": ")
		assert.ErrorContains(t, err, want)
	}
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(old))
	assert.ErrorIs(t, torch.Save(1, filepath.Join(path+"s", "x")), os.ErrNotExist)
	full := errors.New("the disk is full")
	for n := range 8 {
		assert.ErrorIs(t, torch.SaveTo([]*torch.Tensor{torch.Ones([]int{2 << 20})}, &disk{n << 20, full}), full)
	}
}

// disk has so many bytes left.
type disk struct {
	left int
	full error
}

func (d *disk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, d.full
	}
	return len(p), nil
}

// Python's torch reads what Go saves, and finds what it saved itself before Go
// loaded it. "make python-check" runs this.
func TestPythonLoadsWhatGoSaves(t *testing.T) {
	python := torchtest.Python(t)
	args := []string{"../scripts/same_saved.py"}
	for _, name := range []string{"values", "dtypes", "views", "gradients", "state_dict", "checkpoint", "adam", "multistep", "meta",
		"containers", "layouts", "attributes", "bytes_of_dtypes", "legacy_values", "legacy_views", "legacy_layouts", "legacy_checkpoint", "big_endian"} {
		path := filepath.Join(t.TempDir(), name+".pt")
		value := load[any](t, name+".pt")
		if name == "state_dict" {
			value = load[torch.Attributed](t, name+".pt")
		}
		require.NoError(t, torch.Save(value, path))
		args = append(args, saved+name+".pt", path)
	}
	output, err := exec.Command(python, args...).CombinedOutput()
	assert.NoError(t, err, "%s", output)
}

func ExampleSave() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	type Checkpoint struct {
		Epoch   int
		Losses  []float64
		Weights map[string]*torch.Tensor
	}
	path := filepath.Join(dir, "checkpoint.pt")
	err = torch.Save(Checkpoint{3, []float64{0.5, 0.25}, map[string]*torch.Tensor{"w": torch.Arange(0, 3, 1)}}, path)
	if err != nil {
		panic(err)
	}
	checkpoint, err := torch.LoadAs[Checkpoint](path)
	if err != nil {
		panic(err)
	}
	fmt.Println(checkpoint.Epoch, checkpoint.Losses, checkpoint.Weights["w"])
	// Output: 3 [0.5 0.25] tensor([0, 1, 2])
}
