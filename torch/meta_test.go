package torch_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

var onMeta = torch.TensorOptions{Device: torch.Meta}

func ExampleMeta() {
	x := torch.Empty([]int{1 << 20, 1 << 20}, torch.TensorOptions{Device: torch.Meta}) // 4 TB, were they there
	y := x.Matmul(torch.Empty([]int{1 << 20, 3}, torch.TensorOptions{Device: torch.Meta})).Gt(0)
	fmt.Println(y)
	fmt.Println(y.IsMeta())
	// Output:
	// tensor(..., device='meta', size=(1048576, 3), dtype=torch.bool)
	// true
}

func TestMetaDevice(t *testing.T) {
	meta, err := torch.ParseDevice("meta")
	require.NoError(t, err)
	assert.Equal(t, torch.Meta, meta)
	assert.Equal(t, "meta", torch.Meta.String())
	assert.True(t, meta.IsMeta())
	assert.False(t, torch.CPU.IsMeta() || torch.CUDA(0).IsMeta() || torch.Device{}.IsMeta())
	x := torch.Ones([]int{2, 3}, onMeta)
	assert.Equal(t, torch.Meta, x.Device())
	assert.True(t, x.IsMeta())
	assert.False(t, torch.Ones([]int{1}).IsMeta())
}

func TestMetaShapes(t *testing.T) {
	before, random := cgotorch.LiveBytes(), torch.ToSlice[uint8](torch.RNGState())
	x := torch.Rand([]int{1 << 20, 1 << 20}, onMeta)
	w := torch.Empty([]int{1 << 20, 3}, torch.TensorOptions{Device: torch.Meta, RequiresGrad: true})
	y := x.Matmul(w).Add(torch.Ones([]int{})) // a CPU tensor without dimensions goes with any device
	assert.Equal(t, []int{1 << 20, 3}, y.Shape())
	y.Softmax(1).Sum().Backward()
	assert.Equal(t, w.Shape(), w.Grad().Shape())
	assert.True(t, w.Grad().IsMeta())
	assert.Less(t, cgotorch.LiveBytes(), before+1<<20, "it takes no memory")
	assert.Equal(t, random, torch.ToSlice[uint8](torch.RNGState()), "it draws no numbers")

	for name, made := range map[string]*torch.Tensor{
		"of values":   torch.NewTensor([][]int16{{1, 2, 3}}, onMeta),
		"to":          torch.Ones([]int{1, 3}, torch.TensorOptions{DType: torch.Int16}).To(torch.Meta),
		"copied into": torch.Empty([]int{1, 3}, torch.TensorOptions{Device: torch.Meta, DType: torch.Int16}).CopyInplace(torch.Ones([]int{3})),
	} {
		assert.Equal(t, "tensor(..., device='meta', size=(1, 3), dtype=torch.int16)", made.String(), name)
	}
	assert.Equal(t, []int{6, 2}, torch.Ones([]int{2, 6}, onMeta).T().Clone().Shape())
	assert.Equal(t, "torch.Tensor[2]{torch.float32, meta}", torch.Ones([]int{2}, onMeta).GoString())
}

func TestMetaHasNoValues(t *testing.T) {
	x, one := torch.Ones([]int{2}, onMeta), torch.Ones([]int{1}, onMeta)
	const noData, noItem = "Cannot copy out of meta tensor; no data!", "cannot be called on a meta tensor: it has no values"
	for name, c := range map[string]struct {
		f     func()
		kind  torch.ErrorKind
		words string
	}{
		"ToSlice":    {func() { torch.ToSlice[float32](x) }, torch.NotImplementedError, noData},
		"To":         {func() { x.To(torch.CPU) }, torch.NotImplementedError, noData},
		"copy":       {func() { torch.Ones([]int{2}).CopyInplace(x) }, torch.NotImplementedError, noData},
		"Item":       {func() { one.Item() }, torch.RuntimeError, noItem},
		"Int":        {func() { one.Int() }, torch.RuntimeError, noItem},
		"Bool":       {func() { one.Bool() }, torch.RuntimeError, noItem},
		"Complex":    {func() { one.Complex() }, torch.RuntimeError, noItem},
		"Equal":      {func() { x.Equal(x.Clone()) }, torch.NotImplementedError, "aten::equal"},
		"Nonzero":    {func() { x.Nonzero() }, torch.NotImplementedError, "aten::nonzero"},
		"two places": {func() { x.Add(torch.Ones([]int{2})) }, anyKind, "meta"},
		"generator":  {func() { torch.NewGenerator(torch.Meta) }, anyKind, "META"},
	} {
		t.Run(name, func(t *testing.T) {
			e := torchtest.Fails(t, c.f)
			assert.ErrorContains(t, e, c.words)
			if c.kind != anyKind {
				assert.Equal(t, c.kind, e.Kind)
			}
		})
	}
}

func TestMetaFiles(t *testing.T) {
	want := map[string]string{
		"x":          "tensor(..., device='meta', size=(3, 2), dtype=torch.float16)",
		"transposed": "tensor(..., device='meta', size=(2, 3), dtype=torch.float16)",
		"huge":       "tensor(..., device='meta', size=(1048576, 1048576))",
		"parameter":  "tensor(..., device='meta', size=(2,), requires_grad=True)",
	}
	tensors := load[map[string]*torch.Tensor](t, "meta.pt")
	path := filepath.Join(t.TempDir(), "meta.pt")
	require.NoError(t, torch.Save(tensors, path))
	again, err := torch.LoadAs[map[string]*torch.Tensor](path)
	require.NoError(t, err)
	for name, text := range want {
		assert.Equal(t, text, tensors[name].String())
		assert.Equal(t, text, again[name].String())
	}
	assert.Equal(t, []int{1, 2}, again["transposed"].Stride())
}
