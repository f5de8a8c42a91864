package torch_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func ExampleWithDevice() {
	torch.WithDevice(torch.Meta, func() {
		fmt.Println(torch.DefaultDevice(), torch.Zeros([]int{2, 3}))
		fmt.Println(torch.Zeros([]int{2}, torch.TensorOptions{Device: torch.CPU}))
	})
	fmt.Println(torch.DefaultDevice(), torch.Zeros([]int{2}))
	// Output:
	// meta tensor(..., device='meta', size=(2, 3))
	// tensor([0., 0.])
	// cpu tensor([0., 0.])
}

// factories make tensors from nothing, as torch.utils._device lists them in Python.
var factories = map[string]func() *torch.Tensor{
	"Empty":         func() *torch.Tensor { return torch.Empty([]int{2}) },
	"EmptyPermuted": func() *torch.Tensor { return torch.EmptyPermuted([]int{2, 3}, []int{1, 0}) },
	"EmptyStrided":  func() *torch.Tensor { return torch.EmptyStrided([]int{2}, []int{1}) },
	"Ones":          func() *torch.Tensor { return torch.Ones([]int{2}) },
	"Zeros":         func() *torch.Tensor { return torch.Zeros([]int{2}) },
	"Full":          func() *torch.Tensor { return torch.Full([]int{2}, 3) },
	"Eye":           func() *torch.Tensor { return torch.Eye(2) },
	"Arange":        func() *torch.Tensor { return torch.Arange(0, 3, 1) },
	"Range":         func() *torch.Tensor { return torch.Range(0, 3, 1) },
	"Linspace":      func() *torch.Tensor { return torch.Linspace(0, 1, 3) },
	"Logspace":      func() *torch.Tensor { return torch.Logspace(0, 1, 3) },
	"Rand":          func() *torch.Tensor { return torch.Rand([]int{2}) },
	"Randn":         func() *torch.Tensor { return torch.Randn([]int{2}) },
	"Randint":       func() *torch.Tensor { return torch.Randint(0, 9, []int{2}) },
	"ScalarTensor":  func() *torch.Tensor { return torch.ScalarTensor(3) },
	"NewTensor":     func() *torch.Tensor { return torch.NewTensor([]int{1, 2}) },
	"HannWindow":    func() *torch.Tensor { return torch.HannWindow(4) },
	"KaiserWindow":  func() *torch.Tensor { return torch.KaiserWindow(4) },
	"SparseCOOTensor": func() *torch.Tensor {
		return torch.SparseCOOTensor(torch.FromSlice([]int{0}, 1, 1), torch.FromSlice([]float32{1}), torch.SparseOptions{Size: []int{2}})
	},
}

// unmade are factories that libtorch lacks the rules of for meta tensors.
var unmade = map[string]func() *torch.Tensor{
	"Randperm":    func() *torch.Tensor { return torch.Randperm(3) },
	"TrilIndices": func() *torch.Tensor { return torch.TrilIndices(2, 2) },
	"TriuIndices": func() *torch.Tensor { return torch.TriuIndices(2, 2) },
}

// others make tensors from a tensor, memory or a file.
var others = map[string]func(x *torch.Tensor) *torch.Tensor{
	"ZerosLike": func(x *torch.Tensor) *torch.Tensor { return torch.ZerosLike(x) },
	"FullLike":  func(x *torch.Tensor) *torch.Tensor { return torch.FullLike(x, 2) },
	"RandLike":  func(x *torch.Tensor) *torch.Tensor { return torch.RandLike(x) },
	"NewOnes":   func(x *torch.Tensor) *torch.Tensor { return x.NewOnes([]int{2}) },
	"FromSlice": func(*torch.Tensor) *torch.Tensor { return torch.FromSlice([]float32{1}) },
	"Normal":    func(*torch.Tensor) *torch.Tensor { return torch.Normal(0.0, 1.0, torch.NormalOptions{Size: []int{2}}) },
	"To":        func(x *torch.Tensor) *torch.Tensor { return x.To(torch.Float64) },
	"RNGState":  func(*torch.Tensor) *torch.Tensor { return torch.RNGState() },
	"FromFile": func(*torch.Tensor) *torch.Tensor {
		return torch.FromFile("testdata/print.json", torch.FromFileOptions{Size: 4, TensorOptions: torch.TensorOptions{DType: torch.Uint8}})
	},
}

func TestDefaultDeviceOfFactories(t *testing.T) {
	x := torch.Ones([]int{2})
	torch.WithDevice(torch.Meta, func() {
		for name, f := range factories {
			var made *torch.Tensor
			err := torch.Try(func() { made = f() })
			if torchtest.Old() && err != nil {
				t.Log(err) // it has fewer operators and rules
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, torch.Meta, made.Device(), name)
		}
		for name, f := range unmade {
			err := torch.Try(func() { f() })
			assert.ErrorContains(t, err, "device meta", name)
		}
		for name, f := range others {
			assert.Equal(t, torch.CPU, f(x).Device(), name)
		}
	})
	assert.Equal(t, torch.CPU, torch.Ones([]int{2}).Device())
}

func TestSetDefaultDevice(t *testing.T) {
	defer torch.SetDefaultDevice(torch.Device{})
	for _, device := range []torch.Device{torch.Meta, torch.CUDA(3), torch.CPU, torch.Meta} {
		torch.SetDefaultDevice(device)
		assert.Equal(t, device, torch.DefaultDevice())
	}
	path := filepath.Join(t.TempDir(), "x.pt")
	require.NoError(t, torch.Save(torch.FromSlice([]float32{1, 2}), path))
	loaded, err := torch.Load(path)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2}, floats(loaded.(*torch.Tensor)), "a file is read as ever")
	elsewhere := make(chan torch.Device)
	torch.WithDevice(torch.CPU, func() {
		assert.Equal(t, torch.CPU, torch.Ones([]int{1}).Device())
		torch.WithDevice(torch.CUDA(1), func() { assert.Equal(t, torch.CUDA(1), torch.DefaultDevice()) })
		go func() { elsewhere <- torch.Ones([]int{1}).Device() }()
		assert.Equal(t, torch.Meta, <-elsewhere, "another goroutine has the default of all")
		assert.Equal(t, torch.CPU, torch.DefaultDevice())
	})
	assert.Equal(t, torch.Meta, torch.Ones([]int{1}).Device())
	torch.SetDefaultDevice(torch.Device{})
	assert.Equal(t, torch.CPU, torch.Ones([]int{1}).Device())
}

// TestWithDeviceInMany runs goroutines that change threads within the default
// devices of others.
func TestWithDeviceInMany(t *testing.T) {
	var all sync.WaitGroup
	for i := range 32 {
		want := []torch.Device{torch.CPU, torch.Meta}[i%2]
		all.Go(func() {
			for range 50 {
				make := func() { assert.Equal(t, want, torch.Ones([]int{1}).Device()) }
				if want.IsMeta() {
					torch.WithDevice(torch.Meta, make)
				} else {
					make()
				}
			}
		})
	}
	all.Wait()
	assert.Panics(t, func() { torch.WithDevice(torch.Meta, func() { panic("in f") }) })
	assert.Equal(t, torch.CPU, torch.DefaultDevice(), "a panic leaves nothing behind")
}
